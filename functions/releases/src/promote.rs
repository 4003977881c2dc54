//! `POST /v1/releases/{release_id}/promote`

use schemars::JsonSchema;
use slipway_catalog::ReleaseOrigin;
use slipway_domain::ReleaseId;
use slipway_domain::product::Product;
use slipway_domain::release::{NewPromotion, Release};
use slipway_edge::capabilities::{Entity, Writer};
use slipway_edge::{
    Capabilities, CreatedOrExisting, Ctx, Endpoint, Error, Json, MadeOrWaiting, Path, Result,
    Route, Scope, post,
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
        let (new_id, channel): (ReleaseId, _) = (ctx.generate_id()?, to.channel.clone());
        let promote = |product: &Product, source: Option<&Release>| {
            let source = source.ok_or_else(|| Error::not_found("release", &id))?;
            ctx.require_match(source)?;
            let by = ctx.principal().actor();
            source.promoted(ctx.now(), new_id.clone(), product, to.clone(), by)
        };
        store(ctx, ReleaseOrigin::Promotion(&id), &channel, &promote).await
    }
}
