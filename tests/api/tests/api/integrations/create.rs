//! `POST /api/v1/integrations`

use slipway_test_support::{Method, TestResponse, Value, World, json};

use super::{MEMBERS, PLACE, integration, on_loopback, path, secret, settings};
use crate::assertions::has_members;

/// Endpoints that lead into the network of the deployment, and what is no origin.
const REFUSED: [&str; 32] = [
    "http://registry.example.com",
    "https://127.0.0.1",
    "https://127.0.0.1:5000",
    "https://127.1",
    "https://2130706433",
    "https://0177.0.0.1",
    "https://0x7f000001",
    "https://169.254.169.254",
    "https://2852039166",
    "https://0xa9fea9fe",
    "https://10.0.0.1",
    "https://172.16.0.1",
    "https://192.168.0.1",
    "https://100.64.0.1",
    "https://0.0.0.0",
    "https://[::1]",
    "https://[::]",
    "https://[::ffff:127.0.0.1]",
    "https://[::ffff:7f00:1]",
    "https://[::ffff:a9fe:a9fe]",
    "https://[64:ff9b::a9fe:a9fe]",
    "https://[fd00:ec2::254]",
    "https://[fe80::1]",
    "https://localhost",
    "https://localhost.",
    "https://a.localhost",
    "https://metadata.google.internal",
    "https://user:password@registry.example.com",
    "https://registry.example.com/v2",
    "https://registry.example.com?x=1",
    "https://registry.example.com/",
    "file:///etc/passwd",
];

#[tokio::test]
async fn an_integration_has_what_it_was_given_and_says_who_made_it() {
    let world = World::start().await;
    let mut new = settings("hub");
    new["auth"] = json!({ "mode": "basic", "secretRef": "file:hub" });
    let created = world.post(PLACE, new.clone()).await.expect(201);
    has_members(&created, MEMBERS);
    for member in ["name", "type", "endpoint", "auth"] {
        assert_eq!(created[member], new[member], "{member}");
    }
    assert_eq!(created["createdBy"], "bootstrap");
    assert_eq!(created["createdAt"], created["updatedAt"]);
}

#[tokio::test]
async fn a_name_is_there_once() {
    let world = World::start().await;
    integration(&world, "hub").await;
    let taken = world.post(PLACE, settings("hub")).await;
    taken.refused(409, "name_exists", Some("name"));
}

#[tokio::test]
async fn of_many_with_one_name_at_once_one_is_created() {
    let world = World::start().await;
    let all = futures::future::join_all((0..20).map(|_| world.post(PLACE, settings("hub")))).await;
    let created = all.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(created, 1);
    for answer in all.iter().filter(|answer| answer.status != 201) {
        answer.refused(409, "name_exists", Some("name"));
    }
}

#[tokio::test]
async fn a_secret_belongs_to_a_mode_that_needs_it_and_is_a_reference() {
    let world = World::start().await;
    for (auth, field) in [
        (json!({ "mode": "none", "secretRef": "file:hub" }), "auth.secretRef"),
        (json!({ "mode": "basic" }), "auth.secretRef"),
        (json!({ "mode": "bearer", "secretRef": null }), "auth.secretRef"),
        (json!({ "mode": "basic", "secretRef": "user:password" }), "auth.secretRef"),
        (json!({ "mode": "basic", "secretRef": "file:../admin-token" }), "auth.secretRef"),
        (json!({ "mode": "basic", "secretRef": "file:/etc/passwd" }), "auth.secretRef"),
        (json!({ "mode": "digest" }), "auth.mode"),
    ] {
        let mut new = settings("hub");
        new["auth"] = auth;
        world.post(PLACE, new).await.refused(400, "invalid_field", Some(field));
    }
    let mut new = settings("hub");
    new["auth"] = json!({ "mode": "basic", "password": "x" });
    world.post(PLACE, new).await.refused(400, "unknown_field", Some("auth.password"));
    assert_eq!(world.get(PLACE).await.expect(200)["meta"]["totalCount"], 0);
}

