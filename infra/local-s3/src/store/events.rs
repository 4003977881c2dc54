//! Event notifications: recorded with the object they announce, handed out until delivered.

use std::{
    collections::BTreeSet,
    pin::pin,
    sync::{Mutex, MutexGuard, PoisonError},
};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rusqlite::{Connection, Row, params};
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::{NewObject, Store, StoreInner, WriteTransaction};
use crate::{
    Error, REGION,
    error::{Outcome, StoreError},
};

/// What S3 leaves as it is in the keys of events and listings. Spaces, which become `+`, are
/// treated after it.
const IN_KEYS: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'*').remove(b'/').remove(b' ');

/// How an object came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ObjectEventKind {
    Put,
    Copy,
    CompleteMultipartUpload,
}

impl ObjectEventKind {
    fn event_name(self) -> &'static str {
        match self {
            Self::Put => "ObjectCreated:Put",
            Self::Copy => "ObjectCreated:Copy",
            Self::CompleteMultipartUpload => "ObjectCreated:CompleteMultipartUpload",
        }
    }
}

/// Names an event within its store. Later events have greater ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId(i64);

/// An object was created under the prefix that is watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// What [`Store::delivered`] and [`Store::retry`] want to know.
    pub id: EventId,
    /// The bucket of the object.
    pub bucket: String,
    /// The key of the object, as it is; in the notification it is url-encoded.
    pub key: String,
    /// The notification in the form S3 gives to functions: `{"Records": [...]}` with one record.
    pub notification: Value,
}

/// Which events are in somebody's hands. Not kept on disk: after a restart nothing is.
#[derive(Default)]
pub(super) struct Outbox {
    in_hand: Mutex<BTreeSet<EventId>>,
    changed: Notify,
}

impl Outbox {
    fn in_hand(&self) -> MutexGuard<'_, BTreeSet<EventId>> {
        self.in_hand.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells those who wait that there is something new, or something old again.
    pub(super) fn wake(&self) {
        self.changed.notify_waiters();
    }
}

impl Store {
    /// Waits for an event that is neither delivered nor in anybody's hands: the oldest such.
    /// Whoever gets one calls [`Self::delivered`] or [`Self::retry`]; an event for which neither
    /// was called is handed out again by the next process that opens the store, so every event is
    /// handed out at least once.
    ///
    /// Dropping the future before it completes loses nothing.
    ///
    /// # Errors
    /// If the metadata cannot be read.
    pub async fn next_event(&self) -> Result<Event, Error> {
        loop {
            let mut changed = pin!(self.0.outbox.changed.notified());
            // Listening begins before looking, so that nothing can happen in between.
            changed.as_mut().enable();
            match self
                .run(StoreInner::oldest_waiting_event)
                .await
                .map_err(StoreError::into_error)?
            {
                // No await between this and the return: an event is never taken by a future that
                // was dropped.
                Some(event) if self.0.outbox.in_hand().insert(event.id) => return Ok(event),
                // Another caller was faster.
                Some(_) => {}
                None => changed.await,
            }
        }
    }

    /// Forgets an event: it has had its effect. Harmless if repeated.
    ///
    /// # Errors
    /// If the metadata cannot be written; the event is then handed out again after a restart.
    pub async fn delivered(&self, id: EventId) -> Result<(), Error> {
        let forgotten = self.run(move |inner| inner.write(|writing| writing.forget(id))).await;
        forgotten.map_err(StoreError::into_error)?;
        self.0.outbox.in_hand().remove(&id);
        Ok(())
    }

    /// Gives an event back, to be handed out again. When to call it, at once or after a pause, is
    /// the caller's choice.
    pub fn retry(&self, id: EventId) {
        self.0.outbox.in_hand().remove(&id);
        self.0.outbox.wake();
    }
}

impl StoreInner {
    fn oldest_waiting_event(&self) -> Outcome<Option<Event>> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT id, name, bucket, key, size, etag, recorded_ms FROM events ORDER BY id",
            )?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                if !self.outbox.in_hand().contains(&EventId(row.get(0)?)) {
                    return Ok(Some(event_of(row)?));
                }
            }
            Ok(None)
        })
    }
}

impl WriteTransaction<'_> {
    /// Records that an object was created, if anybody wants to know.
    pub(super) fn announce(&mut self, new: &NewObject) -> Outcome<()> {
        if !new.key.starts_with(self.notify_prefix) {
            return Ok(());
        }
        self.transaction
            .prepare_cached("INSERT INTO events (name, bucket, key, size, etag, recorded_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
            .execute(params![new.happening.event_name(), new.bucket, new.key, new.size, new.etag, self.now_ms])?;
        self.announced = true;
        Ok(())
    }

    fn forget(&mut self, id: EventId) -> Outcome<()> {
        let connection: &Connection = &self.transaction;
        connection.prepare_cached("DELETE FROM events WHERE id = ?1")?.execute([id.0])?;
        Ok(())
    }
}

fn event_of(row: &Row<'_>) -> Outcome<Event> {
    let id: i64 = row.get(0)?;
    let (bucket, key): (String, String) = (row.get(2)?, row.get(3)?);
    let record = json!({
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": REGION,
        "eventTime": event_time(row.get(6)?),
        "eventName": row.get::<_, String>(1)?,
        "userIdentity": { "principalId": "local" },
        "requestParameters": { "sourceIPAddress": "127.0.0.1" },
        "responseElements": { "x-amz-request-id": format!("{id:016X}"), "x-amz-id-2": "local" },
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "local",
            "bucket": {
                "name": bucket,
                "ownerIdentity": { "principalId": "local" },
                "arn": format!("arn:aws:s3:::{bucket}"),
            },
            "object": {
                "key": encode_key(&key),
                "size": row.get::<_, u64>(4)?,
                "eTag": row.get::<_, String>(5)?,
                "sequencer": format!("{id:018X}"),
            },
        },
    });
    Ok(Event { id: EventId(id), bucket, key, notification: json!({ "Records": [record] }) })
}

fn event_time(ms: i64) -> String {
    let time = jiff::Timestamp::from_millisecond(ms).unwrap_or_default();
    format!("{time:.3}")
}

/// Encodes a key as S3 does in events and in listings with `encoding-type=url`: a space as `+`,
/// slashes as they are.
pub(super) fn encode_key(key: &str) -> String {
    utf8_percent_encode(key, IN_KEYS).to_string().replace(' ', "+")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_encoded_as_s3_does() {
        assert_eq!(encode_key("incoming/red flower+é.jpg"), "incoming/red+flower%2B%C3%A9.jpg");
    }

    #[test]
    fn an_event_time_always_has_milliseconds() {
        assert_eq!(event_time(0), "1970-01-01T00:00:00.000Z");
    }
}
