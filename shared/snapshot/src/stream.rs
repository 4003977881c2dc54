//! Snapshots as the catalog stores them, and the streams that they belong to.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::assembly::Contents;
use super::channels::{ChannelSet, StreamId};
use super::generation::GenerationMode;
use super::manifest::Manifest;
use slipway_domain::key::KeyRing;
use slipway_domain::page::Listed;
use slipway_domain::{Channel, Code, Error, GenerationId, Result, Sha256, SnapshotId, TenantId};

/// Limit of streams in use per tenant. Each one gets a new snapshot with every change.
pub const MAX_STREAMS: usize = 16;

/// A snapshot without its manifest. Immutable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Snapshot {
    /// Id of the snapshot.
    pub snapshot_id: SnapshotId,
    /// Id of the tenant.
    pub tenant_id: TenantId,
    /// Time of creation, RFC 3339, UTC.
    #[schemars(with = "slipway_domain::page::Rfc3339")]
    pub created_at: Timestamp,
    /// Time of expiry, RFC 3339, UTC. Mirrors reject the snapshot after it.
    #[schemars(with = "slipway_domain::page::Rfc3339")]
    pub expires_at: Timestamp,
    /// Id of the snapshot's stream.
    pub stream: StreamId,
    /// Channels that the snapshot covers.
    pub channels: BTreeSet<Channel>,
    /// Sequence number within the stream, from 1.
    pub sequence: u64,
    /// Number of releases in the snapshot.
    pub release_count: usize,
    /// Number of distinct artifacts in the snapshot.
    pub artifact_count: usize,
    /// SHA-256 digest of its releases in canonical form (RFC 8785). Equal digests mean equal
    /// contents.
    pub content_digest: Sha256,
    /// Id of the key that signed the manifest.
    pub key_id: String,
    /// Size of the signed manifest in bytes.
    pub manifest_bytes: u64,
    /// Size of the bundle in bytes.
    pub bundle_bytes: u64,
}

impl Listed for Snapshot {
    const MEMBER: &'static str = "snapshots";
}

/// A snapshot stream: a tenant's snapshots of one channel set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotStream {
    /// Id of the tenant.
    pub tenant_id: TenantId,
    /// Channels that the stream covers.
    pub channels: ChannelSet,
    /// The latest snapshot; `None` before the first one.
    pub latest: Option<Snapshot>,
    /// Id of the generation that made the latest snapshot, if a work item did. Makes a work item
    /// that is delivered twice idempotent.
    pub generation_id: Option<GenerationId>,
    /// Time at which the stream was deleted; `None` while it is in use. Its row stays: once its
    /// channels are asked for again, `sequence` goes on, because mirrors refuse a lower one.
    pub deleted_at: Option<Timestamp>,
}

impl SnapshotStream {
    /// A stream without snapshots.
    #[must_use]
    pub fn new(tenant_id: TenantId, channels: ChannelSet) -> Self {
        Self { tenant_id, channels, latest: None, generation_id: None, deleted_at: None }
    }

    /// Whether the stream is in use: it answers, and gets new snapshots.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.deleted_at.is_none()
    }

    /// The stream, deleted at `now`; `None` if it is deleted already.
    ///
    /// # Errors
    /// `stale_state` for the stream of all channels, which every tenant has.
    pub fn deleted(&self, now: Timestamp) -> Result<Option<Self>> {
        if self.channels == ChannelSet::All {
            let message =
                "every tenant has the stream of all channels; suspend the tenant to end it";
            return Err(Error::new(Code::StaleState, message));
        }
        Ok(self.is_active().then(|| Self { deleted_at: Some(now), ..self.clone() }))
    }

    /// Sequence number of the latest snapshot; 0 before the first one.
    #[must_use]
    pub fn sequence(&self) -> u64 {
        self.latest.as_ref().map_or(0, |latest| latest.sequence)
    }

    /// The latest snapshot if its content digest is `digest`, more than half of its lifetime is
    /// left, and its signature stays valid until it expires.
    fn unchanged(&self, digest: &Sha256, ring: &KeyRing, now: Timestamp) -> Option<&Snapshot> {
        let latest = self
            .latest
            .as_ref()
            .filter(|latest| latest.content_digest == *digest && !latest.is_ageing(now));
        latest.filter(|latest| ring.is_valid_until(&latest.key_id, latest.expires_at))
    }

    /// The existing snapshot that makes a new one unnecessary: the one that this very `generation`
    /// made, or, unless a new one is always wanted, the latest one if it is current.
    #[must_use]
    pub fn current_for(
        &self,
        digest: &Sha256,
        demand: GenerationMode,
        generation: Option<&GenerationId>,
        ring: &KeyRing,
        now: Timestamp,
    ) -> Option<&Snapshot> {
        if generation.is_some() && self.generation_id.as_ref() == generation {
            return self.latest.as_ref();
        }
        if !self.is_active() {
            return None;
        }
        match demand {
            GenerationMode::IfChanged => self.unchanged(digest, ring, now),
            GenerationMode::Always => None,
        }
    }

    /// The manifest of the next snapshot.
    #[must_use]
    pub fn next(
        &self,
        id: SnapshotId,
        contents: Contents,
        digest: Sha256,
        lifetime: SignedDuration,
        now: Timestamp,
    ) -> Manifest {
        Manifest {
            snapshot_id: id,
            tenant_id: self.tenant_id.clone(),
            created_at: now,
            expires_at: now.checked_add(lifetime).unwrap_or(Timestamp::MAX),
            stream: self.channels.stream_id(),
            channels: contents.channels,
            sequence: self.sequence() + 1,
            previous_snapshot_id: self.latest.as_ref().map(|latest| latest.snapshot_id.clone()),
            content_digest: digest,
            releases: contents.releases,
        }
    }

    /// The latest snapshots of those among the `streams` that cover `wanted`, newest first.
    #[must_use]
    pub fn latest_covering(streams: Vec<Self>, wanted: &ChannelSet) -> Vec<Snapshot> {
        let active = streams.into_iter().filter(Self::is_active);
        let covering = active.filter(|stream| stream.channels.covers(wanted));
        let mut latest: Vec<Snapshot> = covering.filter_map(|stream| stream.latest).collect();
        latest.sort_by(|a, b| (b.created_at, &b.stream).cmp(&(a.created_at, &a.stream)));
        latest
    }
}

