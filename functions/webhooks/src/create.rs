//! `POST /v1/webhooks`

use schemars::JsonSchema;
use serde::Serialize;
use slipway_domain::WebhookId;
use slipway_domain::webhook::{NewWebhook, Webhook, WebhookSecret, WebhookTarget};
use slipway_edge::capabilities::{Entity, WebhookSealer, Writer};
use slipway_edge::clock::entropy;
use slipway_edge::{
    Capabilities, Created, CreatedWithSecret, Ctx, Endpoint, Json, Result, Route, Scope, post,
};

/// Creates a webhook and returns its secret, once.
///
/// Its URL is told of audit events from now on, by POST of JSON that is signed as Standard Webhooks
/// (standardwebhooks.com) says: the headers `webhook-id`, `webhook-timestamp` and
/// `webhook-signature`. Answer 2xx within ten seconds; anything else is tried again with growing
/// pauses for a day, then the webhook is disabled. 410 disables it at once. Redirects are not
/// followed. A message may come twice, with the same `webhook-id`; messages about one product come in
/// the order of their events. 403 where the deployment does not send to the host. `unknown_product`
/// (422). `limit_reached` (409) where there are a hundred webhooks. A repeated request with the same
/// `Idempotency-Key` returns the same webhook with `secret` null.
#[derive(JsonSchema)]
pub struct WebhookCreate;

/// A new webhook with its secret.
#[derive(Debug, Serialize, JsonSchema)]
pub struct WebhookWithSecret {
    /// The webhook.
    #[serde(flatten)]
    webhook: Webhook,
    /// Secret that messages are signed with: `whsec_` and base64. Returned once: a repeated request
    /// with the same `Idempotency-Key` gets null.
    secret: Option<String>,
}

impl Endpoint for WebhookCreate {
    const ROUTE: Route =
        post("webhook-create", "/v1/webhooks").scope(Scope::AdminWrite).idempotent();
    const WRITES: &[Entity] = &[Entity::Webhook];
    type Capabilities = Capabilities<Writer, (), WebhookSealer>;
    type Input = Json<NewWebhook>;
    type Output = CreatedWithSecret<WebhookWithSecret>;

    async fn handle(ctx: &Ctx<Self::Capabilities>, Json(new): Self::Input) -> Result<Self::Output> {
        new.check()?;
        ctx.webhook_hosts().require_allowed(new.url.as_url())?;
        ctx.catalog().require_room_for_webhook(&new).await?;
        let id: WebhookId = ctx.generate_id()?;
        let secret = WebhookSecret::from_entropy(entropy()?);
        let target = WebhookTarget { url: new.url.clone(), secret: secret.clone() };
        let sealed = ctx.sealer().seal(&id, &target).await?;
        let webhook = new.create(ctx.now(), id, ctx.principal().actor(), sealed);
        let created = answer(&webhook, secret);
        ctx.catalog().create_webhook(&webhook, &ctx.audit_with(&created)?).await?;
        Ok(created)
    }
}

fn answer(webhook: &Webhook, secret: WebhookSecret) -> CreatedWithSecret<WebhookWithSecret> {
    let of = |secret| WebhookWithSecret { webhook: webhook.clone(), secret };
    let location = format!("/v1/webhooks/{}", webhook.webhook_id);
    CreatedWithSecret { shown: Created::at(location, of(Some(secret.reveal()))), kept: of(None) }
}
