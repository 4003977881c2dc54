//! `DELETE` of the policy of a level

use slipway_test_support::{Method, Value, json};

use super::{LEVELS, audited, if_match, world};

#[tokio::test]
async fn a_policy_is_deleted_once_and_the_others_stay() {
    let world = world().await;
    for level in LEVELS {
        world.put(level.path, json!({ "mode": "NOTIFY_ONLY" })).await.expect(200);
    }
    for (deleted, level) in (1..).zip(LEVELS) {
        let answer = world.delete(level.path).await;
        assert_eq!((answer.status, &answer.body), (204, &Value::Null));
        world.delete(level.path).await.refused(404, "not_found", None);
        for (index, other) in LEVELS.into_iter().enumerate() {
            let expected = if index < deleted { 404 } else { 200 };
            assert_eq!(world.get(other.path).await.status, expected, "{other:?}");
        }
    }
    let deletions = audited(&world).await.into_iter().filter(|(kind, _)| kind == "policy.deleted");
    let subjects: Vec<String> = deletions.map(|(_, subject)| subject).collect();
    assert_eq!(subjects, ["policy", "prod_app", "tenant_acme", "tenant_acme/prod_app"]);
}

#[tokio::test]
async fn a_writer_that_names_another_version_deletes_nothing() {
    let world = world().await;
    for level in LEVELS {
        world.put(level.path, json!({ "mode": "NOTIFY_ONLY" })).await.expect(200);
        let tag = world.get(level.path).await.header("etag").unwrap().to_owned();
        world.put(level.path, json!({ "mode": "DOWNLOAD_ONLY" })).await.expect(200);
        let refused = if_match(&world, Method::DELETE, level.path, &tag, None).await;
        refused.refused(412, "precondition_failed", Some("If-Match"));
        let tag = world.get(level.path).await.header("etag").unwrap().to_owned();
        let deleted = if_match(&world, Method::DELETE, level.path, &tag, None).await;
        assert_eq!(deleted.status, 204, "{level:?}");
    }
}

#[tokio::test]
async fn what_is_unknown_has_no_policy_to_delete() {
    let world = world().await;
    for path in [
        "/v1/policy",
        "/v1/products/none/policy",
        "/v1/products/prod_none/policy",
        "/v1/tenants/tenant_none/policy",
        "/v1/tenants/tenant_none/policies/prod_none",
    ] {
        world.delete(path).await.refused(404, "not_found", None);
    }
}