impl Snapshot {
    fn is_ageing(&self, now: Timestamp) -> bool {
        let half = self.expires_at.duration_since(self.created_at) / 2;
        now.duration_since(self.created_at) >= half
    }
}

#[cfg(test)]
mod tests {
    use slipway_domain::key::{KeyCustody, KeyPurpose, SigningKey};

    use super::*;

    fn snapshot(channels: &ChannelSet, at: i64) -> Snapshot {
        let created_at = Timestamp::from_second(at).unwrap();
        Snapshot {
            snapshot_id: format!("snapshot_{at}").parse().unwrap(),
            tenant_id: "tenant_a".parse().unwrap(),
            created_at,
            expires_at: created_at + SignedDuration::from_secs(100),
            stream: channels.stream_id(),
            channels: BTreeSet::new(),
            sequence: 1,
            release_count: 0,
            artifact_count: 0,
            content_digest: Sha256::of(b""),
            key_id: "key".to_owned(),
            manifest_bytes: 1,
            bundle_bytes: 1,
        }
    }

    fn stream(channels: Option<&[&str]>, at: i64) -> SnapshotStream {
        let set = ChannelSet::of(
            channels.map(|names| names.iter().map(|name| name.parse().unwrap()).collect()),
        )
        .unwrap();
        SnapshotStream {
            latest: Some(snapshot(&set, at)),
            ..SnapshotStream::new("tenant_a".parse().unwrap(), set)
        }
    }

    #[test]
    fn the_newest_stream_that_has_all_channels_answers() {
        let streams =
            [stream(None, 10), stream(Some(&["stable", "beta"]), 20), stream(Some(&["beta"]), 30)];
        let wanted = ChannelSet::of(Some(["stable".parse().unwrap()].into())).unwrap();
        let latest = |of: &[usize]| -> Vec<Snapshot> {
            of.iter().map(|index| streams[*index].latest.clone().unwrap()).collect()
        };
        let covering = |wanted| SnapshotStream::latest_covering(streams.to_vec(), &wanted);
        assert_eq!(covering(wanted), latest(&[1, 0]));
        let internal = ChannelSet::of(Some(["internal".parse().unwrap()].into())).unwrap();
        assert_eq!(covering(internal), latest(&[0]));
    }

    /// A ring whose one key, which signed all snapshots here, is valid until `end`.
    fn ring(end: Option<i64>) -> KeyRing {
        let not_after = end.map(|end| Timestamp::from_second(end).unwrap());
        let key = SigningKey {
            kid: "key".to_owned(),
            purpose: KeyPurpose::Snapshot,
            public_key: String::new(),
            not_before: Timestamp::UNIX_EPOCH,
            not_after,
            custody: KeyCustody::File { name: String::new() },
        };
        KeyRing { keys: vec![key] }
    }

    #[test]
    fn a_snapshot_stands_until_half_of_its_time_is_over() {
        let (stream, ring) = (stream(None, 0), ring(None));
        let at = |seconds| Timestamp::from_second(seconds).unwrap();
        assert!(stream.unchanged(&Sha256::of(b""), &ring, at(49)).is_some());
        assert!(stream.unchanged(&Sha256::of(b""), &ring, at(50)).is_none());
        assert!(stream.unchanged(&Sha256::of(b"other"), &ring, at(1)).is_none());
    }

    #[test]
    fn a_snapshot_stands_only_if_its_signature_counts_as_long_as_it_lives() {
        let stream = stream(None, 0);
        let now = Timestamp::from_second(1).unwrap();
        let stands = |ring: &KeyRing| stream.unchanged(&Sha256::of(b""), ring, now).is_some();
        // It expires at 100.
        assert_eq!(
            [ring(Some(100)), ring(Some(99)), KeyRing::default()].map(|ring| stands(&ring)),
            [true, false, false]
        );
    }

    #[test]
    fn work_that_is_delivered_twice_is_done_once_even_if_it_is_forced() {
        let generation = Some(GenerationId::of("a cause"));
        let stream = SnapshotStream { generation_id: generation.clone(), ..stream(None, 0) };
        let (digest, ring, now) = (Sha256::of(b"other"), ring(None), Timestamp::UNIX_EPOCH);
        let current_for = |generation: Option<&GenerationId>| {
            stream.current_for(&digest, GenerationMode::Always, generation, &ring, now).is_some()
        };
        assert!(current_for(generation.as_ref()));
        assert!(!current_for(Some(&GenerationId::of("another"))) && !current_for(None));
    }
}
