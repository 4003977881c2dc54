//! The snapshot configuration: when snapshots are generated, and how long they are kept.

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::assembly::MAX_HISTORY;
use super::retention::RetentionPolicy;
use super::schedule::Schedule;
use slipway_domain::{Error, Result, Span};

/// The shortest time after which an unused stream ends.
const UNUSED_STREAM_LIMIT: SignedDuration = SignedDuration::from_hours(90 * 24);

/// The snapshot configuration of the deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SnapshotConfig {
    /// Whether publishing or revoking a release generates snapshots.
    pub auto_on_publish: bool,
    /// Scheduled generation.
    pub scheduled: Schedule,
    /// How long changes are collected before they trigger a generation. A deployment parameter,
    /// read-only in the API.
    pub batch_window: Span,
    /// Number of older releases of each product and channel in a snapshot, besides the newest; 0 to
    /// 50.
    #[schemars(range(max = MAX_HISTORY))]
    pub history_limit: u8,
    /// How long mirrors may accept a snapshot, at least `1h`. An unchanged snapshot is renewed
    /// after half of it.
    pub lifetime: Span,
    /// How long snapshots are kept.
    pub retention: RetentionPolicy,
    /// Time of the last change, RFC 3339, UTC; null if the configuration is the default.
    #[schemars(with = "Option<slipway_domain::page::Rfc3339>")]
    pub updated_at: Option<Timestamp>,
}

/// Request body of snapshot-config-put: the whole configuration. Fields that are left out get their
/// defaults. The body may also be nested as in the YAML file: `{"snapshots": {"generation": {...},
/// "retention": {...}}}`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NewSnapshotConfig {
    /// The configuration, nested as in the YAML file. Excludes all other fields.
    pub snapshots: Option<ConfigDocument>,
    /// Whether publishing or revoking a release generates snapshots. Default: true.
    pub auto_on_publish: Option<bool>,
    /// Scheduled generation. Default: every hour.
    pub scheduled: Option<Schedule>,
    /// How long changes are collected before they trigger a generation. A deployment parameter: if
    /// given, it must equal the deployment's value.
    pub batch_window: Option<Span>,
    /// Number of older releases of each product and channel in a snapshot, besides the newest; 0 to
    /// 50. Default: 0.
    #[schemars(range(max = MAX_HISTORY))]
    pub history_limit: Option<u8>,
    /// How long mirrors may accept a snapshot, at least `1h`. Default: `30d`.
    pub lifetime: Option<Span>,
    /// How long snapshots are kept. Default: see its fields.
    pub retention: Option<RetentionPolicy>,
}

/// The snapshot configuration, nested as in the YAML file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ConfigDocument {
    /// When snapshots are generated, and with what.
    pub generation: GenerationConfig,
    /// How long snapshots are kept. Default: see its fields.
    pub retention: Option<RetentionPolicy>,
}

/// When snapshots are generated, and with what.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct GenerationConfig {
    /// Whether publishing or revoking a release generates snapshots. Default: true.
    pub auto_on_publish: Option<bool>,
    /// Scheduled generation. Default: every hour.
    pub scheduled: Option<Schedule>,
    /// How long changes are collected before they trigger a generation. A deployment parameter: if
    /// given, it must equal the deployment's value.
    pub batch_window: Option<Span>,
    /// Number of older releases of each product and channel in a snapshot, besides the newest; 0 to
    /// 50. Default: 0.
    #[schemars(range(max = MAX_HISTORY))]
    pub history_limit: Option<u8>,
    /// How long mirrors may accept a snapshot, at least `1h`. Default: `30d`.
    pub lifetime: Option<Span>,
}

