//! `POST /v1/decision`

use schemars::JsonSchema;
use slipway_catalog::{DecisionGroup, LookupBudget};
use slipway_domain::adoption::CountedDecision;
use slipway_domain::decision::{
    Decision, DecisionList, DecisionRequest, DecisionResponse, UpdateCheck,
};
use slipway_domain::outcome::CountedOffer;
use slipway_edge::capabilities::{DecisionReader, DecisionSigner};
use slipway_edge::{
    BodyDigest, Capabilities, Ctx, DynAfterResponse, Endpoint, Json, Result, Route, after_response,
    post,
};
use slipway_signing::Signed;

use crate::record_adoption::RecordAdoption;

/// What deciding may touch.
pub(crate) type Access = Capabilities<DecisionReader, (), DecisionSigner>;

/// Decides what installed clients should do, and signs the answer.
///
/// One decision for each product in the request, in the same order: `INSTALL`, `DOWNLOAD`, `NOTIFY`
/// or `NONE`, with the reason. An unknown or invalid product gets a decision too and does not
/// affect the others; the same product twice with the same fields is refused. Offers take 1 MiB in
/// all: where that is too little, large members of metadata are left out (`metadata_truncated`), and what has no room even so is
/// `deferred`, to be asked for again with fewer products. The answer is valid for 15 minutes and is signed with a key of `key-list`;
/// `request_sha256` and, if one was sent, `nonce` say under the signature which request is answered.
/// Unknown members of the request are ignored.
#[derive(JsonSchema)]
pub struct Decide;

impl Endpoint for Decide {
    const ROUTE: Route = post("decision", "/v1/decision");
    type Capabilities = Access;
    type Input = (BodyDigest, Json<DecisionRequest>);
    type Output = Json<Signed<DecisionResponse>>;

    fn after_response() -> Option<Box<dyn DynAfterResponse>> {
        Some(after_response::<RecordAdoption>())
    }

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        (BodyDigest(request_sha256), Json(request)): Self::Input,
    ) -> Result<Self::Output> {
        request.check()?;
        let checks: Vec<UpdateCheck> =
            request.products.into_iter().map(UpdateCheck::from).collect();
        let decisions = decide_all(ctx, &checks).await?;
        count(ctx, &checks, &decisions);
        let response = DecisionResponse::new(decisions, request.nonce, request_sha256, ctx.now());
        ctx.signer().sign(response, ctx.now()).await.map(Json)
    }
}

/// Counts the decisions, and whom they offer releases, in memory: it is stored after the response.
fn count(ctx: &Ctx<Access>, checks: &[UpdateCheck], decisions: &[Decision]) {
    for (check, decision) in checks.iter().zip(decisions) {
        if let Some(counted) = CountedDecision::of(decision, check.client_id(), ctx.now()) {
            ctx.catalog().count(counted);
        }
        if let Some(offer) = CountedOffer::of(decision, check.client_id(), ctx.now()) {
            ctx.catalog().count_offer(offer);
        }
    }
}

/// Decides group by group, so that a request holds the heads of few channels in memory.
async fn decide_all(ctx: &Ctx<Access>, checks: &[UpdateCheck]) -> Result<Vec<Decision>> {
    let (mut decisions, mut budget) = (DecisionList::default(), LookupBudget::default());
    for some in checks.chunks(DecisionGroup::MAX_CHECKS) {
        let group = DecisionGroup::of((ctx.catalog(), ctx.now()), some, ctx.public_url()?).await?;
        for decision in group.decide(some, &mut budget).await? {
            decisions.push(decision);
        }
    }
    Ok(decisions.finish())
}
