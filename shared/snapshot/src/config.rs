//! When snapshots are made and how long they are kept: the keys of seed 002's YAML.

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::assembly::MAX_HISTORY;
use super::retention::RetentionPolicy;
use super::schedule::Schedule;
use super::span::Span;
use slipway_domain::{Error, Result};

/// How snapshots are made and kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SnapshotConfig {
    /// Whether publishing and revoking make snapshots.
    pub auto_on_publish: bool,
    /// Scheduled generation.
    pub scheduled: Schedule,
    /// How long changes are collected before they make snapshots. The deployment sets it; here it
    /// can only be confirmed.
    pub batch_window: Span,
    /// How many older releases of each product and channel a snapshot has beside the newest.
    #[schemars(range(max = MAX_HISTORY))]
    pub history_limit: u8,
    /// How long mirrors may accept a snapshot. Where nothing changes, it is made anew after half of
    /// that.
    pub lifetime: Span,
    /// How long snapshots are kept.
    pub retention: RetentionPolicy,
    /// When it was last changed; never, where it is null.
    #[schemars(with = "Option<slipway_domain::page::Rfc3339>")]
    pub updated_at: Option<Timestamp>,
}

/// What snapshot-config-put takes: the whole configuration. What is left out gets its default. It
/// may be wrapped as in the YAML file: `{"snapshots": {"generation": {...}, "retention": {...}}}`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NewSnapshotConfig {
    /// The configuration as the YAML file has it; then there is nothing beside it.
    pub snapshots: Option<ConfigDocument>,
    /// Whether publishing and revoking make snapshots; they do by default.
    pub auto_on_publish: Option<bool>,
    /// Scheduled generation; every hour by default.
    pub scheduled: Option<Schedule>,
    /// How long changes are collected: the deployment's own, if it is given at all.
    pub batch_window: Option<Span>,
    /// How many older releases of each product and channel a snapshot has beside the newest; none
    /// by default.
    #[schemars(range(max = MAX_HISTORY))]
    pub history_limit: Option<u8>,
    /// How long mirrors may accept a snapshot; 30 days by default.
    pub lifetime: Option<Span>,
    /// How long snapshots are kept.
    pub retention: Option<RetentionPolicy>,
}

/// The configuration as the YAML file has it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ConfigDocument {
    /// When and how snapshots are made.
    pub generation: GenerationConfig,
    /// How long they are kept.
    pub retention: Option<RetentionPolicy>,
}

/// When and how snapshots are made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct GenerationConfig {
    /// As beside it.
    pub auto_on_publish: Option<bool>,
    /// As beside it.
    pub scheduled: Option<Schedule>,
    /// As beside it.
    pub batch_window: Option<Span>,
    /// As beside it.
    #[schemars(range(max = MAX_HISTORY))]
    pub history_limit: Option<u8>,
    /// As beside it.
    pub lifetime: Option<Span>,
}

impl SnapshotConfig {
    /// The configuration of a deployment that never got one.
    fn standard(batch_window: SignedDuration) -> Self {
        Self {
            auto_on_publish: true,
            scheduled: Schedule::default(),
            batch_window: Span::of(batch_window),
            history_limit: 0,
            lifetime: Span::new(30, 'd'),
            retention: RetentionPolicy::default(),
            updated_at: None,
        }
    }
}

impl SnapshotConfig {
    /// The configuration of a deployment that collects changes for `batch_window`: the stored one,
    /// where there is one.
    #[must_use]
    pub fn in_force(stored: Option<Self>, batch_window: SignedDuration) -> Self {
        stored.map_or_else(
            || Self::standard(batch_window),
            |stored| Self { batch_window: Span::of(batch_window), ..stored },
        )
    }
}

impl NewSnapshotConfig {
    /// The configuration as of `now`, on a deployment that collects changes for `batch_window`.
    ///
    /// # Errors
    /// `invalid_field`, naming it.
    pub fn at(self, now: Timestamp, batch_window: SignedDuration) -> Result<SnapshotConfig> {
        let (generation, retention) = self.parts()?;
        let standard = SnapshotConfig::standard(batch_window);
        let config = SnapshotConfig {
            auto_on_publish: generation.auto_on_publish.unwrap_or(standard.auto_on_publish),
            scheduled: generation.scheduled.unwrap_or(standard.scheduled),
            batch_window: confirmed(generation.batch_window, standard.batch_window)?,
            history_limit: generation.history_limit.unwrap_or(standard.history_limit),
            lifetime: generation.lifetime.unwrap_or(standard.lifetime),
            retention: retention.unwrap_or(standard.retention),
            updated_at: Some(now),
        };
        config.check().map(|()| config)
    }

