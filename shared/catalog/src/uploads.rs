//! Uploads: their states, and the artifact that a verified one becomes.

use slipway_domain::audit::EventType;
use slipway_domain::page::Page;
use slipway_domain::upload::{Upload, UploadFailure, UploadStatus, VerificationProgress};
use slipway_domain::{Error, Result, Timestamp, UploadId};

use crate::artifacts::artifact_row;
use crate::audit::AuditContext;
use crate::audited;
use crate::authorization::Protected;
use crate::schema::{self, EntityKind, Index};
use crate::store::{KeyQuery, Reader, Row, StartKey, Stored, Transaction, Writer};
use crate::upload_events::record_upload;

/// How long an upload can be looked up after its URLs stopped working.
pub(crate) const RETENTION: jiff::SignedDuration = jiff::SignedDuration::from_hours(24 * 30);

/// What became of the record of a verification's progress.
#[derive(Debug, Clone, PartialEq)]
pub enum ProgressRecord {
    /// It is recorded.
    Recorded(Stored<Upload>),
    /// Nothing was recorded: the upload has ended, or another run has got at least as far.
    Overtaken(Stored<Upload>),
}

impl Reader {
    /// The upload with this id, if the principal may touch it.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get_upload(&self, id: &UploadId) -> Result<Stored<Upload>> {
        self.find(&schema::upload(id)).await?.ok_or_else(|| Error::not_found("upload", id))
    }

    /// A page of the uploads whose verification has made no progress since `before`, those that
    /// rest for the shortest time first. What has made some a moment ago may still be among them.
    pub async fn list_resting_uploads(
        &self,
        before: Timestamp,
        limit: usize,
        start: Option<StartKey>,
    ) -> Result<Page<Upload, StartKey>> {
        let partition = schema::kind_partition(EntityKind::VerifyingUpload);
        let listing = KeyQuery::of_index_below(Index::ByKind, partition, schema::time(before));
        self.list(&[listing], limit, start, |_| true).await
    }
}

impl Writer {
    /// Stores a new upload.
    pub async fn create_upload(&self, upload: &Upload, audit: &AuditContext) -> Result<()> {
        self.begin_upload(upload, EventType::UploadInitiated, audit).await
    }

    /// Stores an upload whose bytes have arrived before anybody has declared their size and digest:
    /// that it was initiated has been recorded then.
    pub async fn declare_upload(&self, upload: &Upload, audit: &AuditContext) -> Result<()> {
        self.begin_upload(upload, EventType::UploadDeclared, audit).await
    }

    async fn begin_upload(
        &self,
        upload: &Upload,
        event: EventType,
        audit: &AuditContext,
    ) -> Result<()> {
        self.authorize_change(upload.resource())?;
        self.table
            .transact(|mut tx| async move {
                tx.create(row(upload)?)?;
                let recorded = (event, audited::created(upload)?);
                record_upload(&mut tx, upload.release.as_ref(), recorded, audit)?;
                Ok(tx.returning(()))
            })
            .await
    }

    /// Notes that the bytes are there, and how far their verification has got: the upload is
    /// `verifying`. Nothing is noted where it has ended in the meantime, or another run has got at
    /// least as far.
    pub async fn record_upload_progress(
        &self,
        upload: &Stored<Upload>,
        progress: VerificationProgress,
    ) -> Result<ProgressRecord> {
        let next = Upload { status: UploadStatus::Verifying, progress, ..upload.value.clone() };
        let is_overtaken =
            |current: &Upload| !current.is_open() || current.progress.is_level_with(&next.progress);
        let stored = self.advance(upload.clone(), next.clone(), is_overtaken, |_| Ok(())).await?;
        Ok(if stored.value == next {
            ProgressRecord::Recorded(stored)
        } else {
            ProgressRecord::Overtaken(stored)
        })
    }

    /// Turns a verified upload into its artifact. The first one who says so has done it.
    pub async fn complete_upload(
        &self,
        upload: Stored<Upload>,
        audit: &AuditContext,
    ) -> Result<Stored<Upload>> {
        let available = ended_as(UploadStatus::Available, &upload.value);
        let (artifact, release) = (available.artifact(audit.now), available.release.clone());
        self.advance(upload, available, never, |tx| {
            tx.create(artifact_row(&artifact)?)?;
            let recorded = (EventType::UploadVerified, audited::created(&artifact)?);
            record_upload(tx, release.as_ref(), recorded, audit)
        })
        .await
    }

