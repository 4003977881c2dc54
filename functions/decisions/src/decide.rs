//! `POST /v1/decision`: what installed clients should do.

use schemars::JsonSchema;
use serde::Serialize;
use slipway_catalog::Facts;
use slipway_domain::Timestamp;
use slipway_domain::decision::{Decision, DecisionRequest, Known, LIFETIME, Question};
use slipway_domain::policy::Policy;
use slipway_edge::{Ctx, Endpoint, Json, Result, Route, post, power};
use slipway_signing::Signed;

/// Tells installed clients what to do: install, download, notify, or nothing. The answer is signed; it costs no call to KMS
/// or S3, and one to DynamoDB at most.
pub struct Decide;

/// What the clients should do.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DecisionAnswer {
    /// A decision for each product, in the order of the request.
    decisions: Vec<Decision>,
    /// The request's nonce.
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<String>,
    /// When this was decided.
    #[schemars(with = "slipway_domain::page::Rfc3339")]
    issued_at: Timestamp,
    /// Until when it may be acted on.
    #[schemars(with = "slipway_domain::page::Rfc3339")]
    expires_at: Timestamp,
}

impl Endpoint for Decide {
    const ROUTE: Route = post("decision", "/v1/decision", "Tells installed clients what to do, with a signature.");
    type Power = power::Decide;
    type Input = Json<DecisionRequest>;
    type Output = Json<Signed<DecisionAnswer>>;

    async fn handle(ctx: &Ctx<Self::Power>, Json(request): Self::Input) -> Result<Self::Output> {
        request.check()?;
        let questions: Vec<Question> = request.products.into_iter().map(Question::from).collect();
        let facts = facts(ctx, &questions).await?;
        let decisions = questions.iter().map(|question| decide(ctx, question, &facts)).collect();
        let expires_at = ctx.now().saturating_add(LIFETIME).unwrap_or(Timestamp::MAX);
        ctx.sign(DecisionAnswer { decisions, nonce: request.nonce, issued_at: ctx.now(), expires_at }).await.map(Json)
    }
}

/// What the catalog knows about everything that is asked.
async fn facts(ctx: &Ctx<power::Decide>, questions: &[Question]) -> Result<Facts> {
    let policy = Policy::default();
    let products =
        questions.iter().filter_map(|question| Some((question.product_id.clone()?, question.channel(&policy).unwrap_or_default())));
    let tenants = questions.iter().filter_map(|question| question.tenant_id.clone()?.ok());
    ctx.catalog().facts(ctx.now(), products, tenants).await
}

fn decide(ctx: &Ctx<power::Decide>, question: &Question, facts: &Facts) -> Decision {
    let policy = Policy::default();
    let product = question.product_id.as_ref();
    let tenant = question.tenant_id.as_ref().and_then(|id| id.as_ref().ok());
    let head = product.zip(question.channel(&policy)).and_then(|(product, channel)| facts.head(product, &channel));
    let known =
        Known { product: product.and_then(|id| facts.product(id)), tenant: tenant.and_then(|id| facts.tenant(id)), head, policy: &policy };
    question.decide(known, |artifact| artifact.located(ctx.base_url()))
}
