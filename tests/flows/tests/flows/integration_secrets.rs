//! Secrets of integrations in a deployment on AWS: read from SSM's Parameter Store.

use std::sync::Arc;

use slipway_aws::Clients;
use slipway_edge::{RegistryAccess, Services, Settings};
use slipway_test_scripted_server::{Reply, ScriptedRegistry, Server};
use slipway_test_support::{Call, ParameterStore, TestClock, Value, World, json, text};

/// A function instance on AWS, which reaches loopback.
fn instance(world: &World, store: &ParameterStore) -> Arc<Services> {
    let registries = RegistryAccess::with_internal_hosts(vec!["127.0.0.1".to_owned()]);
    let id = "arn:aws:cloudformation:us-east-1:000000000000:stack/slipway/0a1b2c3d";
    let settings = Settings {
        secret_directory: None,
        stack_id: Some(id.to_owned()),
        registries,
        ..world.stack.settings.clone()
    };
    let clients =
        Clients { parameters: store.client.clone().into(), ..Clients::local(&world.stack.local) };
    Services::new(&settings, &clients, TestClock::default().clock())
}

fn settings(name: &str, endpoint: &str, reference: &str) -> Value {
    json!({
        "name": name, "type": "scm.github", "endpoint": endpoint,
        "auth": { "mode": "bearer", "secretRef": reference },
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_of_this_stacks_integrations_is_read_and_no_other() {
    let world = World::start().await;
    let Some(store) = ParameterStore::start(&world).await else { return };
    let services = instance(&world, &store);
    let server = Server::answering(|head| {
        let status = if head.contains("Bearer t0p-s3cret") { "200 OK" } else { "401 Unauthorized" };
        Reply::raw(&format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n"))
    })
    .await;
    let endpoint = server.url("/").origin().ascii_serialization();
    let create = async |name: &str, reference: &str| {
        let body = settings(name, &endpoint, reference);
        let call = world.call("integration-create", "/api/v1/integrations").json(&body);
        call.on(&services).await.0
    };
    let test = async |created: &Value| {
        let path = format!("/api/v1/integrations/{}/test", text(created, "id"));
        world.call("integration-test", &path).on(&services).await.0.expect(200)
    };
    let stack = world.stack.settings.stack.as_deref().unwrap();
    let own = format!("/slipway/{stack}/integrations/github");
    store.put(&own, "t0p-s3cret").await;
    store.put("/other/secret", "t0p-s3cret").await;

    let created = create("github", &own).await.expect(201);
    let answer = test(&created).await;
    assert_eq!((&answer["ok"], &answer["status"]), (&json!(true), &json!(200)), "{answer}");

    let arn = format!("arn:aws:ssm:us-east-1:000000000000:parameter{own}");
    let by_arn = create("by-arn", &arn).await.expect(201);
    assert_eq!(test(&by_arn).await["ok"], true);

    let missing = create("missing", &format!("{own}-none")).await.expect(201);
    let answer = test(&missing).await;
    assert_eq!((&answer["ok"], &answer["status"]), (&json!(false), &Value::Null), "{answer}");
    assert!(text(&answer, "message").contains("does not exist"), "{answer}");

    for other in [
        "/other/secret",
        "/slipway/another/integrations/github",
        &format!("/slipway/{stack}/integrations"),
        "file:github",
        "arn:aws:secretsmanager:us-east-1:000000000000:secret:other-a1B2c3",
        &arn.replace("000000000000", "123456789012"),
        &arn.replace("us-east-1", "eu-central-1"),
        &arn.replace("arn:aws:", "arn:aws-cn:"),
        &format!(
            "arn:aws:secretsmanager:us-east-1:123456789012:secret:slipway/{stack}/integrations/a-a1B2c3"
        ),
    ] {
        let refused = create("other", other).await;
        refused.refused(400, "invalid_field", Some("auth.secretRef"));
    }
    assert_eq!(server.heads().len(), 2);
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_secret_of_a_registrys_webhook_is_read_there_and_reaches_no_log() {
    const SECRET: &str = "4f1c0b7a93d24e5f8a6b";
    let world = World::start().await;
    let Some(store) = ParameterStore::start(&world).await else { return };
    let services = instance(&world, &store);
    let registry = ScriptedRegistry::start([("v1.0.0".to_owned(), 1)]).await;
    let stack = world.stack.settings.stack.as_deref().unwrap();
    let own = format!("/slipway/{stack}/integrations/webhook");
    let new = json!({
        "name": "registry", "type": "registry.oci", "auth": { "mode": "none" },
        "endpoint": registry.url().origin().ascii_serialization(), "webhookSecretRef": own,
    });
    let create = async |new: &Value| {
        let call = world.call("integration-create", "/api/v1/integrations").json(new);
        call.on(&services).await.0
    };
    let created = create(&new).await.expect(201);
    let id = text(&created, "id");
    let component = json!({
        "name": "api", "imageRepository": "myorg/api", "registryIntegrationId": id,
    });
    world.post("/api/v1/components", component).await.expect(201);
    let target = json!({ "repository": "myorg/api", "tag": "v1.0.0" });
    let pushed = json!({ "events": [{ "action": "push", "target": target }] });
    let path = format!("/api/v1/webhooks/registry/{id}?secret={SECRET}");
    let call = Call::new("registry-webhook-receive", path).json(&pushed);

    let (answer, record) = call.on(&services).await;
    answer.refused(401, "unauthenticated", None);
    let line = record.line(None);
    assert!(line.contains("does not exist") && line.contains("anonymous"), "{line}");
    assert!(!line.contains(SECRET), "{line}");
    store.put(&own, SECRET).await;
    let (answer, record) = call.on(&services).await;
    assert_eq!(answer.expect(200)["added"], 1);
    let line = record.line(None);
    assert!(line.contains(&format!("registry-webhook:{id}")), "{line}");
    assert!(!line.contains(SECRET), "{line}");

    for other in ["/other/secret", "file:webhook", &format!("/slipway/{stack}/integrations")] {
        let mut new = new.clone();
        (new["name"], new["webhookSecretRef"]) = (json!("other"), json!(other));
        create(&new).await.refused(400, "invalid_field", Some("webhookSecretRef"));
    }
    world.stack.stop().await;
}
