//! What release bundles cost, and that a page of their list costs what it shows.

use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use slipway_aws::Clients;
use slipway_edge::telemetry::LogRecord;
use slipway_test_support::{Call, Value, World, json, text};

use crate::access_patterns::Meaning;
use crate::budget_world::BudgetWorld;
use crate::operations::CostMeter;

/// What reads of release bundles are for.
pub const MEANINGS: &[Meaning] = &[
    ("GetItem", None, "BUNDLE#*", "BUNDLE", "a release bundle by id"),
    ("BatchGetItem", None, "BUNDLE#*", "BUNDLE", "release bundles by id, 20 a request"),
    (
        "Query",
        None,
        "BUNDLESEGMENTS",
        "SEGMENT#*",
        "the newest segment of the list of release bundles",
    ),
    ("Query", None, "BUNDLESEGMENTS", "*", "all segments of the list of release bundles"),
    ("Query", None, "BUNDLELIST#*", "ID#*", "what lists show of the release bundles of a segment"),
    (
        "BatchGetItem",
        None,
        "BUNDLELIST#*",
        "ID#*",
        "what lists show of release bundles, up to 100 a request",
    ),
    ("Query", None, "BUNDLESOF#*", "ID#*", "the release bundles that have a component"),
    (
        "GetItem",
        None,
        "COMPONENTUSES",
        "COMPONENTUSES",
        "how often components were put into release bundles, and deleted",
    ),
    ("BatchGetItem", None, "COMPONENTS", "ID#*", "components by id, up to 100 a request"),
    (
        "BatchGetItem",
        None,
        "VERSIONS#*",
        "VERSION#*",
        "what versions mean, up to 100 rows a request",
    ),
    ("BatchGetItem", None, "VERSIONS#*", "TAG#*", "what tags mean, up to 100 rows a request"),
    (
        "BatchGetItem",
        None,
        "VERSIONS#*",
        "CHANNEL#*",
        "the highest versions on channels, up to 100 rows a request",
    ),
    (
        "BatchGetItem",
        None,
        "VERSIONS#*",
        "STATE",
        "what is known of components' versions as a whole, up to 100 rows a request",
    ),
    (
        "Query",
        None,
        "VERSIONS#*",
        "CHANNEL#*",
        "the highest versions of a deleted component on its channels, to delete them",
    ),
    (
        "Query",
        None,
        "VERSIONS#*",
        "DIGEST#*",
        "the newest version maps of a deleted component's digests, to delete them",
    ),
    (
        "Query",
        None,
        "VERSIONS#*",
        "STATE",
        "what is known of a deleted component's versions as a whole, to delete it",
    ),
    (
        "Query",
        None,
        "VERSIONS#*",
        "VERSION#*",
        "the newest version maps of a deleted component's versions, to delete them",
    ),
    (
        "Query",
        None,
        "VERSIONS#*",
        "between two times",
        "what the tags of a component from one to another stand for",
    ),
    ("Query", None, "DEPLOYMENTS", "*", "what is deployed in each environment"),
];

/// Where release bundles are.
const PLACE: &str = "/api/v1/releases";
/// How many components a bundle has that has many.
const MANY: usize = 50;
/// How many entries a segment of the list has.
const SEGMENT: usize = 200;

/// What creates a bundle with this version of all `components`.
fn of(name: &str, components: &[Value], version: &str) -> Value {
    let select = |component: &Value| json!({ "componentId": component["id"], "version": version });
    let components: Vec<_> = components.iter().map(select).collect();
    json!({ "name": name, "components": components })
}

