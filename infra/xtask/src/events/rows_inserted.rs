//! What the table's stream sends when a row was inserted.

use serde_json::{Value, json};

use super::sample::{PRODUCT, RELEASE, TENANT};

/// One new row whose partition key begins with `prefix`: a change, or a piece of work.
pub fn event(prefix: &str) -> Value {
    let (id, doc) = match prefix {
        "WORK#" => (format!("gen_0b1c2d3e4f506172839405a6b7c8d9e0#{TENANT}"), work()),
        "HALTCHECK#" => (RELEASE.to_owned(), halt_check()),
        _ => ("evt_019bb3f0a1b27c3d8e4f5a6b7c8d9e01".to_owned(), change()),
    };
    let (pk, sk) = (format!("{prefix}{id}"), prefix.trim_end_matches('#'));
    json!({ "Records": [{
        "eventID": "2b9cfbd8b1f4f0a7c6d2f3e1a0b9c8d7",
        "eventName": "INSERT",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "eu-central-1",
        "dynamodb": {
            "ApproximateCreationDateTime": 1_768_469_400.0,
            "Keys": { "PK": { "S": pk }, "SK": { "S": sk } },
            "NewImage": {
                "PK": { "S": pk }, "SK": { "S": sk },
                "doc": { "S": doc.to_string() }, "rev": { "N": "1" }, "ttl": { "N": "1768642200" },
            },
            "SequenceNumber": "4421584500000000017450439091",
            "SizeBytes": 512,
            "StreamViewType": "NEW_IMAGE",
        },
        "eventSourceARN": "arn:aws:dynamodb:eu-central-1:123456789012:table/slipway-Table/stream/2026-01-15T09:00:00.000",
    }] })
}

/// A change: a release was published.
fn change() -> Value {
    json!({
        "event_id": "evt_019bb3f0a1b27c3d8e4f5a6b7c8d9e01", "event_type": "release.published", "product_id": PRODUCT, "channel": "stable",
        "at": "2026-01-15T09:30:00Z",
    })
}

/// A release whose reports are to be looked at.
fn halt_check() -> Value {
    json!({ "release_id": RELEASE, "at": "2026-01-15T09:30:00Z" })
}

/// A piece of work: the snapshots of one tenant.
fn work() -> Value {
    json!({
        "generation_id": "gen_0b1c2d3e4f506172839405a6b7c8d9e0", "tenant_id": TENANT, "selection": "every_stream", "demand": "if_changed",
        "at": "2026-01-15T09:30:00Z",
    })
}
