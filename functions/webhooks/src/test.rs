//! `POST /v1/webhooks/{webhook_id}/test`

use schemars::JsonSchema;
use serde::Serialize;
use slipway_domain::webhook::WebhookMessage;
use slipway_domain::{EventId, WebhookId};
use slipway_edge::capabilities::{Reader, WebhookOpener};
use slipway_edge::{
    Capabilities, Ctx, Endpoint, FunctionSize, Json, Path, Result, Route, Scope, post,
};

use crate::receiver::Receiver;

/// Sends a test message to a webhook's receiver.
///
/// It is signed as all messages are, of type `webhook.test`, and sent once, at once, also where the
/// webhook is disabled. The answer says what came of it: a receiver that refuses it, or can't be
/// reached, is a result too. 403 where the deployment no longer names the host. It is no event, and
/// not among the deliveries.
#[derive(JsonSchema)]
pub struct WebhookTest;

/// What came of a test message.
#[derive(Debug, Serialize, JsonSchema)]
pub struct WebhookTestResult {
    /// Whether the receiver has answered 2xx.
    delivered: bool,
    /// HTTP status; null without a response.
    status_code: Option<u16>,
    /// Why it was not delivered; null if it was.
    error: Option<String>,
}

impl Endpoint for WebhookTest {
    const ROUTE: Route =
        post("webhook-test", "/v1/webhooks/{webhook_id}/test").scope(Scope::AdminWrite);
    // A receiver is waited for longer than other requests take.
    const SIZE: FunctionSize = FunctionSize { timeout_seconds: 29, ..FunctionSize::REQUEST };
    type Capabilities = Capabilities<Reader, (), WebhookOpener>;
    type Input = Path<WebhookId>;
    type Output = Json<WebhookTestResult>;

    async fn handle(ctx: &Ctx<Self::Capabilities>, Path(id): Self::Input) -> Result<Self::Output> {
        let webhook = ctx.catalog().get_webhook(&id).await?;
        let message_id: EventId = ctx.generate_id()?;
        let message = WebhookMessage::test(&webhook, message_id.as_str(), ctx.now())?;
        let receiver = Receiver::open(ctx.opener(), &webhook).await?;
        let outcome = receiver.send(ctx.webhook_hosts(), &message, ctx.now()).await?;
        Ok(Json(WebhookTestResult {
            delivered: outcome.error.is_none(),
            status_code: outcome.status_code,
            error: outcome.error,
        }))
    }
}
