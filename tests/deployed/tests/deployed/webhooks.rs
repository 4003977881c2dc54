//! Events for a receiver that is not there: they are queued, tried, and told of.

use serde_json::{Value, json};
use slipway_tests_deployed::Stack;

use crate::fixtures::{Fixtures, text};

#[tokio::test]
async fn an_event_is_queued_by_the_stream_and_tried() {
    let Some(stack) = Stack::find() else { return };
    let webhook = json!({ "url": "https://hooks.example.com/in" });
    let webhook = stack.api.post("/v1/webhooks", webhook).await;
    Fixtures::make(&stack.api, "webhooks").await;
    let path = format!("/v1/webhooks/{}", text(&webhook["webhook_id"]));
    stack.api.get(&path).await;
    stack.api.get("/v1/webhooks").await;
    stack.api.post(&format!("{path}/test"), Value::Null).await;
    let tried = |it: &Value| it["deliveries"].as_array().is_some_and(|tried| !tried.is_empty());
    stack.api.eventually(&format!("{path}/deliveries"), tried).await;
    stack.api.delete(&path).await;
}
