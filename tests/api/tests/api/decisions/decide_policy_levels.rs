//! Which level's policy counts, through the API.

use slipway_test_support::{Value, World, json};

use super::{ask, decide};
use crate::assertions::each;
use crate::policies::{LEVELS, world};

/// Each combination of levels that have a policy (a product at a tenant, product, tenant,
/// deployment), and the version that is offered: each pins another one, and 1.5.0 is the newest.
const TABLE: [(&str, &str); 16] = [
    ("    ", "1.5.0"),
    ("   d", "1.4.0"),
    ("  t ", "1.3.0"),
    ("  td", "1.3.0"),
    (" p  ", "1.2.0"),
    (" p d", "1.2.0"),
    (" pt ", "1.2.0"),
    (" ptd", "1.2.0"),
    ("x   ", "1.1.0"),
    ("x  d", "1.1.0"),
    ("x t ", "1.1.0"),
    ("x td", "1.1.0"),
    ("xp  ", "1.1.0"),
    ("xp d", "1.1.0"),
    ("xpt ", "1.1.0"),
    ("xptd", "1.1.0"),
];

/// The levels in the order of the letters, and what each of them pins.
const PINS: [(usize, &str); 4] = [(3, "=1.1.0"), (1, "=1.2.0"), (2, "=1.3.0"), (0, "=1.4.0")];

async fn with_releases() -> World {
    let world = world().await;
    for minor in 1..=5 {
        world.release("prod_app", &format!("1.{minor}.0")).await;
    }
    world
}

async fn offered(world: &World, changes: Value) -> Value {
    ask(world, changes).await["version"].clone()
}

#[tokio::test]
async fn the_pinned_range_is_that_of_the_first_level_that_has_one() {
    let world = with_releases().await;
    for (levels, expected) in TABLE {
        for ((index, range), letter) in PINS.into_iter().zip(levels.chars()) {
            let path = LEVELS[index].path;
            if letter == ' ' {
                assert!([204, 404].contains(&world.delete(path).await.status));
            } else {
                world.put(path, json!({ "pinned_range": range })).await.expect(200);
            }
        }
        let client = json!({ "tenant_id": "tenant_acme" });
        assert_eq!(offered(&world, client).await, expected, "`{levels}`");
    }
}

#[tokio::test]
async fn policies_of_a_tenant_are_for_its_clients_and_those_of_a_product_for_that_product() {
    let world = with_releases().await;
    world.tenant("tenant_other", json!("*")).await;
    world.product("prod_b").await;
    world.release("prod_b", "1.5.0").await;
    let clients = [
        json!({ "tenant_id": "tenant_acme" }),
        json!({ "tenant_id": "tenant_other" }),
        json!({}),
        json!({ "tenant_id": "tenant_acme", "product_id": "prod_b" }),
    ];
    for (level, affected) in LEVELS.into_iter().zip([
        [true, true, true, true],
        [true, true, true, false],
        [true, false, false, true],
        [true, false, false, false],
    ]) {
        let policy = json!({ "mode": "DOWNLOAD_ONLY", "blocked_versions": ["9.9.9"] });
        world.put(level.path, policy).await.expect(200);
        for (client, is_affected) in clients.iter().zip(affected) {
            let expected = if is_affected { "DOWNLOAD" } else { "INSTALL" };
            let decision = ask(&world, client.clone()).await;
            assert_eq!(decision["action"], expected, "{level:?}: {client}");
        }
        world.delete(level.path).await.expect(204);
    }
}

#[tokio::test]
async fn what_any_level_blocks_is_not_offered() {
    let world = with_releases().await;
    let client = json!({ "tenant_id": "tenant_acme" });
    for (level, (blocked, expected)) in LEVELS.into_iter().zip([
        ("1.5.0", json!("1.4.0")),
        (">=1.4.0, <1.5.0", json!("1.3.0")),
        ("1.3.0", json!("1.2.0")),
        ("1.2.*", json!("1.1.0")),
    ]) {
        world.put(level.path, json!({ "blocked_versions": [blocked] })).await.expect(200);
        assert_eq!(offered(&world, client.clone()).await, expected, "{level:?}");
    }
    assert_eq!(offered(&world, json!({})).await, "1.3.0", "of no tenant");
}

// More products and tenants than one request to DynamoDB reads the policies of.
#[tokio::test]
async fn each_client_of_a_request_has_the_policies_of_its_own_tenant() {
    let world = World::start().await;
    let mut products = Vec::new();
    for n in 0..25 {
        let (product, tenant) = (format!("prod_{n}"), format!("tenant_{n}"));
        world.product(&product).await;
        world.release(&product, "1.1.0").await;
        world.tenant(&tenant, json!("*")).await;
        let (mode, path) = match n % 3 {
            0 => ("NOTIFY_ONLY", format!("/v1/tenants/{tenant}/policies/{product}")),
            1 => ("DOWNLOAD_ONLY", format!("/v1/tenants/{tenant}/policy")),
            _ => ("MANAGED_BY_IT", format!("/v1/products/{product}/policy")),
        };
        world.put(&path, json!({ "mode": mode })).await.expect(200);
        products.push(
            json!({ "product_id": product, "tenant_id": tenant, "current_version": "1.0.0" }),
        );
    }
    let answer = decide(&world, json!({ "products": products })).await;
    let expected: Vec<&str> = (0..25).map(|n| ["NOTIFY", "DOWNLOAD", "NONE"][n % 3]).collect();
    assert_eq!(each(&answer["decisions"], "action"), expected);
}