    /// Ends an upload whose bytes are not the announced ones, or can't be verified.
    pub async fn fail_upload(
        &self,
        upload: Stored<Upload>,
        failure: UploadFailure,
        audit: &AuditContext,
    ) -> Result<Stored<Upload>> {
        let failed = failed(failure, &upload.value);
        self.end(upload, failed, never, EventType::UploadFailed, audit).await
    }

    /// Ends an upload whose verification was seen to be stalled, unless it has made progress since.
    pub async fn fail_stalled_upload(
        &self,
        upload: Stored<Upload>,
        failure: UploadFailure,
        audit: &AuditContext,
    ) -> Result<Stored<Upload>> {
        let (seen, failed) = (upload.value.progress.clone(), failed(failure, &upload.value));
        let has_moved = |current: &Upload| current.progress != seen;
        self.end(upload, failed, has_moved, EventType::UploadFailed, audit).await
    }

    /// Ends an upload that its client gave up.
    pub async fn abort_upload(
        &self,
        upload: Stored<Upload>,
        audit: &AuditContext,
    ) -> Result<Stored<Upload>> {
        let aborted = ended_as(UploadStatus::Aborted, &upload.value);
        self.end(upload, aborted, never, EventType::UploadAborted, audit).await
    }

    async fn end(
        &self,
        seen: Stored<Upload>,
        next: Upload,
        is_overtaken: impl Fn(&Upload) -> bool,
        event: EventType,
        audit: &AuditContext,
    ) -> Result<Stored<Upload>> {
        // What an upload has ended from is one of two states; the first one that was seen is told.
        let (subject, release) = (audited::updated(&seen.value, &next)?, next.release.clone());
        let record = |tx: &mut Transaction<'_, Stored<Upload>>| {
            record_upload(tx, release.as_ref(), (event, subject.clone()), audit)
        };
        self.advance(seen, next, is_overtaken, record).await
    }

    /// Moves an upload from the state that was seen to the next one. Where it has moved on already,
    /// what became of it is the answer, if it has ended or `is_overtaken` says so of it, else the
    /// move is made from there.
    async fn advance(
        &self,
        seen: Stored<Upload>,
        next: Upload,
        is_overtaken: impl Fn(&Upload) -> bool,
        also: impl Fn(&mut Transaction<'_, Stored<Upload>>) -> Result<()>,
    ) -> Result<Stored<Upload>> {
        let (next, is_overtaken, also, seen_rev) = (&next, &is_overtaken, &also, seen.rev);
        let mut seen = Some(seen);
        self.table
            .transact(|mut tx| {
                let seen = seen.take();
                async move {
                    let current = match seen {
                        Some(seen) => seen,
                        None => self.get_upload(&next.upload_id).await?,
                    };
                    let Stored { value, rev } = self.to_change(current)?;
                    // What has ended stays as it ended, whoever it was that read it before.
                    let is_overtaken = rev.get() != seen_rev && is_overtaken(&value);
                    if is_overtaken || !value.is_open() {
                        return Ok(tx.returning(Stored { value, rev: rev.get() }));
                    }
                    tx.replace(row(next)?, rev)?;
                    also(&mut tx)?;
                    Ok(tx.returning(Stored { value: next.clone(), rev: rev.get() + 1 }))
                }
            })
            .await
    }
}

/// Progress of others does not keep an upload from ending.
fn never(_: &Upload) -> bool {
    false
}

fn failed(failure: UploadFailure, upload: &Upload) -> Upload {
    Upload { failure: Some(failure), ..ended_as(UploadStatus::Failed, upload) }
}

fn ended_as(status: UploadStatus, upload: &Upload) -> Upload {
    Upload { status, progress: VerificationProgress::default(), ..upload.clone() }
}

/// The row, which the index has as long as the upload is being verified.
fn row(upload: &Upload) -> Result<Row> {
    let end = upload.expires_at.saturating_add(RETENTION).unwrap_or(upload.expires_at);
    let row = Row::new(schema::upload(&upload.upload_id), upload)?.expires_at(end);
    Ok(match upload.progress.recorded_at.filter(|_| upload.status == UploadStatus::Verifying) {
        Some(at) => {
            row.indexed(schema::by_kind(EntityKind::VerifyingUpload, at, upload.upload_id.as_str()))
        }
        None => row,
    })
}
