//! The table as it is, read past the product, and what has to agree in it.

use std::collections::{BTreeMap, BTreeSet};

use slipway_test_support::{Value, World, json};

/// All rows of the table: the entity by partition key and sort key.
#[derive(Debug, Clone, PartialEq)]
pub struct Rows(BTreeMap<(String, String), Value>);

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
            // The sort key of an audit event is its id, that of an entry in the release index its
            // product's.
            let known = ["AUDIT", "INDEX", "STREAMS", "STREAMUSES"]
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
            .filter(|(key, _)| key.0.starts_with("AUDIT#"))
            .map(|(_, event)| event["subject"].as_str().unwrap())
    }

    /// How many audit events of this kind there are about `subject`.
    pub fn audited(&self, event_type: &str, subject: &str) -> usize {
        self.with("AUDIT#", "")
            .filter(|event| event["event_type"] == event_type && event["subject"] == subject)
            .count()
    }

    /// Makes sure that releases, their pointers, the heads of their channels and the uses of their
    /// artifacts tell the same story.
    #[track_caller]
    pub fn agree(&self) {
        let releases: Vec<&Value> = self.with("PRODUCT#", "RELEASE#").collect();
        let pointers: BTreeSet<String> = self
            .0
            .keys()
            .filter(|key| key.0.starts_with("RELEASE#"))
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

        let heads: BTreeSet<String> = self.with("PRODUCT#", "HEAD#").flat_map(lives_of).collect();
        assert_eq!(heads, live.iter().map(|release| place(release, release)).collect());
        let newest =
            |head: &Value| (place_of(head), head["live"].get(0).cloned().unwrap_or_default());
        let indexed: BTreeMap<_, _> = self
            .with("INDEX", "")
            .map(|entry| (place_of(entry), entry["newest"].clone()))
            .collect();
        assert_eq!(
            indexed,
            // A channel on which nothing was ever released has a head once it is closed.
            self.with("PRODUCT#", "HEAD#")
                .filter(|head| head["live"] != json!([]) || head["revoked"] != json!([]))
                .map(newest)
                .collect(),
            "the release index has what is newest in each head"
        );
        for release in live {
            assert_eq!(
                self.audited("release.published", text(release, "release_id")),
                1,
                "{release:#}"
            );
        }
        for head in self.with("PRODUCT#", "HEAD#") {
            assert!(
                head["live"].as_array().unwrap().is_sorted_by(|a, b| version(a) > version(b)),
                "{head:#}"
            );
        }
    }
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

fn lives_of(head: &Value) -> Vec<String> {
    head["live"].as_array().unwrap().iter().map(|live| place(head, live)).collect()
}

/// What a head has to know of a release.
fn place(head: &Value, release: &Value) -> String {
    format!(
        "{} {} {} {}",
        text(head, "product_id"),
        text(head, "channel"),
        text(release, "release_id"),
        release["rollout"]
    )
}
