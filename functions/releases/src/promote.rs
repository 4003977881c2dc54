//! `POST /v1/releases/{release_id}/promote`

use schemars::JsonSchema;
use slipway_catalog::ReleaseCheck;
use slipway_domain::ReleaseId;
use slipway_domain::product::ProductRef;
use slipway_domain::release::{NewPromotion, Release};
use slipway_edge::capabilities::{Entity, Writer};
use slipway_edge::{
    Capabilities, CreatedOrExisting, Ctx, Endpoint, Json, MadeOrWaiting, Path, Result, Route,
    Scope, post,
};

use crate::create::store;

/// Publishes a release's version and artifacts on another channel.
///
/// The new release has an id of its own, names the original in `promoted_from`, and is offered to
/// the clients of the channel that `rollout` admits: without one, to all. Promoting again returns
/// the existing release with 200, whose `rollout` and `halt_on` stay: use release-rollout and
/// release-update to change them.
/// A credential that is bound to channels has to be bound to both: that of the release, and the one
/// that it is promoted to.
/// `stale_state` (409) unless the release is published, and while its rollout is halted;
/// `unknown_channel` (422) if the product has
/// no such channel and its `open_channels` is false; `prerelease_not_allowed` (422) for a
/// prerelease on `stable` that neither product nor request allows. Where the channel asks for sign-off, 202 with the
/// approval that the promotion waits for. Honours `If-Match`:
/// `precondition_failed` (412) if the release that is promoted has changed since.
#[derive(JsonSchema)]
pub struct ReleasePromote;

impl Endpoint for ReleasePromote {
    const ROUTE: Route = post("release-promote", "/v1/releases/{release_id}/promote")
        .scope(Scope::ReleasesPromote)
        .conditional()
        .idempotent();
    const WRITES: &[Entity] = &[Entity::Release, Entity::Approval];
    type Capabilities = Capabilities<Writer>;
    type Input = (Path<ReleaseId>, Json<NewPromotion>);
    type Output = MadeOrWaiting<CreatedOrExisting<Release>>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        (Path(id), Json(to)): Self::Input,
    ) -> Result<Self::Output> {
        to.check()?;
        let release = ctx.catalog().get_release_to_promote(&id).await?;
        let product = ProductRef::Id(release.product_id.clone());
        let product = ctx.catalog().get_product_to_release(&product, &to.channel).await?;
        let promoted = release.promoted(
            ctx.now(),
            ctx.generate_id()?,
            &product,
            to,
            ctx.principal().actor(),
        )?;
        let check = |release: &Release| ctx.require_match(release);
        let check: Option<ReleaseCheck<'_>> = if ctx.has_if_match() { Some(&check) } else { None };
        store(ctx, &product, promoted, check).await
    }
}
