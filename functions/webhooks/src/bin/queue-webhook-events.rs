//! The Lambda function `queue-webhook-events`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run_job::<slipway_webhooks::QueueWebhookEvents>()
}
