//! The Lambda function `webhook-test`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_webhooks::WebhookTest>()
}
