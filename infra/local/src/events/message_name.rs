//! What is told of a message that no job could take: keys and ids. The rest of a record is what it
//! records, which is not for logs.

use serde_json::Value;

/// How many records of a message are named.
const MOST: usize = 10;

/// A name for `message`: of a stream's event, the id and key of each record; else its ids.
pub fn name(message: &Value) -> String {
    let Some(records) = message.get("Records").and_then(Value::as_array) else {
        return ids(message).unwrap_or_else(|| "a message without an id".to_owned());
    };
    let mut names: Vec<String> = records.iter().take(MOST).map(record).collect();
    if records.len() > MOST {
        names.push(format!("{} more", records.len() - MOST));
    }
    names.join(", ")
}

fn record(record: &Value) -> String {
    let text = |pointer| record.pointer(pointer).and_then(Value::as_str).unwrap_or("?");
    let (id, pk, sk) = ("/eventID", "/dynamodb/Keys/PK/S", "/dynamodb/Keys/SK/S");
    format!("record {} of {} {}", text(id), text(pk), text(sk))
}

/// The members of a message that are ids.
fn ids(message: &Value) -> Option<String> {
    let members = message.as_object()?.iter();
    let ids: Vec<String> = members
        .filter(|(name, _)| name.ends_with("_id"))
        .filter_map(|(name, id)| Some(format!("{name} {}", id.as_str()?)))
        .collect();
    (!ids.is_empty()).then(|| ids.join(", "))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_message_is_told_by_its_keys_and_ids_alone() {
        let record = json!({
            "eventID": "7", "eventName": "INSERT",
            "dynamodb": {
                "Keys": { "PK": { "S": "EVENTS#2026-01-15" }, "SK": { "S": "evt_1" } },
                "NewImage": { "actor": { "S": "jane@example.com" }, "secret": { "S": "hunter2" } },
            },
        });
        let one = json!({ "Records": [record] });
        assert_eq!(name(&one), "record 7 of EVENTS#2026-01-15 evt_1");
        let many = json!({ "Records": vec![record; 12] });
        assert!(name(&many).ends_with("evt_1, 2 more"), "{}", name(&many));
        let ids = json!({ "upload_id": "upl_1", "product_id": null, "note": "hunter2" });
        assert_eq!(name(&ids), "upload_id upl_1");
        for nameless in [json!({ "note": "hunter2" }), json!("hunter2"), json!({ "Records": [7] })]
        {
            assert!(!name(&nameless).contains("hunter2"), "{nameless}");
        }
    }
}
