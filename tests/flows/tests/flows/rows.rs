//! The table as it is, read past the product, and what has to agree in it.

use std::collections::{BTreeMap, BTreeSet};

use slipway_domain::channel_head::MAX_RECENT;
use slipway_test_support::{Value, World, json};

/// All rows of the table: the entity by partition key and sort key.
#[derive(Debug, Clone, PartialEq)]
pub struct Rows(BTreeMap<(String, String), Value>);

/// What the partitions of audit events begin with: those of days begin with the year. An event of a
/// product and a tenant has a second row in another one.
pub const AUDITED: &str = "AUDIT#2";

/// What kind of row was added, changed or removed.
pub type Shape = BTreeMap<String, usize>;

impl Rows {
    /// The rows as they are now, but for idempotency records, which belong to requests.
    pub async fn of(world: &World) -> Self {
        let mut rows = world.rows().await;
        rows.retain(|(pk, _), _| !pk.starts_with("IDEMPOTENCY#"));
        Self(rows)
    }

    /// What has happened since `before`: how many rows of which kind were added (`+`), changed
    /// (`~`) or removed (`-`).
    pub fn since(&self, before: &Self) -> Shape {
        let mut shape = Shape::new();
        for key in self.0.keys().chain(before.0.keys()).collect::<BTreeSet<_>>() {
            let sign = match (before.0.get(key), self.0.get(key)) {
                (None, Some(_)) => '+',
                (Some(_), None) => '-',
                (old, new) if old != new => '~',
                _ => continue,
            };
            let kind = |text: &str| text.split('#').next().unwrap_or_default().to_owned();
            // The sort key of an audit event or a webhook is its id, that of an entry in the
            // release index its product's, that of a rollout that is due its time.
            let known =
                ["AUDIT", "INDEX", "STREAMS", "STREAMUSES", "DUEROLLOUTS", "HALTCHECK", "WEBHOOKS"]
                    .into_iter()
                    .find(|name| kind(&key.0) == *name);
            let row =
                known.map_or_else(|| format!("{}/{}", kind(&key.0), kind(&key.1)), str::to_owned);
            *shape.entry(format!("{sign}{row}")).or_default() += 1;
        }
        shape
    }

