//! An event without what differs from run to run.

use slipway_test_support::{Value, json};

/// Members that depend on how long a time was written.
const LENGTHS: [&str; 2] = ["manifest_bytes", "bundle_bytes"];

/// `value` with a word in place of each generated id, time, digest and key.
pub fn redacted(value: &Value) -> Value {
    match value {
        Value::String(text) => json!(redacted_text(text)),
        Value::Array(items) => items.iter().map(redacted).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| {
                let is_length = LENGTHS.contains(&name.as_str()) && value.is_number();
                let value = if is_length { json!("<bytes>") } else { redacted(value) };
                let value = if name == "request_id" { json!("<request>") } else { value };
                (redacted_text(name), value)
            })
            .collect(),
        other => other.clone(),
    }
}

fn redacted_text(text: &str) -> String {
    let is_hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_key = |text: &str| {
        text.len() == 43
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    // The actor of a workload: its trust rule, and what its issuer calls it.
    if let Some((rule, subject)) =
        text.split_once(':').filter(|(rule, _)| rule.starts_with("trust_"))
    {
        return format!("{}:{subject}", redacted_text(rule));
    }
    // The issuer of the test has another port each time, and so has its registry.
    if text.starts_with("https://downloads.example.com:") {
        return "<issuer>".to_owned();
    }
    if text.starts_with("http://127.0.0.1:") {
        return "<registry>".to_owned();
    }
    match text.rsplit_once('_') {
        Some((prefix, rest)) if rest.len() == 32 && is_hex(rest) => format!("{prefix}_<id>"),
        _ if text.parse::<jiff::Timestamp>().is_ok() => "<time>".to_owned(),
        _ if text.len() == 64 && is_hex(text) => "<sha256>".to_owned(),
        _ if is_key(text) => "<key>".to_owned(),
        _ if is_uuid(text) => "<uuid>".to_owned(),
        _ => text.to_owned(),
    }
}

/// Whether `text` is an id of `/api/v1`.
fn is_uuid(text: &str) -> bool {
    let lengths = text.split('-').map(str::len);
    let is_hex = |byte: u8| byte == b'-' || byte.is_ascii_hexdigit();
    lengths.eq([8, 4, 4, 4, 12]) && text.bytes().all(is_hex)
}
