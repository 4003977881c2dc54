//! Which events of the audit log are asked for.

use jiff::Timestamp;
use jiff::civil::DateTime;
use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use super::{AuditEvent, EventType};
use crate::json::NO_TIME;
use crate::{Error, ProductId, ReleaseId, Result, TenantId, string_newtype};

string_newtype! {
    /// Who made a change, as an audit event names it: 1 to 1,024 bytes without control characters.
    Actor, what = "an actor", rule = "1 to 1024 bytes without control characters, as the audit log has it, such as `bootstrap`",
    pattern = r"^[^\u0000-\u001f\u007f]{1,1024}$",
    check = |text| (1..=1024).contains(&text.len()) && !text.chars().any(char::is_control)
}

/// Which events are asked for: those for which all of it holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AuditFilter {
    /// Only events of this kind. Default: every kind.
    pub event_type: Option<EventType>,
    /// Only changes that this actor made: a token id, `bootstrap`, `oidc:` and an operator's `sub`, a
    /// trust rule's id, `:` and a workload's `sub`, or `job:` and a job's name. Default: every actor.
    pub actor: Option<Actor>,
    /// Only events of this product and of what belongs to it. Default: all products.
    pub product_id: Option<ProductId>,
    /// Only events of this release. Default: all releases.
    pub release_id: Option<ReleaseId>,
    /// Only events of this tenant and of what belongs to it. Default: all tenants.
    pub tenant_id: Option<TenantId>,
    /// Only events from this time on, RFC 3339. Default: 31 days before `end_time`; of an actor,
    /// product, release or tenant: all that are kept.
    #[serde(default, deserialize_with = "bound")]
    #[schemars(with = "Option<crate::page::Rfc3339>", !default)]
    pub start_time: Option<Timestamp>,
    /// Only events before this time, RFC 3339. Default: up to now.
    #[serde(default, deserialize_with = "bound")]
    #[schemars(with = "Option<crate::page::Rfc3339>", !default)]
    pub end_time: Option<Timestamp>,
}

/// A time that bounds a search. The last two days of the year 9999, which many write for "no end",
/// are later than any time that there can be here: they are the last one.
fn bound<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    let time = |text: String| {
        let is_last = |text: &str| {
            let civil =
                text.strip_suffix(['Z', 'z']).and_then(|text| text.parse::<DateTime>().ok());
            civil.is_some_and(|time| time.year() == 9999)
        };
        let read = text.parse().ok().or_else(|| is_last(&text).then_some(Timestamp::MAX));
        read.ok_or_else(|| D::Error::custom(NO_TIME))
    };
    text.map(time).transpose()
}

impl AuditFilter {
    /// Makes sure that there is a time between `start_time` and `end_time`.
    ///
    /// # Errors
    /// `invalid_field`.
    pub fn check(&self) -> Result<()> {
        match (self.start_time, self.end_time) {
            (Some(start), Some(end)) if start >= end => {
                let message = format!("`start_time` {start} is not before `end_time` {end}");
                Err(Error::invalid("start_time", message))
            }
            _ => Ok(()),
        }
    }

    /// Whether `event` is asked for. Of events that version 0.1.0 recorded, the subject alone tells
    /// what they are of.
    #[must_use]
    pub fn keeps(&self, event: &AuditEvent) -> bool {
        let is_of = |wanted: Option<&str>, id: Option<&str>| {
            wanted.is_none_or(|wanted| id == Some(wanted) || event.subject == wanted)
        };
        self.keeps_kind(event.event_type, &event.actor)
            && self.keeps_time(event.at)
            && is_of(
                self.product_id.as_ref().map(ProductId::as_str),
                event.product_id.as_ref().map(ProductId::as_str),
            )
            && is_of(
                self.release_id.as_ref().map(ReleaseId::as_str),
                event.release_id.as_ref().map(ReleaseId::as_str),
            )
            && is_of(
                self.tenant_id.as_ref().map(TenantId::as_str),
                event.tenant_id.as_ref().map(TenantId::as_str),
            )
    }

    /// Whether events of this kind, by this actor, are asked for.
    #[must_use]
    pub fn keeps_kind(&self, event_type: EventType, actor: &str) -> bool {
        self.event_type.is_none_or(|wanted| event_type == wanted)
            && self.actor.as_ref().is_none_or(|wanted| actor == wanted.as_str())
    }

    /// Whether events of this time are asked for.
    #[must_use]
    pub fn keeps_time(&self, at: Timestamp) -> bool {
        self.start_time.is_none_or(|start| start <= at) && self.end_time.is_none_or(|end| at < end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(subject: &str) -> AuditEvent {
        AuditEvent {
            event_id: "evt_1".parse().unwrap(),
            event_type: EventType::ReleasePublished,
            actor: "tok_1".to_owned(),
            actor_name: None,
            subject: subject.to_owned(),
            product_id: Some("prod_1".parse().unwrap()),
            release_id: None,
            tenant_id: None,
            at: "2026-01-15T12:00:00Z".parse().unwrap(),
            request_id: "request".to_owned(),
            before: None,
            after: None,
        }
    }

    fn filter(query: serde_json::Value) -> AuditFilter {
        serde_json::from_value(query).unwrap()
    }

    #[test]
    fn all_conditions_have_to_hold() {
        let all = serde_json::json!({
            "event_type": "release.published", "actor": "tok_1", "product_id": "prod_1",
            "release_id": "rel_1", "start_time": "2026-01-15T12:00:00Z",
            "end_time": "2026-01-15T12:00:00.001Z",
        });
        assert!(filter(all.clone()).keeps(&event("rel_1")));
        assert!(!filter(all.clone()).keeps(&event("rel_2")));
        for (name, other) in [
            ("event_type", "release.revoked"),
            ("actor", "tok_2"),
            ("product_id", "prod_2"),
            ("tenant_id", "tenant_1"),
            ("start_time", "2026-01-15T12:00:00.001Z"),
            ("end_time", "2026-01-15T12:00:00Z"),
        ] {
            let mut one = all.clone();
            one[name] = other.into();
            assert!(!filter(one).keeps(&event("rel_1")), "{name}");
        }
    }

    #[test]
    fn a_time_is_one_of_rfc_3339_and_the_end_of_9999_is_no_end() {
        let end = |text: &str| {
            serde_json::from_value::<AuditFilter>(serde_json::json!({ "end_time": text }))
                .map(|filter| filter.end_time)
        };
        for text in ["9999-12-31T23:59:59Z", "9999-12-31T23:59:59.999Z", "9999-12-31T00:00:00z"] {
            assert_eq!(end(text).unwrap(), Some(Timestamp::MAX), "{text}");
        }
        let same = "2026-01-15T12:00:00Z".parse().unwrap();
        assert_eq!(end("2026-01-15T14:00:00+02:00").unwrap(), Some(same));
        for text in ["", "yesterday", "2026-01-15", "2026-13-01T00:00:00Z", "10000-01-01T00:00:00Z"]
        {
            let refused = end(text).unwrap_err().to_string();
            assert!(refused.starts_with("no time of RFC 3339, such as"), "{text}: {refused}");
        }
    }

    #[test]
    fn a_time_before_its_beginning_is_no_end() {
        let times = |start: &str, end: &str| {
            filter(serde_json::json!({ "start_time": start, "end_time": end })).check()
        };
        assert!(times("2026-01-15T12:00:00Z", "2026-01-15T12:00:01Z").is_ok());
        let refused = times("2026-01-15T12:00:00Z", "2026-01-15T12:00:00Z").unwrap_err();
        assert_eq!(refused.field(), Some("start_time"));
    }
}