    /// The entities whose partition and sort key begin like this.
    pub fn with<'a>(&'a self, pk: &'a str, sk: &'a str) -> impl Iterator<Item = &'a Value> {
        self.0
            .iter()
            .filter(move |(key, _)| key.0.starts_with(pk) && key.1.starts_with(sk))
            .map(|(_, value)| value)
    }

    /// The subjects of the audit events that were added since `before`.
    pub fn audited_since<'a>(&'a self, before: &'a Self) -> impl Iterator<Item = &'a str> {
        let added = self.0.iter().filter(|(key, _)| !before.0.contains_key(key));
        added
            .filter(|(key, _)| key.0.starts_with(AUDITED))
            .map(|(_, event)| event["subject"].as_str().unwrap())
    }

    /// How many audit events of this kind there are about `subject`.
    pub fn audited(&self, event_type: &str, subject: &str) -> usize {
        self.with(AUDITED, "")
            .filter(|event| event["event_type"] == event_type && event["subject"] == subject)
            .count()
    }

    /// The ids of the audit events about each subject.
    fn audited_by_subject(&self) -> BTreeMap<&str, BTreeSet<&str>> {
        let mut audited: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for event in self.with(AUDITED, "") {
            audited.entry(text(event, "subject")).or_default().insert(text(event, "event_id"));
        }
        audited
    }

    /// The ids of the events in the history of each release.
    fn histories(&self) -> BTreeMap<&str, BTreeSet<&str>> {
        let mut histories: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        let changes = self.0.iter().filter(|(key, _)| key.1.starts_with("HISTORY#"));
        for ((pk, _), change) in changes {
            let Some(id) = pk.strip_prefix("RELEASE#") else { continue };
            histories.entry(id).or_default().insert(text(change, "event_id"));
        }
        histories
    }

    /// Makes sure that what was done to approvals of changes of `release`, and to uploads for it,
    /// is among its events.
    fn events_beside_agree(&self, release: &str) {
        self.are_in("RELEASEAPPROVALS#", "approval.", release);
        self.are_in("RELEASEUPLOADS#", "upload.", release);
    }

    /// Makes sure that the partition of `release` in `partitions` has its events whose type begins
    /// with `kind`.
    fn are_in(&self, partitions: &str, kind: &str, release: &str) {
        let partition = format!("{partitions}{release}");
        let found: BTreeSet<&str> =
            self.with(&partition, "HISTORY#").map(|row| text(row, "event_id")).collect();
        let is_theirs = |event: &&Value| {
            event["release_id"] == release && text(event, "event_type").starts_with(kind)
        };
        let events = self.with(AUDITED, "").filter(is_theirs);
        assert_eq!(found, events.map(|event| text(event, "event_id")).collect(), "{release}");
    }

    /// Makes sure that releases, their pointers and histories, the rollouts that are due, the heads
    /// of their channels and the uses of their artifacts tell the same story.
    #[track_caller]
    pub fn agree(&self) {
        let releases: Vec<&Value> = self.with("PRODUCT#", "RELEASE#").collect();
        let pointers: BTreeSet<String> = self
            .0
            .keys()
            .filter(|key| key.0.starts_with("RELEASE#") && key.1 == "RELEASE")
            .map(|key| key.0.clone())
            .collect();
        assert_eq!(
            pointers,
            releases
                .iter()
                .map(|release| format!("RELEASE#{}", text(release, "release_id")))
                .collect()
        );

        let live: Vec<&Value> =
            releases.iter().copied().filter(|release| release["status"] == "published").collect();
        let uses: BTreeSet<(String, String)> =
            self.0.keys().filter(|key| key.1.starts_with("USE#")).cloned().collect();
        assert_eq!(uses, live.iter().flat_map(|release| uses_of(release)).collect());

        let required: BTreeSet<(String, String)> =
            self.0.keys().filter(|key| key.1.starts_with("REQUIRED#")).cloned().collect();
        let is_required = |release: &&&Value| release["required"] == true;
        assert_eq!(
            required,
            live.iter().filter(is_required).map(|release| required_row_of(release)).collect()
        );
        let due: BTreeSet<&str> =
            self.0.keys().filter(|key| key.0 == "DUEROLLOUTS").map(|key| key.1.as_str()).collect();
        let expected: BTreeSet<String> = live.iter().copied().filter_map(due_step_of).collect();
        assert_eq!(due, expected.iter().map(String::as_str).collect());
        let (histories, audited) = (self.histories(), self.audited_by_subject());
        for id in releases.iter().map(|release| text(release, "release_id")) {
            assert_eq!(histories.get(id), audited.get(id), "{id}");
            self.events_beside_agree(id);
        }

        let indexed: BTreeSet<_> = self.with("INDEX", "").map(place_of).collect();
        let published = releases.iter().filter(|release| release["status"] != "draft");
        assert_eq!(indexed, published.map(|release| place_of(release)).collect());
        let heads: BTreeSet<_> = self.with("PRODUCT#", "HEAD#").map(place_of).collect();
        assert!(heads.is_superset(&indexed), "{heads:?} {indexed:?}");
        self.with("PRODUCT#", "HEAD#").for_each(|head| agrees(head, &releases));
        for release in live {
            assert_eq!(
                self.audited("release.published", text(release, "release_id")),
                1,
                "{release:#}"
            );
        }
    }
}

/// Where a live release stands among the rollouts that are due, if it has a step to come.
fn due_step_of(release: &Value) -> Option<String> {
    let plan = release.get("rollout_plan").filter(|plan| plan.get("paused_at").is_none())?;
    let share = release["rollout"]["basis_points"].as_u64();
    let steps = plan["steps"].as_array().unwrap();
    let next = steps.iter().find(|step| step[0].as_u64() > share)?;
    let after: slipway_domain::Span = next[1].as_str().unwrap().parse().unwrap();
    let started_at: slipway_domain::Timestamp = text(plan, "started_at").parse().unwrap();
    let due_at = started_at + after.duration();
    Some(format!("{:015}#{}", due_at.as_millisecond(), text(release, "release_id")))
}

