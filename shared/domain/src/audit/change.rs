//! What a change did to an entity: its members before and after, as the API answers them.

use std::collections::BTreeSet;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{Error, Result, Sha256};

/// The longest value that an event keeps whole, in bytes of JSON.
pub const MAX_VALUE_BYTES: usize = 512;

/// Members of an entity, as the API answers it, in the order of RFC 8785. A value longer than
/// [`MAX_VALUE_BYTES`] is `{"sha256": ..., "size_bytes": ...}` of its canonical form.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Members(Map<String, Value>);

/// The members of an entity that a change concerns.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Change {
    /// As they were; `None` where the entity came about.
    pub before: Option<Members>,
    /// As they are; `None` where the entity is gone.
    pub after: Option<Members>,
}

impl Members {
    /// The members.
    #[must_use]
    pub fn as_map(&self) -> &Map<String, Value> {
        &self.0
    }

    /// The members that an event was stored with.
    #[must_use]
    pub fn from_stored(members: Map<String, Value>) -> Self {
        Self(members)
    }

    /// All members of `entity`, at their whole length.
    fn of(entity: &impl Serialize) -> Result<Map<String, Value>> {
        match serde_json::to_value(entity).map_err(Error::internal)? {
            Value::Object(members) => Ok(members),
            other => Err(Error::internal(format!("an entity is no object: {other}"))),
        }
    }

    /// `members` as an event keeps them.
    fn bounded(members: Map<String, Value>) -> Result<Self> {
        let bounded = members.into_iter().map(|(name, value)| Ok((name, bounded(&value)?)));
        let bounded: Map<_, _> = bounded.collect::<Result<_>>()?;
        Ok(Self(serde_json::from_slice(&canonical(&bounded)?).map_err(Error::internal)?))
    }

    /// Takes out what the event says itself.
    fn retain(&mut self, is_news: impl Fn(&str, &Value) -> bool) {
        self.0.retain(|name, value| is_news(name, value));
    }
}

impl Change {
    /// `entity` has come about. Members that are null are not named.
    ///
    /// # Errors
    /// `internal` for what is no JSON object.
    pub fn created(entity: &impl Serialize) -> Result<Self> {
        Ok(Self { after: Some(whole(entity)?), before: None })
    }

    /// `entity` is gone. Members that were null are not named.
    ///
    /// # Errors
    /// `internal` for what is no JSON object.
    pub fn deleted(entity: &impl Serialize) -> Result<Self> {
        Ok(Self { before: Some(whole(entity)?), after: None })
    }

    /// `before` has become `after`: the members in which they differ. A member that one of them does
    /// not have is null there.
    ///
    /// # Errors
    /// `internal` for what is no JSON object.
    pub fn updated<T: Serialize>(before: &T, after: &T) -> Result<Self> {
        let (before, after) = (Members::of(before)?, Members::of(after)?);
        let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        let (mut was, mut is) = (Map::new(), Map::new());
        for name in names {
            let of = |members: &Map<String, Value>| members.get(name).cloned().unwrap_or_default();
            let (old, new) = (of(&before), of(&after));
            if old != new {
                was.insert(name.clone(), old);
                is.insert(name.clone(), new);
            }
        }
        Ok(Self { before: Some(Members::bounded(was)?), after: Some(Members::bounded(is)?) })
    }

    /// Without what an event says itself: its time and actor, and the ids that it names in
    /// `stated`, of the same name.
    #[must_use]
    pub(super) fn without_repetition(
        mut self,
        at: Timestamp,
        actor: &str,
        stated: &[(&str, Option<&str>)],
    ) -> Self {
        let at = json!(at);
        let is_stated = |name: &str, value: &Value| match name {
            "created_at" | "updated_at" | "createdAt" | "updatedAt" => *value == at,
            "created_by" | "updated_by" | "createdBy" | "updatedBy" => value == actor,
            _ => {
                stated.iter().any(|(known, id)| *known == name && id.is_some_and(|id| value == id))
            }
        };
        let repeated: BTreeSet<String> = self
            .after
            .iter()
            .chain(self.before.iter().filter(|_| self.after.is_none()))
            .flat_map(|members| members.as_map())
            .filter(|(name, value)| is_stated(name, value))
            .map(|(name, _)| name.clone())
            .collect();
        for members in [&mut self.before, &mut self.after].into_iter().flatten() {
            members.retain(|name, value| !repeated.contains(name) && !is_stated(name, value));
        }
        self
    }
}

