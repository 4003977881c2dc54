//! Webhooks: what they cost where there are none, and what an event takes.

use slipway_test_support::{Value, WebhookReply, json, perform, rows_inserted, text};

use crate::operations::CostMeter;

const QUEUE: &str = "queue-webhook-events";
const DELIVER: &str = "deliver-webhook-events";

/// An audit event of a product.
fn event(number: u32) -> Value {
    json!({
        "event_id": format!("evt_{number:032x}"), "event_type": "product.updated", "actor": "bootstrap",
        "subject": "prod_p0", "product_id": "prod_p0", "at": "2026-01-15T09:30:00.123Z",
        "request_id": "req_1", "before": { "name": "Product" }, "after": { "name": "Other" },
    })
}

impl CostMeter {
    /// Pays for webhooks, their operations and their jobs.
    pub async fn webhooks(&mut self) {
        self.queue("no webhook, 2 events", &[event(1), event(2)]).await;
        self.deliver("nothing is due", json!({})).await;
        let url = self.fixture.receiver.url("/in");
        let body = json!({ "url": url, "event_types": ["product.updated"] });
        let webhook = self.with("webhook-create", "", "/v1/webhooks", &body).await;
        let path = format!("/v1/webhooks/{}", text(&webhook, "webhook_id"));
        self.plain("webhook-list", "1 webhook", "/v1/webhooks").await;
        self.plain("webhook-get", "", &path).await;
        self.plain("webhook-test", "", format!("{path}/test")).await;

        self.queue("1 event for 1 webhook", &[event(1)]).await;
        self.queue("1 event that was queued before", &[event(1)]).await;
        self.deliver("1 queue is due", json!({})).await;
        let queue = json!({ "webhook_id": webhook["webhook_id"], "product_id": "prod_p0" });
        self.deliver("1 event", queue.clone()).await;
        self.deliver("a queue that is gone", queue.clone()).await;
        self.queue("3 events for 1 webhook", &[event(2), event(3), event(4)]).await;
        self.fixture.receiver.answers_next(&[WebhookReply::Status(410)]);
        self.deliver("3 events of a receiver that is gone", queue.clone()).await;
        self.plain("webhook-deliveries", "4 events", format!("{path}/deliveries")).await;
        self.plain("webhook-delete", "", &path).await;
        self.retry(&body).await;
    }

    /// An attempt that fails.
    async fn retry(&mut self, body: &Value) {
        let webhook = self.fixture.world.post("/v1/webhooks", body.clone()).await.expect(201);
        let services = self.fixture.world.stack.services.clone();
        rows_inserted(&services, QUEUE, &[event(5)]).await.0.unwrap();
        self.costs.recorder.take();
        self.fixture.receiver.answers_next(&[WebhookReply::Status(500)]);
        let queue = json!({ "webhook_id": webhook["webhook_id"], "product_id": "prod_p0" });
        self.deliver("1 event in vain", queue).await;
        let path = format!("/v1/webhooks/{}", text(&webhook, "webhook_id"));
        self.fixture.world.delete(&path).await.expect(204);
    }

    async fn queue(&mut self, case: &str, events: &[Value]) {
        let services = self.fixture.world.stack.services.clone();
        let (outcome, record) = rows_inserted(&services, QUEUE, events).await;
        outcome.unwrap();
        self.costs.add(case, record);
    }

    async fn deliver(&mut self, case: &str, event: Value) {
        let services = self.fixture.world.stack.services.clone();
        let (outcome, record) = perform(&services, DELIVER, event).await;
        outcome.unwrap();
        self.costs.add(case, record);
    }
}