/// Makes sure that a head says of its channel what the releases say.
#[track_caller]
fn agrees(head: &Value, releases: &[&Value]) {
    let of = |status: &str| {
        let here = releases.iter().filter(|release| place_of(release) == place_of(head));
        let mut here: Vec<&Value> =
            here.filter(|release| release["status"] == status).copied().collect();
        here.sort_by_key(|release| std::cmp::Reverse(version(release)));
        here
    };
    let (live, summary) = (of("published"), &head["summary"]);
    assert_eq!(summary["live"], live.len(), "{head:#}");
    let newest = head["live"].as_array().unwrap().first();
    assert_eq!(newest.map(short), live.first().map(|newest| short(newest)), "{head:#}");
    let recent: Vec<_> = summary["recent"].as_array().unwrap().iter().map(short).collect();
    let expected: Vec<_> = live.iter().take(MAX_RECENT).map(|release| short(release)).collect();
    assert_eq!(recent, expected, "{head:#}");
    let required = live.iter().filter(|release| release["required"] == true).count();
    assert_eq!(summary["required"]["live"].as_u64().unwrap_or(0), required as u64, "{head:#}");
    let revoked = of("revoked").first().map(|release| text(release, "version"));
    assert_eq!(head["revoked"][0].as_str(), revoked, "{head:#}");
    if let Some(last) = head["last_revoked"].as_str() {
        assert!(of("revoked").iter().any(|release| text(release, "version") == last), "{head:#}");
    }
    for target in summary["targets"].as_array().unwrap() {
        let runs_on = |artifact: &Value| {
            ["platform", "arch"].into_iter().all(|name| artifact[name] == target[name])
        };
        let fits = |release: &&&Value| release["artifacts"].as_array().unwrap().iter().any(runs_on);
        let fitting: Vec<_> = live.iter().filter(fits).map(|one| text(one, "version")).collect();
        assert_eq!(
            (&target["live"], &target["newest"]),
            (&json!(fitting.len()), &json!(fitting[0]))
        );
        let is_for_all = |one: &&&&Value| one["rollout"] == for_all_clients();
        let for_all: Vec<_> = live.iter().filter(fits).filter(|one| is_for_all(&one)).collect();
        let newest = for_all.first().map(|one| text(one, "version"));
        let rolled_out = json!({ "live": for_all.len(), "newest": newest });
        let absent = if for_all.len() == fitting.len() { &Value::Null } else { &rolled_out };
        assert_eq!(&target["rolled_out"], absent, "{head:#}");
    }
}

/// The rollout that summaries leave out.
fn for_all_clients() -> Value {
    json!({ "basis_points": 10_000, "paused": false })
}

/// What a head has to know of a release.
fn short(release: &Value) -> (String, String, String) {
    let text = |name| text(release, name).to_owned();
    let rollout = release.get("rollout").cloned().unwrap_or_else(for_all_clients);
    (text("release_id"), text("version"), rollout.to_string())
}

/// The product and the channel.
fn place_of(value: &Value) -> (String, String) {
    (text(value, "product_id").to_owned(), text(value, "channel").to_owned())
}

fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value[member].as_str().unwrap()
}

fn version(release: &Value) -> slipway_domain::Version {
    text(release, "version").parse().unwrap()
}

/// Where the row is by which clients below a required release find it.
fn required_row_of(release: &Value) -> (String, String) {
    let (product, channel) = place_of(release);
    (format!("PRODUCT#{product}"), format!("REQUIRED#{channel}#{}", version(release).sort_key()))
}

fn uses_of(release: &Value) -> Vec<(String, String)> {
    let artifacts = release["artifacts"].as_array().unwrap().iter();
    artifacts
        .map(|artifact| {
            (
                format!("ARTIFACT#{}", text(artifact, "artifact_id")),
                format!("USE#{}", text(release, "release_id")),
            )
        })
        .collect()
}
