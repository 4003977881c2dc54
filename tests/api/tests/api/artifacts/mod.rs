//! `/v1/artifacts`

mod download;
mod get;
mod list;
mod register;
mod verify;

use slipway_test_support::{Value, json};

pub fn external(sha256: &str) -> Value {
    json!({ "source_type": "EXTERNAL", "sha256": sha256, "size_bytes": 64, "external_url": "https://cdn.example.com/app.msi?v=1" })
}

pub fn download(artifact: &str) -> String {
    format!("/v1/artifacts/{artifact}/download")
}
