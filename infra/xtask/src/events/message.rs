//! What a job gets that another function has started.

use serde_json::{Value, json};

/// The message to the job `op`.
pub fn event(op: &str) -> Value {
    match op {
        "verify-artifact" => json!({ "artifact_id": super::sample::ARTIFACT }),
        _ => json!({}),
    }
}
