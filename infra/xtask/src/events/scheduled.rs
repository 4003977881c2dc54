//! What EventBridge sends when the time of a schedule has come.

use serde_json::{Value, json};

/// One tick.
pub fn event() -> Value {
    json!({
        "version": "0",
        "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "123456789012",
        "time": "2026-01-15T09:30:00Z",
        "region": "eu-central-1",
        "resources": ["arn:aws:events:eu-central-1:123456789012:rule/slipway-Clock"],
        "detail": {},
    })
}
