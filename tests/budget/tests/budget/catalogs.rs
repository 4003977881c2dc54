//! Catalogs of many products. A snapshot is made of the release index and of the heads of channels,
//! so that is what is filled: each row is one that publishing wrote, with other names.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use slipway_aws::Clients;
use slipway_catalog::schema::{DOC, Key, PK, SK, head, index_entry};
use slipway_domain::Sha256;
use slipway_test_support::{Value, World, json};

use crate::budget_world::BudgetWorld;

type Item = HashMap<String, AttributeValue>;

/// The channels of each product.
const CHANNELS: [&str; 2] = ["beta", "stable"];
/// What DynamoDB takes at once.
const AT_ONCE: usize = 25;

impl BudgetWorld {
    /// A stack with two tenants, of which one may have everything and one nothing, and with
    /// `products` products on two channels, each with a release of four artifacts of its own; and
    /// how many bytes the release index has.
    pub async fn with_catalog(products: usize) -> (Self, usize) {
        let fixture = Self::open().await;
        for (tenant, products) in [("tenant_abc123", json!("*")), ("tenant_none", json!([]))] {
            fixture
                .world
                .post(
                    "/v1/tenants",
                    json!({ "tenant_id": tenant, "name": "ABC", "products": products }),
                )
                .await
                .expect(201);
        }
        let bytes = fixture.fill(products).await;
        (fixture, bytes)
    }

    async fn fill(&self, products: usize) -> usize {
        let client = Clients::local(&self.world.stack.local).dynamodb;
        let table = &self.world.stack.settings.table;
        let patterns = self.patterns(&client).await;
        let places: Vec<_> =
            (0..products).flat_map(|product| CHANNELS.map(|channel| (product, channel))).collect();
        let mut bytes = 0;
        for some in places.chunks(AT_ONCE / 2) {
            let mut rows = Vec::new();
            for (product, channel) in some {
                let [entry, head] = renamed(&patterns, *product, channel);
                bytes += size(&entry);
                rows.extend([entry, head]);
            }
            let puts = rows.into_iter().map(|row| {
                let put = PutRequest::builder().set_item(Some(row)).build().unwrap();
                WriteRequest::builder().put_request(put).build()
            });
            let answer = client
                .batch_write_item()
                .request_items(table, puts.collect())
                .send()
                .await
                .unwrap();
            assert!(answer.unprocessed_items().is_none_or(HashMap::is_empty));
        }
        bytes
    }

    /// The row of the index and the head that publishing a release of four artifacts writes.
    async fn patterns(&self, client: &aws_sdk_dynamodb::Client) -> [Item; 2] {
        self.world.product("prod_0").await;
        let mut release =
            World::release_of("prod_0", "1.0.0", "stable", &self.world.external(0).await);
        let mut artifacts = Vec::new();
        for (seed, platform, arch, installer) in [
            (1, "windows", "x86_64", "msi"),
            (2, "windows", "arm64", "msi"),
            (3, "macos", "arm64", "pkg"),
            (4, "linux", "x86_64", "deb"),
        ] {
            let id = self.world.external(seed).await;
            artifacts.push(
                json!({ "artifact_id": id, "platform": platform, "arch": arch, "installer_type": installer, "requires_admin": true }),
            );
        }
        release["artifacts"] = json!(artifacts);
        release["metadata"] =
            json!({ "release_notes": "What our customers run, with the fixes of this month." });
        self.world.post("/v1/releases", release).await.expect(201);
        let [entry, head] = keys("prod_0", "stable").map(async |Key { pk, sk }| {
            let request = client.get_item().table_name(&self.world.stack.settings.table);
            let request = request.key(PK, AttributeValue::S(pk)).key(SK, AttributeValue::S(sk));
            request.send().await.unwrap().item.unwrap()
        });
        [entry.await, head.await]
    }
}

/// Where a channel's entry in the index and its head are.
fn keys(product: &str, channel: &str) -> [Key; 2] {
    let (product, channel) = (product.parse().unwrap(), channel.parse().unwrap());
    [index_entry(&product, &channel), head(&product, &channel)]
}

/// The rows of another product and channel, whose artifacts have other bytes.
fn renamed(patterns: &[Item; 2], product: usize, channel: &str) -> [Item; 2] {
    let id = format!("prod_{product}");
    let [entry, head] = patterns.each_ref().map(|pattern| {
        let mut doc: Value = serde_json::from_str(pattern[DOC].as_s().unwrap()).unwrap();
        doc["product_id"] = json!(id);
        doc["channel"] = json!(channel);
        doc
    });
    let head = of_other_bytes(head, product, channel);
    let [entry_key, head_key] = keys(&id, channel);
    let [entry_pattern, head_pattern] = patterns;
    [row(entry_pattern, entry_key, &entry), row(head_pattern, head_key, &head)]
}

fn of_other_bytes(mut head: Value, product: usize, channel: &str) -> Value {
    let release_id = json!(format!("rel_{product:030}{}", channel.len()));
    head["summary"]["recent"][0]["release_id"] = release_id.clone();
    let newest = &mut head["live"][0];
    newest["release_id"] = release_id;
    for (index, artifact) in newest["artifacts"].as_array_mut().unwrap().iter_mut().enumerate() {
        let name = format!("{product:026}{channel}{index}");
        artifact["artifact_id"] = json!(format!("art_{name}"));
        artifact["sha256"] = json!(Sha256::of(name.as_bytes()));
    }
    head
}

fn row(pattern: &Item, key: Key, doc: &Value) -> Item {
    let mut row = pattern.clone();
    row.insert(PK.to_owned(), AttributeValue::S(key.pk));
    row.insert(SK.to_owned(), AttributeValue::S(key.sk));
    row.insert(DOC.to_owned(), AttributeValue::S(doc.to_string()));
    row
}

/// The size of a row, as DynamoDB counts it: names and values, a number as a byte for two digits
/// and one more.
fn size(row: &Item) -> usize {
    let value = |value: &AttributeValue| value.as_s().map_or(2, String::len);
    row.iter().map(|(name, attribute)| name.len() + value(attribute)).sum()
}
