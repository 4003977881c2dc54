//! `POST /v1/releases/{release_id}/artifacts/presign`

use schemars::JsonSchema;
use serde::Serialize;
use slipway_domain::product::ProductRef;
use slipway_domain::release_upload::{ArtifactUuid, NewReleaseUpload, ObjectKey, ReleaseUpload};
use slipway_domain::{Code, Error, ReleaseId};
use slipway_edge::capabilities::{Entity, UploadStore, Writer};
use slipway_edge::{Capabilities, Ctx, Endpoint, Expiring, Json, Path, Result, Route, Scope, post};

/// Returns a URL to send a file of a draft to.
///
/// Size and digest are told afterwards, by release-artifact-add. The URL takes one PUT of up to
/// 5 GiB, without an `Authorization` header; larger files take upload-initiate. `object_key` is a
/// label: bytes arrive elsewhere, and are served from where they were verified. What is not
/// registered within two days is deleted. `invalid_field` (400) for a platform that names no
/// operating system with an architecture, and for a file name that tells no type of installer.
/// `stale_state` (409) for an `Idempotency-Key` whose URL has expired. `unavailable` (503) in a
/// deployment without a bucket.
#[derive(JsonSchema)]
pub struct ReleaseArtifactPresign;

/// Where to send the file.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PresignedArtifact {
    /// Id of the artifact that the file becomes, a UUID.
    artifact_id: ArtifactUuid,
    /// `releases/{product}/{version}/{platform}/{artifact_id}/{filename}`, in lower case, with `_` for
    /// all but letters and digits of ASCII, `.`, `-` and `_`.
    object_key: ObjectKey,
    /// Presigned URL for `curl -X PUT --data-binary @file`, without an `Authorization` header.
    #[schemars(extend("format" = "uri"))]
    upload_url: String,
    /// Time of expiry, in seconds since 1970, UTC: bytes that arrive later are rejected.
    expires_at: i64,
}

/// What presigning may touch.
type Presign = Capabilities<Writer, UploadStore>;

impl Endpoint for ReleaseArtifactPresign {
    const ROUTE: Route =
        post("release-artifact-presign", "/v1/releases/{release_id}/artifacts/presign")
            .scope(Scope::ArtifactsWrite)
            .idempotent();
    const WRITES: &[Entity] = &[Entity::Upload];
    type Capabilities = Presign;
    type Input = (Path<ReleaseId>, Json<NewReleaseUpload>);
    type Output = Expiring<Json<PresignedArtifact>>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        (Path(id), Json(new)): Self::Input,
    ) -> Result<Self::Output> {
        ctx.storage().require_bucket()?;
        let release = ctx.catalog().get_release_to_add_to(&id).await.map_err(release_not_found)?;
        release.value.require_open_to_artifacts()?;
        let product =
            ctx.catalog().get_product(&ProductRef::Id(release.value.product_id.clone())).await?;
        let (uuid, times) = (ctx.generate_id()?, (ctx.now(), ctx.presign_lifetime()));
        let upload =
            new.presign((&product, &release.value), uuid, times, ctx.principal().actor())?;
        let output = Expiring::at(upload.expires_at, Json(presigned(ctx, &upload, uuid).await?));
        let audit = ctx.audit_with(&output)?;
        ctx.catalog().create_release_upload(&upload, &release, &audit).await?;
        Ok(output)
    }
}

async fn presigned(
    ctx: &Ctx<Presign>,
    upload: &ReleaseUpload,
    uuid: ArtifactUuid,
) -> Result<PresignedArtifact> {
    let lifetime = ctx.presign_lifetime().unsigned_abs();
    Ok(PresignedArtifact {
        artifact_id: uuid,
        object_key: upload.object_key.clone(),
        upload_url: ctx.storage().presign_put(&upload.upload_id, lifetime).await?,
        expires_at: upload.expires_at.as_second(),
    })
}

/// What Releasy's clients are told of a release that they can't see.
pub(crate) fn release_not_found(error: Error) -> Error {
    if error.code() == Code::NotFound {
        return Error::new(Code::NotFound, "release not found");
    }
    error
}