impl CostMeter {
    /// Pays for release bundles.
    pub async fn bundles(&mut self) {
        let mut many = Vec::new();
        for n in 0..MANY {
            many.push(self.fixture.world.component(&format!("component-{n}")).await);
        }
        let two = &many[..2];
        let op = "bundle-create";
        let old = self.with(op, "2 components", PLACE, &of("old", two, "1.0.0")).await;
        let new = of("new", &many[1..3], "2.0.0");
        let new = self.fixture.world.post(PLACE, new).await.expect(201);
        let large = self.with(op, "50 components", PLACE, &of("large", &many, "2.0.0")).await;
        let latest = format!("{PLACE}/from-latest");
        let op = "bundle-create-from-latest";
        self.with(op, "all of 50 components", &latest, &json!({ "name": "all" })).await;
        let some = json!({ "name": "some", "componentIds": [two[0]["id"], two[1]["id"]] });
        self.with(op, "2 components", &latest, &some).await;
        let path = |bundle: &Value| format!("{PLACE}/{}", text(bundle, "id"));
        self.plain("bundle-get", "2 components", path(&old)).await;
        self.plain("bundle-get", "50 components", path(&large)).await;
        let op = "bundle-update";
        self.with(op, "display name", path(&old), &json!({ "displayName": "Old" })).await;
        let other = json!({ "components": of("", &many[2..4], "1.0.0")["components"] });
        self.with(op, "2 other components", path(&old), &other).await;
        self.with(op, "ready", path(&old), &json!({ "status": "ready" })).await;
        let manifest = format!("{}/manifest", path(&old));
        self.plain("bundle-manifest", "2 components", &manifest).await;
        let compose = format!("{manifest}?format=compose");
        self.plain("bundle-manifest", "as a Compose file", compose).await;
        self.plain("bundle-list", "5 releases", PLACE).await;
        self.plain("bundle-list", "by status", format!("{PLACE}?status=ready")).await;
        let by = format!("{PLACE}?componentId={}", text(&many[2], "id"));
        self.plain("bundle-list", "by component", &by).await;
        self.plain("bundle-list", "by component and status", format!("{by}&status=draft")).await;
        self.plain("bundle-state", "", format!("{}/state", path(&old))).await;
        let compare = format!("{}/compare/{}", path(&old), text(&new, "id"));
        self.plain("bundle-compare", "2 components each", compare).await;
        // Nobody is there to be asked: what is paid for is finding out what to ask.
        self.perform("check-digests", "5 releases, registry out of reach", json!({})).await;
        self.plain("bundle-deprecate", "", format!("{}/deprecate", path(&old))).await;
        self.plain("bundle-delete", "2 components, deprecated", path(&old)).await;
        self.plain("bundle-delete", "50 components, a draft", path(&large)).await;
    }
}

/// The rows of a list of so many bundles, as their creation leaves them: segments and entries.
fn rows(bundles: usize) -> Vec<(String, String, Value, usize)> {
    let mut rows = Vec::new();
    for segment in 1..=bundles.div_ceil(SEGMENT) {
        let count = SEGMENT.min(bundles - (segment - 1) * SEGMENT);
        let doc = json!({ "segment": segment });
        rows.push(("BUNDLESEGMENTS".to_owned(), format!("SEGMENT#{segment:010}"), doc, count));
        for n in 0..count {
            let n = (segment - 1) * SEGMENT + n;
            let id = format!("0199c2f0-a1b2-7c3d-8e4f-{n:012x}");
            let doc = json!({
                "id": id, "name": format!("myapp-{n}"), "status": "draft",
                "component_count": 3, "created_at": "2026-01-10T14:23:45Z",
            });
            rows.push((format!("BUNDLELIST#{segment:010}"), format!("ID#{id}"), doc, 0));
        }
    }
    rows
}

/// Writes the list of so many bundles.
async fn lengthen(world: &World, bundles: usize) {
    let client = Clients::local(&world.stack.local).dynamodb;
    let number = |number: usize| AttributeValue::N(number.to_string());
    for some in rows(bundles).chunks(25) {
        let puts = some.iter().map(|(pk, sk, doc, count)| {
            let text = |text: &str| AttributeValue::S(text.to_owned());
            let put = PutRequest::builder().item("PK", text(pk)).item("SK", text(sk));
            let put = put.item("doc", text(&doc.to_string())).item("rev", number(1));
            let put = match count {
                0 => put,
                count => put.item("created", number(*count)).item("class:draft", number(*count)),
            };
            WriteRequest::builder().put_request(put.build().unwrap()).build()
        });
        let table = &world.stack.settings.table;
        client.batch_write_item().request_items(table, puts.collect()).send().await.unwrap();
    }
}

/// A page, and what it cost.
async fn page(world: &World, query: &str) -> (Value, LogRecord) {
    let call = Call::new("bundle-list", format!("{PLACE}?{query}"));
    let (answer, record) = call.bearer(&world.stack.admin_token).on(&world.stack.services).await;
    (answer.expect(200), record)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_release_bundles_costs_what_it_shows_however_many_there_are() {
    for (bundles, most_units) in [(10, 2.0), (1_000, 7.0), (10_000, 9.0)] {
        let world = BudgetWorld::open().await.world;
        lengthen(&world, bundles).await;
        let last = bundles.div_ceil(20);
        for query in ["page=1".to_owned(), format!("page={}", last / 2 + 1), format!("page={last}")]
        {
            let (page, record) = page(&world, &query).await;
            assert_eq!(page["meta"]["totalCount"], bundles, "{query}");
            assert_eq!(page["data"].as_array().unwrap().len(), 20.min(bundles), "{query}");
            assert_eq!(record.dynamodb_requests, 2, "{bundles}: {query}");
            let units = record.dynamodb_read_units;
            // At most the segments' rows and one segment as a whole.
            assert!(units <= most_units + 8.0, "{bundles}: {query}: {units}");
            if query == "page=1" {
                assert!(units <= most_units, "{bundles}: {units}");
            }
        }
        world.stack.stop().await;
    }
}