    fn parts(self) -> Result<(GenerationConfig, Option<RetentionPolicy>)> {
        let Self {
            snapshots,
            auto_on_publish,
            scheduled,
            batch_window,
            history_limit,
            lifetime,
            retention,
        } = self;
        let beside =
            GenerationConfig { auto_on_publish, scheduled, batch_window, history_limit, lifetime };
        match snapshots {
            None => Ok((beside, retention)),
            Some(document) if beside == GenerationConfig::default() && retention.is_none() => {
                Ok((document.generation, document.retention))
            }
            Some(_) => Err(Error::invalid(
                "snapshots",
                "give the fields inside `snapshots` or beside it, not both",
            )),
        }
    }
}

impl SnapshotConfig {
    fn check(&self) -> Result<()> {
        self.scheduled.check()?;
        self.retention.check()?;
        if self.history_limit > MAX_HISTORY {
            return Err(Error::invalid(
                "history_limit",
                format!("at most {MAX_HISTORY} older releases, not {}", self.history_limit),
            ));
        }
        if self.lifetime.duration() < SignedDuration::from_hours(1) {
            return Err(Error::invalid("lifetime", "a snapshot lives for at least `1h`"));
        }
        Ok(())
    }
}

/// The window is how the stream's event source is set up, which no request can change.
fn confirmed(asked: Option<Span>, actual: Span) -> Result<Span> {
    match asked {
        Some(asked) if asked.duration() != actual.duration() => {
            let message = format!(
                "changes are collected for `{actual}`, not `{asked}`; the deployment sets it: parameter BatchWindowSeconds of the template, `--batch-window-seconds` of the local stack"
            );
            Err(Error::invalid("batch_window", message))
        }
        _ => Ok(actual),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const WINDOW: SignedDuration = SignedDuration::from_mins(5);

    fn put(body: serde_json::Value) -> Result<SnapshotConfig> {
        serde_json::from_value::<NewSnapshotConfig>(body).unwrap().at(Timestamp::UNIX_EPOCH, WINDOW)
    }

    #[test]
    fn the_yaml_of_the_seed_is_taken_as_it_stands() {
        let config = put(json!({ "snapshots": {
            "generation": {
                "auto_on_publish": true,
                "scheduled": { "enabled": true, "interval": "1h", "cron": "0 * * * *" },
                "batch_window": "5m",
            },
            "retention": { "keep_snapshots": 100, "cleanup_enabled": true, "cleanup_interval": "24h", "cleanup_older_than": "30d" },
        } }));
        let config = config.unwrap();
        assert_eq!(config.retention, RetentionPolicy::default());
        assert_eq!(config.scheduled.cron.unwrap().to_string(), "0 * * * *");
    }

    #[test]
    fn what_is_left_out_gets_its_default() {
        let config = put(json!({ "auto_on_publish": false })).unwrap();
        let standard = SnapshotConfig::standard(WINDOW);
        assert_eq!(
            config,
            SnapshotConfig {
                auto_on_publish: false,
                updated_at: Some(Timestamp::UNIX_EPOCH),
                ..standard
            }
        );
    }

    #[test]
    fn a_field_that_can_t_be_kept_is_named() {
        for (body, field) in [
            (json!({ "batch_window": "1m" }), "batch_window"),
            (json!({ "scheduled": { "enabled": true, "interval": "10s" } }), "scheduled.interval"),
            (json!({ "history_limit": 51 }), "history_limit"),
            (json!({ "lifetime": "59m" }), "lifetime"),
            (json!({ "retention": { "keep_snapshots": 0 } }), "retention.keep_snapshots"),
            (json!({ "retention": { "cleanup_interval": "1m" } }), "retention.cleanup_interval"),
            (json!({ "snapshots": {}, "auto_on_publish": true }), "snapshots"),
        ] {
            assert_eq!(put(body).unwrap_err().field(), Some(field));
        }
    }
}
