//! Uploads: their states, and the artifact that a verified one becomes.

use slipway_domain::audit::EventType;
use slipway_domain::upload::{HashCheckpoint, Upload, UploadFailure, UploadStatus};
use slipway_domain::{Error, Result, UploadId};

use crate::artifacts::artifact_row;
use crate::audit::AuditContext;
use crate::authorization::Protected;
use crate::schema;
use crate::store::{Reader, Row, Stored, Transaction, Writer};

/// How long an upload can be looked up after its URLs stopped working.
const RETENTION: jiff::SignedDuration = jiff::SignedDuration::from_hours(24 * 30);

impl Reader {
    /// The upload with this id, if the principal may touch it.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get_upload(&self, id: &UploadId) -> Result<Stored<Upload>> {
        self.find(&schema::upload(id)).await?.ok_or_else(|| Error::not_found("upload", id))
    }
}

impl Writer {
    /// Stores a new upload.
    pub async fn create_upload(&self, upload: &Upload, audit: &AuditContext) -> Result<()> {
        self.authorize_change(upload.resource())?;
        self.table
            .transact(|mut tx| async move {
                tx.create(row(upload)?)?;
                audit.record(&mut tx, EventType::UploadInitiated, upload.upload_id.as_str())?;
                Ok(tx.returning(()))
            })
            .await
    }

    /// Notes that the bytes are there, and how far hashing has come. An upload that has ended in
    /// the meantime stays as it is.
    pub async fn record_upload_progress(
        &self,
        upload: &Stored<Upload>,
        checkpoint: Option<HashCheckpoint>,
    ) -> Result<Stored<Upload>> {
        let verifying =
            Upload { status: UploadStatus::Verifying, checkpoint, ..upload.value.clone() };
        self.advance(upload.clone(), verifying, |_| Ok(())).await
    }

    /// Turns a verified upload into its artifact. The first one who says so has done it.
    pub async fn complete_upload(
        &self,
        upload: Stored<Upload>,
        audit: &AuditContext,
    ) -> Result<Stored<Upload>> {
        let available =
            Upload { status: UploadStatus::Available, checkpoint: None, ..upload.value.clone() };
        let artifact = available.artifact(audit.now);
        self.advance(upload, available, |tx| {
            tx.create(artifact_row(&artifact)?)?;
            audit.record(tx, EventType::UploadVerified, artifact.artifact_id.as_str())
        })
        .await
    }

    /// Ends an upload whose bytes are not the announced ones.
    pub async fn fail_upload(
        &self,
        upload: Stored<Upload>,
        failure: UploadFailure,
        audit: &AuditContext,
    ) -> Result<Stored<Upload>> {
        let failed = Upload {
            status: UploadStatus::Failed,
            failure: Some(failure),
            checkpoint: None,
            ..upload.value.clone()
        };
        self.end(upload, failed, EventType::UploadFailed, audit).await
    }

    /// Ends an upload that its client gave up.
    pub async fn abort_upload(
        &self,
        upload: Stored<Upload>,
        audit: &AuditContext,
    ) -> Result<Stored<Upload>> {
        let aborted =
            Upload { status: UploadStatus::Aborted, checkpoint: None, ..upload.value.clone() };
        self.end(upload, aborted, EventType::UploadAborted, audit).await
    }

    async fn end(
        &self,
        seen: Stored<Upload>,
        next: Upload,
        event: EventType,
        audit: &AuditContext,
    ) -> Result<Stored<Upload>> {
        let subject = next.upload_id.to_string();
        self.advance(seen, next, |tx| audit.record(tx, event, &subject)).await
    }

    /// Moves an upload from the state that was seen to the next one. Where it has moved on already,
    /// what became of it is the answer, if it has ended, and the move is made from there, if it is
    /// still open.
    async fn advance(
        &self,
        seen: Stored<Upload>,
        next: Upload,
        also: impl Fn(&mut Transaction<'_, Stored<Upload>>) -> Result<()>,
    ) -> Result<Stored<Upload>> {
        self.authorize_change(next.resource())?;
        let (next, also) = (&next, &also);
        let mut seen = Some(seen);
        self.table
            .transact(|mut tx| {
                let seen = seen.take();
                async move {
                    let current = match seen {
                        Some(seen) => seen,
                        None => self.get_upload(&next.upload_id).await?,
                    };
                    // What has ended stays as it ended, whoever it was that read it before.
                    if !current.value.is_open() {
                        return Ok(tx.returning(current));
                    }
                    tx.replace(row(next)?, current.rev)?;
                    also(&mut tx)?;
                    Ok(tx.returning(Stored { value: next.clone(), rev: current.rev + 1 }))
                }
            })
            .await
    }
}

fn row(upload: &Upload) -> Result<Row> {
    let end = upload.expires_at.saturating_add(RETENTION).unwrap_or(upload.expires_at);
    Ok(Row::new(schema::upload(&upload.upload_id), upload)?.expires_at(end))
}
