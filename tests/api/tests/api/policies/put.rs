//! `PUT` of the policy of a level

use slipway_test_support::{Method, Value, json};

use super::{LEVELS, audited, if_match, world};

#[tokio::test]
async fn a_policy_is_replaced_as_a_whole_and_each_change_is_audited() {
    let world = world().await;
    for level in LEVELS {
        let first = json!({ "mode": "NOTIFY_ONLY", "channel": "beta", "blocked_versions": ["1.2.3", "1.4.*"] });
        let put = world.put(level.path, first).await.expect(200);
        assert_eq!(put["blocked_versions"], json!(["1.2.3", "1.4.*"]));
        let second = json!({ "allow_downgrade": false });
        let replaced = world.put(level.path, second).await.expect(200);
        assert_eq!((&replaced["mode"], &replaced["channel"]), (&Value::Null, &Value::Null));
        assert_eq!(
            (&replaced["blocked_versions"], &replaced["allow_downgrade"]),
            (&json!([]), &json!(false))
        );
        assert_eq!(world.get(level.path).await.expect(200), replaced);
    }
    let subjects = ["policy", "prod_app", "tenant_acme", "tenant_acme/prod_app"];
    let twice = subjects.into_iter().flat_map(|subject| [subject, subject]);
    let expected = twice.map(|subject| ("policy.updated".to_owned(), subject.to_owned()));
    assert_eq!(audited(&world).await, expected.collect::<Vec<_>>());
}

#[tokio::test]
async fn what_is_illegal_is_refused_by_name_and_changes_nothing() {
    let world = world().await;
    let many: Vec<String> = (0..101).map(|n| format!("1.0.{n}")).collect();
    let long: Vec<String> = (0..90).map(|n| format!("1.0.{n}-{}", "x".repeat(100))).collect();
    for level in LEVELS {
        let before = world.put(level.path, json!({ "mode": "AUTO_INSTALL" })).await.expect(200);
        for (body, code, field) in [
            (json!({ "mode": "SOMETIMES" }), "invalid_field", "mode"),
            (json!({ "channel": "No Channel" }), "invalid_field", "channel"),
            (json!({ "pinned_range": "" }), "invalid_field", "pinned_range"),
            (json!({ "pinned_range": "latest" }), "invalid_field", "pinned_range"),
            (json!({ "pinned_range": ">2.0.0, <1.0.0" }), "invalid_field", "pinned_range"),
            (json!({ "pinned_range": ["1.0.0"] }), "invalid_field", "pinned_range"),
            (json!({ "allow_downgrade": "yes" }), "invalid_field", "allow_downgrade"),
            (json!({ "blocked_versions": "1.0.0" }), "invalid_field", "blocked_versions"),
            (
                json!({ "blocked_versions": ["1.0.0", "bad one"] }),
                "invalid_field",
                "blocked_versions[1]",
            ),
            (
                json!({ "blocked_versions": ["1.0.0", ">=2, <1"] }),
                "invalid_field",
                "blocked_versions[1]",
            ),
            // Build metadata makes no other version.
            (
                json!({ "blocked_versions": ["1.0.0", "2.0.0", "1.0.0+win"] }),
                "invalid_field",
                "blocked_versions[2]",
            ),
            (json!({ "blocked_versions": many }), "invalid_field", "blocked_versions"),
            (json!({ "blocked_versions": long }), "invalid_field", "blocked_versions"),
            (json!({ "modes": "NOTIFY_ONLY" }), "unknown_field", "modes"),
        ] {
            world.put(level.path, body).await.refused(400, code, Some(field));
        }
        assert_eq!(world.get(level.path).await.expect(200), before);
    }
}

#[tokio::test]
async fn the_limits_themselves_are_legal() {
    let world = world().await;
    let many: Vec<String> = (0..100).map(|n| format!("1.0.{n}")).collect();
    let policy = json!({ "blocked_versions": many, "pinned_range": ">=1.0.0, <=1.0.0" });
    let put = world.put("/v1/policy", policy).await.expect(200);
    assert_eq!(put["blocked_versions"].as_array().unwrap().len(), 100);
}

#[tokio::test]
async fn what_is_unknown_gets_no_policy() {
    let world = world().await;
    for path in [
        "/v1/products/prod_none/policy",
        "/v1/tenants/tenant_none/policy",
        "/v1/tenants/tenant_acme/policies/prod_none",
        "/v1/tenants/tenant_none/policies/prod_app",
    ] {
        world.put(path, json!({})).await.refused(404, "not_found", None);
    }
    assert_eq!(audited(&world).await, []);
}

#[tokio::test]
async fn a_policy_for_a_product_names_a_channel_that_it_has() {
    let world = world().await;
    for level in LEVELS {
        let answer = world.put(level.path, json!({ "channel": "nightly" })).await;
        if level.product_id.is_some() {
            answer.refused(422, "unknown_channel", Some("channel"));
        } else {
            // Other products may have it.
            answer.expect(200);
        }
    }
    world.patch("/v1/products/prod_app", json!({ "channels": ["nightly"] })).await.expect(200);
    for level in LEVELS {
        world.put(level.path, json!({ "channel": "nightly" })).await.expect(200);
    }
}

#[tokio::test]
async fn a_writer_that_names_another_version_is_refused() {
    let world = world().await;
    for level in LEVELS {
        let put = async |tag: &str, body| {
            if_match(&world, Method::PUT, level.path, tag, Some(body)).await
        };
        // Nothing is there that it could name.
        for tag in ["\"other\"", "*"] {
            let refused = put(tag, json!({ "mode": "NOTIFY_ONLY" })).await;
            refused.refused(412, "precondition_failed", Some("If-Match"));
        }
        world.put(level.path, json!({ "mode": "NOTIFY_ONLY" })).await.expect(200);
        let tag = world.get(level.path).await.header("etag").unwrap().to_owned();
        put(&tag, json!({ "mode": "DOWNLOAD_ONLY" })).await.expect(200);
        let refused = put(&tag, json!({ "mode": "MANAGED_BY_IT" })).await;
        refused.refused(412, "precondition_failed", Some("If-Match"));
        assert_eq!(world.get(level.path).await.expect(200)["mode"], "DOWNLOAD_ONLY");
        put("*", json!({})).await.expect(200);
    }
}
