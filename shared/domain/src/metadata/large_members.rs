//! Metadata without its large members, for responses that have no room for them.

use serde_json::value::to_raw_value;
use serde_json::{Map, Value};

use super::Metadata;
use crate::i_json::JsonObject;

/// A member is large if it takes more bytes of JSON than this, its name among them.
pub const MAX_SMALL_MEMBER: usize = 256;
/// Limit of what free members take together, in bytes of JSON, where large ones are left out. Those
/// that stand first stay.
pub const MAX_FREE_MEMBERS: usize = 512;

/// The members that clients act on. `release_notes` is none of them: it is for people, and there is
/// no limit to it but that of all metadata.
const ACTED_ON: [&str; 3] = ["min_os_version", "critical", "support_until"];

impl Metadata {
    /// The metadata without `release_notes`, without other members of more than 256 bytes of JSON,
    /// and without free members that do not stand in the first 512 bytes of them. `min_os_version`,
    /// `critical` and `support_until` stay, whatever the others take. `None` if nothing is left.
    #[must_use]
    pub fn without_large_members(&self) -> Option<Self> {
        let members: JsonObject = serde_json::from_str(self.as_json().get()).ok()?;
        let mut free = 0;
        let stays = |(name, value): &(String, Value)| {
            let bytes = member_bytes(name, value);
            if bytes > MAX_SMALL_MEMBER || name == "release_notes" {
                return false;
            }
            if ACTED_ON.contains(&name.as_str()) {
                return true;
            }
            let has_room = free + bytes <= MAX_FREE_MEMBERS;
            free += if has_room { bytes } else { 0 };
            has_room
        };
        let small: Map<String, Value> = members.into_iter().filter(stays).collect();
        if small.is_empty() {
            return None;
        }
        to_raw_value(&small).ok().map(Self::of_signable)
    }
}

/// What a member takes in an object, with the colon and the comma.
fn member_bytes(name: &str, value: &Value) -> usize {
    Value::from(name).to_string().len() + value.to_string().len() + 2
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn small(metadata: &Value) -> Option<Value> {
        let metadata: Metadata = serde_json::from_value(metadata.clone()).unwrap();
        metadata.without_large_members().map(|small| json!(small))
    }

    #[test]
    fn what_clients_act_on_stays_and_what_people_read_goes() {
        let metadata = json!({
            "release_notes": "Faster.", "critical": true, "build": 7, "min_os_version": { "windows": "10", "macos": "12" },
            "changelog": "x".repeat(300), "support_until": "2028-02-29",
        });
        let expected = json!({
            "critical": true, "build": 7, "min_os_version": { "windows": "10", "macos": "12" }, "support_until": "2028-02-29",
        });
        assert_eq!(small(&metadata), Some(expected));
        assert_eq!(small(&json!({ "release_notes": { "en": "Faster." } })), None);
    }

    #[test]
    fn a_member_is_small_up_to_its_last_byte_and_free_ones_are_together() {
        // `"a":"…",` is seven bytes and the text.
        let member = |length: usize| json!({ "a": "x".repeat(length) });
        assert_eq!(small(&member(MAX_SMALL_MEMBER - 7)), Some(member(MAX_SMALL_MEMBER - 7)));
        assert_eq!(small(&member(MAX_SMALL_MEMBER - 6)), None);
        let many: Map<String, Value> =
            (0..100).map(|n| (format!("m{n:02}"), json!("x".repeat(55)))).collect();
        let kept = small(&Value::Object(many.clone())).unwrap();
        // Each is 64 bytes with colon and comma.
        let first: Map<String, Value> = many.into_iter().take(MAX_FREE_MEMBERS / 64).collect();
        assert_eq!(kept, Value::Object(first));
    }
}
