//! The Lambda function `webhook-list`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_webhooks::WebhookList>()
}
