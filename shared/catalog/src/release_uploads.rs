//! Uploads for releases: presigned, and registered as artifacts of them.

use slipway_domain::artifact::Artifact;
use slipway_domain::audit::EventType;
use slipway_domain::release::{Release, ReleaseArtifact};
use slipway_domain::release_upload::ReleaseUpload;
use slipway_domain::upload::{Upload, UploadRelease};
use slipway_domain::{Code, Error, ReleaseId, Result, UploadId};

use crate::artifacts::artifact_row;
use crate::audit::AuditContext;
use crate::audited;
use crate::authorization::{Protected, Resource};
use crate::schema;
use crate::store::{Reader, Row, Stored, Writer};
use crate::upload_events::record_upload;
use crate::uploads::RETENTION;

impl Reader {
    /// The upload for a release with this id, whoever has begun it: several CI jobs work on one
    /// release, and whether the principal may change that is asked where it does.
    pub async fn find_release_upload(&self, id: &UploadId) -> Result<Option<ReleaseUpload>> {
        let stored: Option<Stored<ReleaseUpload>> =
            self.table.get(&schema::release_upload(id)).await?;
        Ok(stored.map(|stored| stored.value))
    }
}

impl Writer {
    /// The upload for a release with this id, once its bytes are declared and left to the job that
    /// verifies them, whoever has declared them.
    pub async fn find_declared_upload(&self, id: &UploadId) -> Result<Option<Upload>> {
        let stored: Option<Stored<Upload>> = self.table.get(&schema::upload(id)).await?;
        Ok(stored.map(|stored| stored.value))
    }

    /// The release with this id, if the principal may add artifacts to it.
    ///
    /// # Errors
    /// `not_found`; `forbidden` for a credential that is bound to other channels.
    pub async fn get_release_to_add_to(&self, id: &ReleaseId) -> Result<Stored<Release>> {
        let Stored { value, rev } = self.load_release_to_change(id).await?;
        Ok(Stored { value, rev: rev.get() })
    }

    /// Stores a new upload for `release`.
    pub async fn create_release_upload(
        &self,
        upload: &ReleaseUpload,
        release: &Stored<Release>,
        audit: &AuditContext,
    ) -> Result<()> {
        self.authorize_change(release.value.resource())?;
        self.table
            .transact(|mut tx| async move {
                let end = upload.expires_at.saturating_add(RETENTION).unwrap_or(upload.expires_at);
                let key = schema::release_upload(&upload.upload_id);
                tx.create(Row::new(key, upload)?.expires_at(end))?;
                let release = UploadRelease::of(&release.value, release.rev);
                let recorded = (EventType::UploadInitiated, audited::created(upload)?);
                record_upload(&mut tx, Some(&release), recorded, audit)?;
                Ok(tx.returning(()))
            })
            .await
    }

    /// Adds to a draft an artifact whose bytes are kept. `new` is the artifact with what its
    /// creation is recorded with, where it is not stored yet: both happen, or none.
    ///
    /// # Errors
    /// `not_found`; as [`Release::with_uploaded`].
    pub async fn add_uploaded_artifact(
        &self,
        id: &ReleaseId,
        addition: &ReleaseArtifact,
        new: Option<(&Artifact, &AuditContext)>,
        audit: &AuditContext,
    ) -> Result<()> {
        self.table
            .transact(|mut tx| async move {
                let seen = self.load_release_to_change(id).await?;
                let release = seen.value.with_uploaded(addition)?;
                let event = EventType::ReleaseArtifactsAdded;
                self.add_change(&mut tx, &seen, &release, event, audit).await?;
                if let Some((artifact, created)) = new {
                    let (created_by, products) = (artifact.created_by.as_str(), &[].into());
                    self.authorize_change(Resource::Artifact { created_by, products })?;
                    let exists = Error::new(Code::ArtifactExists, "artifact already exists");
                    tx.create(artifact_row(artifact)?)?.or(exists);
                    let of = UploadRelease::of(&seen.value, seen.rev.get());
                    let recorded = (EventType::UploadVerified, audited::created(artifact)?);
                    record_upload(&mut tx, Some(&of), recorded, created)?;
                }
                Ok(tx.returning(()))
            })
            .await
    }
}
