//! What changes nothing writes nothing: no row, no audit event, no other `ETag`.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use slipway_test_support::{
    EventDelivery, Method, Options, TestClock, TestResponse, Value, World, json, release_path, text,
};

/// An operation that says what there is to be, and where that is read.
type Change = (&'static str, Method, String, Value);

/// A change by each operation that replaces or corrects something.
async fn changes(world: &World) -> Vec<Change> {
    world.product("prod_app").await;
    world.tenant("tenant_acme", json!("*")).await;
    let release = world.release("prod_app", "1.0.0").await;
    let path = |rest| release_path(&release, rest);
    let rule = json!({ "failure_basis_points": 500, "min_reports": 50 });
    let product = json!({
        "name": "App", "description": "An app", "channels": ["nightly"], "channel_follows": { "beta": ["stable"] },
        "channel_sign_off": { "nightly": { "required_approvals": 1 } }, "open_channels": true,
    });
    let corrected =
        json!({ "metadata": { "release_notes": "Faster." }, "required": true, "halt_on": rule });
    let tenant = json!({ "name": "Acme", "products": ["prod_app"], "suspended": true });
    let policy = json!({ "mode": "NOTIFY_ONLY" });
    let mut changes = vec![
        ("product-update", Method::PATCH, "/v1/products/prod_app".to_owned(), product),
        ("release-update", Method::PATCH, path(""), corrected),
        ("release-rollout", Method::PUT, path("/rollout"), json!({ "percent": 10 })),
        ("tenant-update", Method::PATCH, "/v1/tenants/tenant_acme".to_owned(), tenant),
        (
            "snapshot-config-put",
            Method::PUT,
            "/v1/snapshots/config".to_owned(),
            json!({ "history_limit": 3 }),
        ),
    ];
    let puts =
        ["policy-put", "product-policy-put", "tenant-policy-put", "tenant-product-policy-put"];
    for (put, level) in puts.into_iter().zip(crate::policies::LEVELS) {
        changes.push((put, Method::PUT, level.path.to_owned(), policy.clone()));
    }
    let environment = json!({ "name": "dev" });
    let environment = world.post("/api/v1/environments", environment).await.expect(201);
    let path = format!("/api/v1/environments/{}", text(&environment, "id"));
    let put = json!({ "name": "prod", "displayName": "Production", "orderIndex": 3 });
    changes.push(("environment-update", Method::PUT, path, put));
    let component = crate::bundles::versioned(world, "api").await;
    let bundle = crate::bundles::bundle(world, "a", &component, "2.0.0").await;
    let newest = crate::bundles::selected(&[(&component, json!({ "channel": "rc" }))]);
    let put = json!({ "displayName": "A", "metadata": { "a": "b" }, "components": newest });
    changes.push(("bundle-update", Method::PUT, crate::bundles::path(&bundle), put));
    let component = crate::components::path(&component);
    let put = json!({ "name": "backend", "displayName": "Backend", "defaultChannel": "beta" });
    changes.push(("component-update", Method::PUT, component, put));
    let integration = crate::integrations::integration(world, "hub").await;
    let path = crate::integrations::path(&integration);
    let mut put = crate::integrations::settings("docker-hub");
    put["auth"] = json!({ "mode": "basic", "secretRef": "file:hub" });
    changes.push(("integration-update", Method::PUT, path, put));
    changes
}

#[tokio::test]
async fn what_changes_nothing_writes_nothing() {
    let clock = TestClock::default();
    let (events, clock_of_world) = (EventDelivery::Disabled, clock.clock());
    let options = Options { events, clock: clock_of_world, ..Options::ephemeral() };
    let world = World::with(options).await;
    let changes = changes(&world).await;
    for (op, method, path, body) in &changes {
        let send = async || TestResponse::to(world.admin(method.clone(), path).json(body)).await;
        let made = send().await.expect(200);
        let read = path.strip_suffix("/rollout").unwrap_or(path);
        let tag = async || world.get(read).await.header("etag").unwrap().to_owned();
        let (before, tag_before) = (world.rows().await, tag().await);
        clock.advance(SignedDuration::from_secs(60));
        assert_eq!(send().await.expect(200), made, "{op}");
        assert_eq!(tag().await, tag_before, "{op}");
        assert!(world.rows().await == before, "{op} writes what was written");
    }
    let tried: BTreeSet<_> = changes.iter().map(|(op, ..)| *op).collect();
    let routes = slipway_registry::operations().into_iter().map(|operation| operation.route());
    let all = routes.filter(|route| matches!(route.verb.as_str(), "PATCH" | "PUT"));
    let all: BTreeSet<_> = all.map(|route| route.op).collect();
    assert_eq!(tried, all, "an operation that is not tried");
}
