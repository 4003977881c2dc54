//! What lists cost bound credentials: as much as they have themselves, whatever others have.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use slipway_test_support::{Call, Value, World, json, text};

use crate::budget_world::BudgetWorld;

/// Releases of other products.
const RELEASES: usize = 560;
/// Other products and tenants, each with a mirror, an artifact and a snapshot.
const OTHERS: usize = 120;

/// The lists that credentials may ask for that are bound to products or to a tenant.
const LISTS: [(&str, &str); 15] = [
    ("product-list", "/v1/products"),
    ("channel-list", "/v1/channels"),
    ("channel-list", "/v1/channels?product_id=prod_mine"),
    ("release-list", "/v1/releases"),
    ("release-list", "/v1/releases?channel=stable"),
    ("release-list", "/v1/releases?product_id=prod_mine"),
    ("product-releases", "/v1/products/prod_mine/releases"),
    ("product-releases", "/v1/products/prod_mine/releases?version=1.0.0"),
    ("product-activity", "/v1/products/prod_mine/activity"),
    ("release-history", "/v1/releases/{release_id}/history"),
    ("approval-list", "/v1/approvals"),
    ("approval-list", "/v1/approvals?product_id=prod_mine"),
    ("snapshot-list", "/v1/snapshots"),
    ("snapshot-list", "/v1/snapshots?tenant_id=tenant_mine"),
    ("snapshot-stream-list", "/v1/tenants/tenant_mine/streams"),
];

/// The lists that they may not ask for: whoever may is bound to nothing.
const OF_THE_WHOLE_DEPLOYMENT: [(&str, &str); 11] = [
    ("artifact-list", "/v1/artifacts"),
    ("audit-list", "/v1/audit/events"),
    ("component-versions", "/api/v1/components/0199c2f0-a1b2-7c3d-8e4f-5a6b7c8d9e20/versions"),
    ("mirror-list", "/v1/mirrors"),
    ("tenant-list", "/v1/tenants"),
    ("tenant-policies", "/v1/tenants/tenant_mine/policies"),
    ("token-list", "/v1/tokens"),
    ("trust-list", "/v1/trust-rules"),
    ("version-map-list", "/api/v1/version-maps"),
    ("webhook-deliveries", "/v1/webhooks/whk_mine/deliveries"),
    ("webhook-list", "/v1/webhooks"),
];

/// The operations that take a cursor.
fn paged_operations() -> BTreeSet<String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    let document: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    let takes_cursor = |operation: &&Value| {
        let mut parameters = operation["parameters"].as_array().into_iter().flatten();
        parameters.any(|parameter| parameter["name"] == "cursor")
    };
    let paths = document["paths"].as_object().unwrap().values();
    let operations = paths.flat_map(|path| path.as_object().unwrap().values());
    let paged = operations.filter(takes_cursor);
    paged.map(|operation| operation["operationId"].as_str().unwrap().to_owned()).collect()
}

/// One product and one tenant, and the secrets of tokens that are bound to them.
async fn mine(world: &World) -> [String; 3] {
    world.product("prod_mine").await;
    world.release("prod_mine", "1.0.0").await;
    world.release("prod_mine", "1.1.0").await;
    world.tenant("tenant_mine", json!(["prod_mine"])).await;
    world.generate_snapshot(json!({ "tenant_id": "tenant_mine" })).await;
    let scopes = ["releases:read", "mirrors:read"];
    let (product, tenant) = (json!(["prod_mine"]), "tenant_mine");
    [
        world.secret(json!({ "scopes": scopes, "product_ids": product })).await,
        world.secret(json!({ "scopes": scopes, "tenant_id": tenant })).await,
        world
            .secret(json!({ "scopes": scopes, "tenant_id": tenant, "product_ids": product }))
            .await,
    ]
}