impl SnapshotConfig {
    /// The default configuration.
    fn default_for(batch_window: SignedDuration) -> Self {
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
    /// The effective configuration: `stored`, else the default. `batch_window` is the deployment's.
    #[must_use]
    pub fn effective(stored: Option<Self>, batch_window: SignedDuration) -> Self {
        stored.map_or_else(
            || Self::default_for(batch_window),
            |stored| Self { batch_window: Span::of(batch_window), ..stored },
        )
    }
}

impl NewSnapshotConfig {
    /// The configuration as of `now`. `batch_window` is the deployment's.
    ///
    /// # Errors
    /// `invalid_field`, with the field.
    pub fn at(self, now: Timestamp, batch_window: SignedDuration) -> Result<SnapshotConfig> {
        let (generation, retention) = self.parts()?;
        let default_for = SnapshotConfig::default_for(batch_window);
        let config = SnapshotConfig {
            auto_on_publish: generation.auto_on_publish.unwrap_or(default_for.auto_on_publish),
            scheduled: generation.scheduled.unwrap_or(default_for.scheduled),
            batch_window: confirmed(generation.batch_window, default_for.batch_window)?,
            history_limit: generation.history_limit.unwrap_or(default_for.history_limit),
            lifetime: generation.lifetime.unwrap_or(default_for.lifetime),
            retention: retention.unwrap_or(default_for.retention),
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
    /// How long a stream may be unused before it ends: 90 days, and no less than twice the lifetime of
    /// a snapshot, because whoever fetches one only when the last one runs out is a reader too.
    #[must_use]
    pub fn unused_stream_limit(&self) -> SignedDuration {
        UNUSED_STREAM_LIMIT.max(self.lifetime.duration() * 2)
    }

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
        self.check_renewal()
    }
}

impl SnapshotConfig {
    /// Checks that `scheduled` renews a snapshot before `lifetime` ends it: it makes a new one once
    /// half of the lifetime is over.
    fn check_renewal(&self) -> Result<()> {
        if !self.scheduled.has_gap_above(self.lifetime.duration() / 2) {
            return Ok(());
        }
        let message = format!(
            "`scheduled` and `lifetime` contradict each other: snapshots that live for `{}` are renewed once half of that is over, and the schedule leaves more time than that between two generations; shorten `scheduled.interval` (or `scheduled.cron`), or lengthen `lifetime`",
            self.lifetime
        );
        Err(Error::invalid("lifetime", message))
    }
}

/// Checks that a requested batch window is the deployment's: it is a property of the event source,
/// which no request can change.
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
    fn a_schedule_that_renews_in_time_or_is_off_is_taken() {
        for body in [
            json!({ "lifetime": "1h", "scheduled": { "enabled": true, "interval": "30m" } }),
            json!({ "lifetime": "1h", "scheduled": { "enabled": false } }),
            json!({ "lifetime": "63d", "scheduled": { "enabled": true, "cron": "0 0 1 * *" } }),
        ] {
            assert!(put(body.clone()).is_ok(), "{body}");
        }
    }

    #[test]
    fn what_is_left_out_gets_its_default() {
        let config = put(json!({ "auto_on_publish": false })).unwrap();
        let default_for = SnapshotConfig::default_for(WINDOW);
        assert_eq!(
            config,
            SnapshotConfig {
                auto_on_publish: false,
                updated_at: Some(Timestamp::UNIX_EPOCH),
                ..default_for
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
            (json!({ "lifetime": "1h" }), "lifetime"),
            (
                json!({ "lifetime": "3h", "scheduled": { "enabled": true, "interval": "91m" } }),
                "lifetime",
            ),
            (json!({ "scheduled": { "enabled": true, "cron": "0 0 1 * *" } }), "lifetime"),
            (json!({ "retention": { "keep_snapshots": 0 } }), "retention.keep_snapshots"),
            (json!({ "retention": { "cleanup_interval": "1m" } }), "retention.cleanup_interval"),
            (json!({ "snapshots": {}, "auto_on_publish": true }), "snapshots"),
        ] {
            assert_eq!(put(body).unwrap_err().field(), Some(field));
        }
    }
}
