//! `POST /v1/releases`: publishes one version of a product on a channel, or drafts it.

use slipway_catalog::PublishOutcome;
use slipway_domain::release::{NewRelease, Release};
use slipway_edge::capabilities::ReadWrite;
use slipway_edge::{Created, CreatedOrExisting, Ctx, Endpoint, Json, Result, Route, Scope, post};

/// Publishes a release. A version exists once per channel; every artifact must be registered or
/// verified first. Running CI again is safe: the same request finds the release that it made.
pub struct ReleaseCreate;

impl Endpoint for ReleaseCreate {
    const ROUTE: Route = post(
        "release-create",
        "/v1/releases",
        "Publishes one version of a product on a channel, or drafts it.",
    )
    .scope(Scope::CiWrite)
    .idempotent();
    type Capabilities = ReadWrite;
    type Input = Json<NewRelease>;
    type Output = CreatedOrExisting<Release>;

    async fn handle(ctx: &Ctx<Self::Capabilities>, Json(new): Self::Input) -> Result<Self::Output> {
        new.check()?;
        let product = ctx.catalog().visible_product(&new.product()?, ctx.principal()).await?;
        ctx.principal()
            .require_channel(&product.product_id, &new.channel.clone().unwrap_or_default())?;
        let artifacts =
            ctx.catalog().visible_artifacts(new.artifact_ids(), ctx.principal()).await?;
        let release = new.create(
            ctx.now(),
            ctx.generate_id()?,
            &product,
            &artifacts,
            ctx.principal().actor(),
        )?;
        Ok(answer(ctx.catalog().create_release(&release, &ctx.audit()?).await?))
    }
}

/// Status 201 for a new release, 200 for a repeated request.
pub(crate) fn answer(publication: PublishOutcome) -> CreatedOrExisting<Release> {
    match publication {
        PublishOutcome::Created(release) => CreatedOrExisting::Created(Created::at(
            format!("/v1/releases/{}", release.release_id),
            release,
        )),
        PublishOutcome::Existing(release) => CreatedOrExisting::Existing(release),
    }
}