/// What others have comes after it and before it, by time, by id and by version.
async fn of_others(world: &World) {
    for n in 0..OTHERS {
        let (product, tenant) = (format!("prod_a{n}"), format!("tenant_z{n}"));
        world.product(&product).await;
        world.tenant(&tenant, json!("*")).await;
        world
            .post("/v1/mirrors", json!({ "name": "theirs", "tenant_id": tenant }))
            .await
            .expect(201);
        world.token(&["releases:read"]).await;
        world.generate_snapshot(json!({ "tenant_id": tenant })).await;
    }
    for n in 0..RELEASES {
        world.draft(&format!("prod_a{}", n % OTHERS), &format!("1.{n}.0")).await;
    }
}

/// What each list costs each credential, with one entry on a page: read units and requests.
async fn costs(world: &World, secrets: &[String]) -> Vec<(String, f64, u64)> {
    let mut costs = Vec::new();
    let release = world.get("/v1/products/prod_mine/releases/latest").await.expect(200);
    for (place, secret) in secrets.iter().enumerate() {
        for (op, path) in LISTS {
            let separator = if path.contains('?') { '&' } else { '?' };
            let asked = path.replace("{release_id}", text(&release, "release_id"));
            let call = Call::new(op, format!("{asked}{separator}limit=1")).bearer(secret);
            let call = if op == "snapshot-stream-list" {
                Call::new(op, path).bearer(secret)
            } else {
                call
            };
            let (answer, record) = call.on(&world.stack.services).await;
            // A credential that is bound to products sees no snapshots.
            assert!(matches!(answer.status, 200 | 403 | 404), "{path}: {answer:?}");
            let case = format!("{path} by credential {place}: {}", answer.status);
            costs.push((case, record.dynamodb_read_units, record.dynamodb_requests));
        }
    }
    costs
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_have_makes_no_list_dearer_for_a_bound_credential() {
    let world = BudgetWorld::open().await.world;
    let secrets = mine(&world).await;
    let alone = costs(&world, &secrets).await;
    of_others(&world).await;
    assert_eq!(costs(&world, &secrets).await, alone);
    for (case, read_units, _) in &alone {
        // Token, tenant, what the list is of by its id and by its key, and the list.
        assert!(*read_units <= 5.0, "{case} takes {read_units}");
    }
    let secret = &secrets[0];
    for (op, path) in OF_THE_WHOLE_DEPLOYMENT {
        let (answer, record) = Call::new(op, path).bearer(secret).on(&world.stack.services).await;
        answer.refused(403, "forbidden", None);
        assert!(record.dynamodb_requests <= 1, "{op}");
    }
    world.stack.stop().await;
}

#[test]
fn every_paged_operation_has_its_line() {
    let named = LISTS.iter().chain(&OF_THE_WHOLE_DEPLOYMENT).map(|(op, _)| *op);
    let named: BTreeSet<String> = named.map(str::to_owned).collect();
    let unpaged = BTreeSet::from(["snapshot-stream-list".to_owned()]);
    assert_eq!(paged_operations(), &named - &unpaged);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_have_makes_no_snapshot_dearer_for_a_tenant_of_some_products() {
    let mut costs = Vec::new();
    for products in [40, 400] {
        let (fixture, _) = BudgetWorld::with_catalog(products).await;
        let some: Vec<String> = (1..=30).map(|n| format!("prod_{n}")).collect();
        fixture.world.tenant("tenant_some", json!(some)).await;
        let body = json!({ "tenant_id": "tenant_some" });
        let call = fixture.world.call("snapshot-generate", "/v1/snapshots/generate").json(&body);
        let (snapshot, record) = fixture.cost(&call).await;
        assert_eq!(snapshot.body["release_count"], 60);
        costs.push((record.dynamodb_read_units, record.dynamodb_requests));
        fixture.world.stack.stop().await;
    }
    assert_eq!(costs[0], costs[1]);
    // Configuration, tenant, stream; and a read unit for each product and each head of a channel.
    assert!(costs[0].0 <= 93.0, "{costs:?}");
}
