//! Whose snapshots a caller sees.

use slipway_test_support::{Value, World, json};

use crate::assertions::each;
use crate::snapshots::{contents, world};

const SCOPES: &[&str] = &["mirrors:read", "snapshots:write"];

async fn bound(world: &World, to: Value) -> String {
    let mut wanted = json!({ "scopes": SCOPES });
    wanted.as_object_mut().unwrap().extend(to.as_object().unwrap().clone());
    world.secret(wanted).await
}

#[tokio::test]
async fn a_snapshot_has_what_its_tenant_may_have_and_nothing_else() {
    let world = world().await;
    for product in ["prod_a", "prod_b", "prod_c"] {
        world.product(product).await;
        world.publish(product, "1.0.0", "stable").await;
    }
    world.tenant("tenant_b", json!(["prod_b", "prod_unborn"])).await;
    let many: Vec<String> =
        (0..30).map(|n| format!("prod_x{n}")).chain(["prod_c".to_owned()]).collect();
    world.tenant("tenant_many", json!(many)).await;
    world.tenant("tenant_none", json!([])).await;
    for (tenant, expected) in [
        ("tenant_acme", vec!["prod_a stable 1.0.0", "prod_b stable 1.0.0", "prod_c stable 1.0.0"]),
        ("tenant_b", vec!["prod_b stable 1.0.0"]),
        ("tenant_many", vec!["prod_c stable 1.0.0"]),
        ("tenant_none", vec![]),
    ] {
        let snapshot = world.generate_snapshot(json!({ "tenant_id": tenant })).await;
        assert_eq!(
            contents(&crate::snapshots::manifest(&world, &snapshot).await),
            expected,
            "{tenant}"
        );
    }
}

#[tokio::test]
async fn a_token_that_is_bound_to_a_tenant_sees_that_tenant_s_and_no_other() {
    let world = world().await;
    world.tenant("tenant_other", json!("*")).await;
    let (own, foreign) = (
        world.generate_snapshot(json!({ "tenant_id": "tenant_acme" })).await["snapshot_id"].clone(),
        world.generate_snapshot(json!({ "tenant_id": "tenant_other" })).await["snapshot_id"]
            .clone(),
    );
    let secret = bound(&world, json!({ "tenant_id": "tenant_acme" })).await;
    let get = async |path: String| world.get_as(&secret, &path).await;
    let (own, foreign) = (own.as_str().unwrap(), foreign.as_str().unwrap());
    for path in [
        format!("/v1/snapshots/{own}"),
        format!("/v1/snapshots/{own}/bundle"),
        "/v1/snapshots/latest".to_owned(),
    ] {
        assert_eq!(get(path).await.expect(200)["snapshot_id"], own);
    }
    for path in [
        format!("/v1/snapshots/{foreign}"),
        format!("/v1/snapshots/{foreign}/bundle"),
        "/v1/snapshots/latest?tenant_id=tenant_other".to_owned(),
        "/v1/snapshots?tenant_id=tenant_other".to_owned(),
    ] {
        get(path).await.refused(404, "not_found", None);
    }
    assert_eq!(
        each(&get("/v1/snapshots".to_owned()).await.expect(200)["snapshots"], "snapshot_id"),
        [own]
    );
    let made = world
        .post_as(&secret, "/v1/snapshots/generate", json!({ "force": true }))
        .await
        .expect(201);
    assert_eq!(made["tenant_id"], "tenant_acme", "without a tenant, its own and not everybody's");
    let other = world
        .post_as(&secret, "/v1/snapshots/generate", json!({ "tenant_id": "tenant_other" }))
        .await;
    other.refused(404, "not_found", None);
}

#[tokio::test]
async fn whoever_is_bound_to_less_than_a_tenant_sees_none() {
    let world = world().await;
    world.product("prod_a").await;
    world.tenant("tenant_gone", json!("*")).await;
    let snapshot =
        world.generate_snapshot(json!({ "tenant_id": "tenant_gone" })).await["snapshot_id"].clone();
    for to in [
        json!({ "product_ids": ["prod_a"] }),
        json!({ "channels": ["stable"] }),
        json!({ "tenant_id": "tenant_acme", "product_ids": ["prod_a"] }),
    ] {
        let secret = bound(&world, to.clone()).await;
        world
            .get_as(&secret, &format!("/v1/snapshots/{}", snapshot.as_str().unwrap()))
            .await
            .refused(404, "not_found", None);
        world.get_as(&secret, "/v1/snapshots").await.refused(403, "forbidden", None);
        world.post_as(&secret, "/v1/snapshots/generate", json!({})).await.refused(
            403,
            "forbidden",
            None,
        );
        let all = world
            .post_as(&secret, "/v1/snapshots/generate", json!({ "tenant_id": "tenant_gone" }))
            .await;
        all.refused(404, "not_found", None);
    }
}
