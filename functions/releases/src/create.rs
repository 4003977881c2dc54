//! `POST /v1/releases`

use schemars::JsonSchema;
use slipway_catalog::{InitialStatus, MakeRelease, PublishOutcome, ReleaseCreation, ReleaseOrigin};
use slipway_domain::product::Product;
use slipway_domain::release::{NewRelease, Release};
use slipway_domain::{Channel, ReleaseId};
use slipway_edge::capabilities::{Entity, Writer};
use slipway_edge::{
    Capabilities, Created, CreatedOrExisting, Ctx, Endpoint, Json, MadeOrWaiting, Result, Route,
    Scope, post,
};

use crate::sign_off::sign_off;

/// Publishes a version of a product on a channel, or drafts it.
///
/// With `artifacts` the release is published at once, and `channel` is required, unless `draft` is
/// true; that needs the scope `releases:publish` too. Without `artifacts` it is a draft. Every artifact must be registered, or uploaded and
/// verified: otherwise `artifact_not_ready` (422).
///
/// A version exists once per product and channel, for ever. Running CI again is safe: a request
/// with the same content returns the existing release with 200; other content is `release_exists`
/// (409) with the differences in `details`, and the revocation if it was revoked. The rollout does
/// not count as content. A prerelease on `stable` is `prerelease_not_allowed` (422), as draft too,
/// unless the product's `allow_prerelease_on` has the channel or the request says
/// `allow_prerelease`. A channel that the product does not have is `unknown_channel` (422), unless
/// its `open_channels` is true: then the release makes the channel. One that was removed has to be
/// added again by product-update. With `halt_on` the rollout pauses by itself, within a minute of the reports
/// that justify it; in a repetition `halt_on` changes nothing, as `rollout`: use release-update. Where the channel asks for sign-off, 202 with the approval that the
/// publication waits for: nothing is created, and the same request creates it once others have
/// approved. `invalid_field` (400) for a `min_current_version` that is not below `version`.
#[derive(JsonSchema)]
pub struct ReleaseCreate;

impl Endpoint for ReleaseCreate {
    const ROUTE: Route =
        post("release-create", "/v1/releases").scope(Scope::ReleasesDraft).idempotent();
    const WRITES: &[Entity] = &[Entity::Release, Entity::Approval];
    type Capabilities = Capabilities<Writer>;
    type Input = Json<NewRelease>;
    type Output = MadeOrWaiting<CreatedOrExisting<Release>>;

    async fn handle(ctx: &Ctx<Self::Capabilities>, Json(new): Self::Input) -> Result<Self::Output> {
        new.check()?;
        let (product, channel) = (new.product()?, new.channel.clone().unwrap_or_default());
        let status = if new.publishes() { InitialStatus::Live } else { InitialStatus::Draft };
        if status == InitialStatus::Live {
            ctx.principal().require(Scope::ReleasesPublish)?;
        }
        let artifacts = ctx.catalog().find_artifacts(new.artifact_ids()).await?;
        let id: ReleaseId = ctx.generate_id()?;
        let make = |product: &Product, _: Option<&Release>| {
            new.clone().create(ctx.now(), id.clone(), product, &artifacts, ctx.principal())
        };
        store(ctx, ReleaseOrigin::Request(&product, status), &channel, &make).await
    }
}

/// Stores the release that `make` makes. Status 201, 200 with the existing release where it has the
/// same content, or 202 where it waits for sign-off.
pub(crate) async fn store(
    ctx: &Ctx<Capabilities<Writer>>,
    origin: ReleaseOrigin<'_>,
    channel: &Channel,
    make: MakeRelease<'_>,
) -> Result<MadeOrWaiting<CreatedOrExisting<Release>>> {
    let created =
        |release: Release| Created::at(format!("/v1/releases/{}", release.release_id), release);
    let audit = |release: &Release| ctx.audit_with(&created(release.clone()));
    let channel_audit = || ctx.audit_beside();
    let (audit, channel_audit, sign_off) = (&audit, &channel_audit, &sign_off(ctx)?);
    let creation = ReleaseCreation { origin, channel, make, audit, channel_audit, sign_off };
    Ok(match ctx.catalog().create_release(creation).await? {
        PublishOutcome::Created(release) => {
            MadeOrWaiting::Made(CreatedOrExisting::Created(created(*release)))
        }
        PublishOutcome::Existing(existing) => {
            MadeOrWaiting::Made(CreatedOrExisting::Existing(*existing))
        }
        PublishOutcome::Waits(approval) => MadeOrWaiting::Waiting(approval),
    })
}