#[tokio::test]
async fn the_secret_of_a_webhook_is_a_reference_too_and_only_registries_have_one() {
    let world = World::start().await;
    let with = |reference: Value| {
        let mut new = settings("hub");
        new["webhookSecretRef"] = reference;
        new
    };
    for reference in ["", "s3cret", "file:../admin-token", "/slipway/slipway/integrations/hub"] {
        let refused = world.post(PLACE, with(json!(reference))).await;
        refused.refused(400, "invalid_field", Some("webhookSecretRef"));
    }
    let mut github = with(json!("file:hub"));
    github["type"] = json!("scm.github");
    world.post(PLACE, github).await.refused(400, "invalid_field", Some("webhookSecretRef"));
    secret(&world, "hub", "4f1c0b7a93d24e5f8a6b");
    let created = world.post(PLACE, with(json!("file:hub"))).await.expect(201);
    assert_eq!(created["webhookSecretRef"], "file:hub");
    let path = path(&created);
    assert_eq!(world.get(&path).await.expect(200), created);
    let mut github = with(json!("file:hub"));
    github["type"] = json!("scm.github");
    world.put(&path, github).await.refused(400, "invalid_field", Some("webhookSecretRef"));
    // It is set as a whole: what is left out is taken away.
    let without = world.put(&path, settings("hub")).await.expect(200);
    assert_eq!(without["webhookSecretRef"], Value::Null);
}

#[tokio::test]
async fn a_local_stack_reads_files_and_refuses_references_to_aws() {
    let world = World::start().await;
    for reference in [
        "/slipway/slipway/integrations/hub",
        "arn:aws:ssm:eu-central-1:123456789012:parameter/slipway/slipway/integrations/hub",
        "arn:aws:secretsmanager:eu-central-1:123456789012:secret:slipway/slipway/integrations/hub-a1B2c3",
    ] {
        let mut new = settings("hub");
        new["auth"] = json!({ "mode": "bearer", "secretRef": reference });
        world.post(PLACE, new).await.refused(400, "invalid_field", Some("auth.secretRef"));
    }
}

/// Whoever may set an endpoint can have the secret of another integration sent there.
#[tokio::test]
async fn who_may_write_bundles_may_not_say_where_secrets_go() {
    let world = World::start().await;
    secret(&world, "hub", "user:pass:word");
    let created = integration(&world, "hub").await;
    let writer = world.secret(json!({ "scopes": ["bundles:read", "bundles:write"] })).await;
    let mut theirs = settings("theirs");
    theirs["auth"] = json!({ "mode": "basic", "secretRef": "file:hub" });
    let refused = |answer: TestResponse| answer.refused(403, "forbidden", None);
    refused(world.post_as(&writer, PLACE, theirs.clone()).await);
    let path = path(&created);
    let put = world.bearer(&writer, Method::PUT, &path).json(&theirs);
    refused(TestResponse::to(put).await);
    refused(TestResponse::to(world.bearer(&writer, Method::DELETE, &path)).await);
    let read = TestResponse::to(world.bearer(&writer, Method::GET, &path)).await;
    assert_eq!(read.expect(200), created);
}

#[tokio::test]
async fn there_are_at_most_a_hundred() {
    let world = World::start().await;
    for n in 0..100 {
        integration(&world, &format!("registry-{n}")).await;
    }
    let more = world.post(PLACE, settings("one-more")).await;
    more.refused(409, "limit_reached", None);
}

#[tokio::test]
async fn an_endpoint_in_the_own_network_is_refused_at_creation_and_at_a_change() {
    let world = World::start().await;
    let there = integration(&world, "hub").await;
    for endpoint in REFUSED {
        let mut new = settings("other");
        new["endpoint"] = json!(endpoint);
        let refused = world.post(PLACE, new.clone()).await;
        assert_eq!(refused.status, 400, "{endpoint}: {:#}", refused.body);
        refused.refused(400, "invalid_field", Some("endpoint"));
        world.put(&path(&there), new).await.refused(400, "invalid_field", Some("endpoint"));
    }
    assert_eq!(world.get(PLACE).await.expect(200)["meta"]["totalCount"], 1);
    assert_eq!(world.get(&path(&there)).await.expect(200), there);
}

#[tokio::test]
async fn of_the_own_network_the_hosts_that_are_named_are_reached_alone() {
    let world = on_loopback().await;
    let mut new = settings("local");
    new["endpoint"] = json!("http://127.0.0.1:5000");
    world.post(PLACE, new.clone()).await.expect(201);
    for endpoint in ["http://127.0.0.2:5000", "https://localhost:5000", "https://169.254.169.254"] {
        new["endpoint"] = json!(endpoint);
        world.post(PLACE, new.clone()).await.refused(400, "invalid_field", Some("endpoint"));
    }
}
