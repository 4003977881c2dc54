//! Catalogs of many products. A snapshot is made of the release index alone, so that is what is
//! filled: each row is one that publishing wrote, with other names.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use slipway_aws::Clients;
use slipway_catalog::schema::{DOC, PK, SK, index_entry};
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
        let pattern = self.pattern(&client).await;
        let places: Vec<_> =
            (0..products).flat_map(|product| CHANNELS.map(|channel| (product, channel))).collect();
        let mut bytes = 0;
        for some in places.chunks(AT_ONCE) {
            let rows: Vec<Item> = some
                .iter()
                .map(|(product, channel)| renamed(&pattern, *product, channel))
                .collect();
            bytes += rows.iter().map(size).sum::<usize>();
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

    /// The row of the index that publishing a release of four artifacts writes.
    async fn pattern(&self, client: &aws_sdk_dynamodb::Client) -> Item {
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
        let key = index_entry(&"prod_0".parse().unwrap(), &"stable".parse().unwrap());
        let request = client.get_item().table_name(&self.world.stack.settings.table);
        let request = request.key(PK, AttributeValue::S(key.pk)).key(SK, AttributeValue::S(key.sk));
        request.send().await.unwrap().item.unwrap()
    }
}

/// The row of another product and channel, whose artifacts have other bytes.
fn renamed(pattern: &Item, product: usize, channel: &str) -> Item {
    let mut entry: Value = serde_json::from_str(pattern[DOC].as_s().unwrap()).unwrap();
    let id = format!("prod_{product}");
    entry["product_id"] = json!(id);
    entry["channel"] = json!(channel);
    entry["newest"]["release_id"] = json!(format!("rel_{product:030}{}", channel.len()));
    for (index, artifact) in
        entry["newest"]["artifacts"].as_array_mut().unwrap().iter_mut().enumerate()
    {
        let name = format!("{product:026}{channel}{index}");
        artifact["artifact_id"] = json!(format!("art_{name}"));
        artifact["sha256"] = json!(Sha256::of(name.as_bytes()));
    }
    let key = index_entry(&id.parse().unwrap(), &channel.parse().unwrap());
    let mut row = pattern.clone();
    row.insert(PK.to_owned(), AttributeValue::S(key.pk));
    row.insert(SK.to_owned(), AttributeValue::S(key.sk));
    row.insert(DOC.to_owned(), AttributeValue::S(entry.to_string()));
    row
}

/// The size of a row, as DynamoDB counts it: names and values, a number as a byte for two digits
/// and one more.
fn size(row: &Item) -> usize {
    let value = |value: &AttributeValue| value.as_s().map_or(2, String::len);
    row.iter().map(|(name, attribute)| name.len() + value(attribute)).sum()
}
