//! Registering what was uploaded for a release: its bytes are verified as those of any upload, and
//! served from where verified bytes are kept.

use std::ops::ControlFlow;

use slipway_catalog::Stored;
use slipway_domain::artifact::Artifact;
use slipway_domain::release::Release;
use slipway_domain::release_upload::{ArtifactRegistration, DeclaredBytes, ReleaseUpload};
use slipway_domain::upload::{
    HashCheckpoint, PartCopy, Upload, UploadRelease, UploadStatus, VerificationResult,
};
use slipway_domain::{Code, Error, ReleaseId, Result};
use slipway_edge::{Ctx, Deadline, Json};
use slipway_storage::{CopyOutcome, UploadedObject, Verification, VerificationStep};
use slipway_uploads::UploadMessage;

use crate::artifact_add::{Add, Added};
use crate::artifact_presign::release_not_found;

/// The largest file that is verified while the client waits, in bytes: what is read in a few
/// seconds. The job `finish-upload` verifies larger ones.
const WHILE_WAITING: u64 = 256 << 20;
/// How often the object may be replaced during one request.
const MAX_REPLACEMENTS: usize = 5;

/// Registers what was uploaded as an artifact of the release `id`.
pub(crate) async fn register(
    ctx: &Ctx<Add>,
    id: &ReleaseId,
    registration: &ArtifactRegistration,
) -> Result<Json<Added>> {
    let bytes = registration.declared()?;
    ctx.storage().uploads().require_bucket()?;
    let release = ctx.catalog().get_release_to_add_to(id).await.map_err(release_not_found)?;
    let known = ctx.catalog().find_release_upload(&registration.artifact_id.upload_id()).await?;
    let upload = registration.of(known, id)?;
    let addition = upload.release_artifact(bytes);
    release.value.with_uploaded(&addition)?;
    let new = verified(ctx, &upload, &release, bytes).await?;
    let output = Json(Added::Artifact(registration.registered(&upload, bytes, ctx.now())));
    let (created, audit) = (ctx.audit_beside()?, ctx.audit_with(&output)?);
    let new = new.as_ref().map(|artifact| (artifact, &created));
    ctx.catalog().add_uploaded_artifact(id, &addition, new, &audit).await?;
    // What can't be deleted now is deleted by the rule of the bucket.
    drop(ctx.storage().uploads().delete_object(&upload.upload_id).await);
    Ok(output)
}

/// Verifies that the bytes of `upload` for `release` are as declared, and keeps them. Returns the
/// artifact that is to be stored; `None` where the job has stored it.
async fn verified(
    ctx: &Ctx<Add>,
    upload: &ReleaseUpload,
    release: &Stored<Release>,
    bytes: DeclaredBytes,
) -> Result<Option<Artifact>> {
    if let Some(begun) = ctx.catalog().find_declared_upload(&upload.upload_id).await? {
        return verified_by_job(&begun, bytes).map(|()| None);
    }
    let of = UploadRelease::of(&release.value, release.rev);
    let declared = upload.declared(bytes, of, (ctx.now(), ctx.principal().actor()));
    for _ in 0..MAX_REPLACEMENTS {
        let object = ctx.storage().uploaded_object(&declared).await?.ok_or_else(nothing_arrived)?;
        if object.size_bytes > WHILE_WAITING && object.size_bytes == bytes.size_bytes {
            return leave_to_job(ctx, &declared).await;
        }
        if verify_and_keep(ctx, &declared, &object).await?.is_break() {
            return Ok(Some(upload.artifact(bytes, ctx.now(), ctx.principal().actor())));
        }
    }
    let message = "the bytes are being replaced all the time; stop writing, then register them";
    Err(Error::new(Code::Contention, message))
}

/// One attempt, to be repeated where the object was replaced meanwhile.
async fn verify_and_keep(
    ctx: &Ctx<Add>,
    declared: &Upload,
    object: &UploadedObject,
) -> Result<ControlFlow<()>> {
    let mut step = SingleStep(ctx.deadline());
    match ctx.storage().verify(declared, object, &mut step).await? {
        Verification::SourceChanged => return Ok(ControlFlow::Continue(())),
        Verification::Paused => return leave_to_job(ctx, declared).await,
        Verification::Concluded(VerificationResult::Mismatch(failure)) => {
            return Err(failure.refusal(&declared.upload_id));
        }
        Verification::Concluded(VerificationResult::Match) => {}
    }
    match ctx.storage().copy_verified(declared, object, &mut step).await? {
        CopyOutcome::SourceChanged => Ok(ControlFlow::Continue(())),
        CopyOutcome::Paused => leave_to_job(ctx, declared).await,
        CopyOutcome::Copied => Ok(ControlFlow::Break(())),
    }
}

/// Has the job verify what takes longer than a request; tells to ask again.
async fn leave_to_job<T>(ctx: &Ctx<Add>, declared: &Upload) -> Result<T> {
    ctx.catalog().declare_upload(declared, &ctx.audit_beside()?).await?;
    ctx.invoker().invoke(&UploadMessage::of(&declared.upload_id)).await?;
    Err(still_verifying())
}

/// What has become of an upload that was left to the job.
fn verified_by_job(upload: &Upload, bytes: DeclaredBytes) -> Result<()> {
    match (upload.status, &upload.failure) {
        (_, Some(failure)) => {
            Err(failure.refusal(&upload.upload_id).adding("; presign and send the file again"))
        }
        _ if (upload.size_bytes, upload.sha256) != (bytes.size_bytes, bytes.sha256) => {
            let message = "the bytes were registered with another checksum or size before";
            Err(Error::new(Code::ChecksumMismatch, message))
        }
        (UploadStatus::Available, _) => Ok(()),
        (UploadStatus::Pending | UploadStatus::Verifying, _) => Err(still_verifying()),
        _ => {
            let message = "the upload was given up; presign and send the file again";
            Err(Error::new(Code::StaleState, message))
        }
    }
}

fn nothing_arrived() -> Error {
    let message = "nothing has arrived; PUT the file to its upload_url first";
    Error::new(Code::UploadIncomplete, message)
}

fn still_verifying() -> Error {
    let message = "the bytes are being verified; repeat the request in a few seconds";
    Error::new(Code::Unavailable, message)
}

/// A verification that is done in this request, or by the job from its beginning.
struct SingleStep<'a>(&'a Deadline);

impl VerificationStep for SingleStep<'_> {
    fn is_over(&self) -> bool {
        self.0.has_passed()
    }

    async fn record_hashed(&mut self, _: HashCheckpoint) -> Result<ControlFlow<()>> {
        Ok(ControlFlow::Continue(()))
    }

    async fn record_copying(&mut self, _: PartCopy) -> Result<ControlFlow<()>> {
        Ok(ControlFlow::Continue(()))
    }
}
