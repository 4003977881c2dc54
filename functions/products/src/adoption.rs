//! `GET /v1/products/{product_id}/adoption`

use schemars::JsonSchema;
use serde::Deserialize;
use slipway_domain::Channel;
use slipway_domain::adoption::{AdoptionDay, AdoptionReport, DailyAdoption, ReportDays};
use slipway_domain::product::ProductRef;
use slipway_edge::capabilities::Reader;
use slipway_edge::{Capabilities, Ctx, Endpoint, Json, Path, Query, Result, Route, Scope, get};

/// Tells which versions of a product are in the field, by day and channel.
///
/// Counted are decisions, not clients: a client that asks often is counted often. A version that
/// fewer than five clients have is not told, and no client's id or address is stored. Counts are
/// stored by each function instance about once a minute, and kept for 400 days. Decisions on a channel
/// without a release are not counted. Not for credentials that are bound to a tenant.
#[derive(JsonSchema)]
pub struct ProductAdoption;

/// Filter of product-adoption.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AdoptionFilter {
    /// Only decisions on this channel. Default: all channels.
    channel: Option<Channel>,
    /// How many days, today included, 1 to 90. Default: 30.
    #[serde(default)]
    days: ReportDays,
}

impl Endpoint for ProductAdoption {
    const ROUTE: Route =
        get("product-adoption", "/v1/products/{product_id}/adoption").scope(Scope::ReleasesRead);
    type Capabilities = Capabilities<Reader>;
    type Input = (Path<ProductRef>, Query<AdoptionFilter>);
    type Output = Json<AdoptionReport>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        (Path(name), Query(AdoptionFilter { channel, days })): Self::Input,
    ) -> Result<Self::Output> {
        let product = ctx.catalog().get_product(&name).await?.product_id;
        let mut told = Vec::new();
        let is_asked_for = |one: &Channel| channel.as_ref().is_none_or(|channel| channel == one);
        let take = |day: DailyAdoption| {
            if is_asked_for(&day.key.channel) {
                told.push(AdoptionDay::new(day, ctx.now()));
            }
        };
        ctx.catalog().list_adoption(&product, days.first(ctx.now()), take).await?;
        Ok(Json(AdoptionReport::new(product, told)))
    }
}