/// All members of `entity` that are not null.
fn whole(entity: &impl Serialize) -> Result<Members> {
    let mut members = Members::of(entity)?;
    members.retain(|_, value| !value.is_null());
    Members::bounded(members)
}

/// `value`, or its digest where it is too long.
fn bounded(value: &Value) -> Result<Value> {
    let text = canonical(value)?;
    if text.len() <= MAX_VALUE_BYTES {
        return Ok(value.clone());
    }
    Ok(json!({ "sha256": Sha256::of(&text), "size_bytes": text.len() }))
}

/// The canonical form of RFC 8785.
fn canonical(value: &impl Serialize) -> Result<Vec<u8>> {
    serde_json_canonicalizer::to_vec(value).map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(members: Option<&Members>) -> String {
        serde_json::to_string(&members).unwrap()
    }

    #[test]
    fn an_update_names_what_differs_and_nothing_else() {
        let before = json!({ "name": "A", "slug": "a", "suspended": false });
        let after = json!({ "slug": "b", "name": "A", "reason": "late", "suspended": false });
        let change = Change::updated(&before, &after).unwrap();
        assert_eq!(text(change.before.as_ref()), r#"{"reason":null,"slug":"a"}"#);
        assert_eq!(text(change.after.as_ref()), r#"{"reason":"late","slug":"b"}"#);
    }

    #[test]
    fn members_are_in_canonical_order_at_every_depth() {
        let change = Change::created(&json!({ "z": { "b": 1, "a": [2] }, "a": null, "b": 1.0 }));
        assert_eq!(text(change.unwrap().after.as_ref()), r#"{"b":1,"z":{"a":[2],"b":1}}"#);
    }

    #[test]
    fn a_long_value_is_told_by_its_digest() {
        let notes = "x".repeat(MAX_VALUE_BYTES);
        let change = Change::created(&json!({ "notes": notes, "short": "y" })).unwrap();
        let after = change.after.unwrap();
        let quoted = serde_json::to_vec(&notes).unwrap();
        assert_eq!(after.as_map()["notes"]["sha256"], json!(Sha256::of(&quoted)));
        assert_eq!(after.as_map()["notes"]["size_bytes"], MAX_VALUE_BYTES + 2);
        assert_eq!(after.as_map()["short"], "y");
    }

    #[test]
    fn two_long_values_that_differ_are_told_apart() {
        let of = |end: char| json!({ "notes": "x".repeat(MAX_VALUE_BYTES) + &end.to_string() });
        let change = Change::updated(&of('a'), &of('b')).unwrap();
        assert_ne!(change.before, change.after);
    }

    #[test]
    fn what_the_event_says_is_not_said_again() {
        let at: Timestamp = "2026-01-15T12:00:00Z".parse().unwrap();
        let entity = json!({
            "product_id": "prod_1", "promoted_from": "prod_1", "created_at": at,
            "created_by": "tok_1", "approved_by": "tok_2", "name": "tok_1",
        });
        let change = Change::created(&entity).unwrap();
        let change = change.without_repetition(at, "tok_1", &[("product_id", Some("prod_1"))]);
        assert_eq!(
            text(change.after.as_ref()),
            r#"{"approved_by":"tok_2","name":"tok_1","promoted_from":"prod_1"}"#
        );
    }

    #[test]
    fn a_time_that_the_event_says_is_left_out_of_before_too() {
        let [old, at]: [Timestamp; 2] =
            ["2026-01-14T12:00:00Z", "2026-01-15T12:00:00Z"].map(|time| time.parse().unwrap());
        let of = |at, name| json!({ "updated_at": at, "name": name });
        let change = Change::updated(&of(old, "A"), &of(at, "B")).unwrap();
        let change = change.without_repetition(at, "tok_1", &[]);
        assert_eq!(text(change.before.as_ref()), r#"{"name":"A"}"#);
        assert_eq!(text(change.after.as_ref()), r#"{"name":"B"}"#);
    }

    #[test]
    fn members_of_api_v1_are_left_out_by_their_names_there() {
        let at: Timestamp = "2026-01-15T12:00:00Z".parse().unwrap();
        let new = json!({ "createdAt": at, "updatedAt": at, "createdBy": "tok_1", "name": "A" });
        let change = Change::created(&new).unwrap().without_repetition(at, "tok_1", &[]);
        assert_eq!(text(change.after.as_ref()), r#"{"name":"A"}"#);
    }
}
