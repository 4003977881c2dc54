//! `POST /api/v1/webhooks/registry/{integrationId}`: the secret that a registry brings.

use slipway_test_scripted_server::ScriptedRegistry;
use slipway_test_support::{Call, Method, TestResponse, json};

use super::registry_webhook_receive::{
    SECRET, notified, place, pushes, send, set_secret, versions,
};
use super::world;

#[tokio::test]
async fn only_the_integrations_own_secret_opens_and_nothing_is_told_of_what_there_is() {
    let registry = ScriptedRegistry::start([("v1.0.0".to_owned(), 1)]).await;
    let world = world().await;
    let api = notified(&world, "api", &registry.url()).await;
    let other = notified(&world, "other", &registry.url()).await;
    let (own, others) = (&api["registryIntegrationId"], &other["registryIntegrationId"]);
    let other_secret = "another-secret-of-16";
    set_secret(&world, others, Some(("other", other_secret))).await;
    let push = pushes(["v1.0.0"]);
    let mut told = Vec::new();
    let mut refused = async |place: &str, authorization: &str| {
        let answer = send(&world, place, authorization, &push).await;
        answer.refused(401, "unauthenticated", None);
        assert_eq!(answer.header("www-authenticate"), Some("Bearer realm=\"slipway\""));
        told.push(answer.body["error"]["message"].clone());
    };
    let (_, token) = world.token(&["bundles:write", "admin:write"]).await;
    let admin = format!("Bearer {}", world.stack.admin_token);
    let here = place(own);
    for wrong in ["", "Bearer", "Bearer wrong", &SECRET[1..], &format!("{SECRET}0"), other_secret] {
        refused(&here, wrong).await;
    }
    // Whoever may do everything else is not the registry.
    for credential in [&admin, &format!("Bearer {token}")] {
        refused(&here, credential).await;
    }
    refused(&format!("{here}?secret=wrong"), "").await;
    refused(&place(others), SECRET).await;
    for nowhere in ["0199c2f0-0000-7000-8000-000000000000", "none", "..%2F.."] {
        refused(&format!("/api/v1/webhooks/registry/{nowhere}"), SECRET).await;
    }
    for (name, value) in
        [("short", "15-characters--"), ("blank", "two words, and long"), ("empty", "")]
    {
        set_secret(&world, own, Some((name, value))).await;
        refused(&here, value).await;
    }
    let gone = world.stack.settings.secret_directory.as_deref().unwrap().join("empty");
    std::fs::remove_file(gone).unwrap();
    refused(&here, SECRET).await;
    set_secret(&world, own, None).await;
    refused(&here, SECRET).await;
    told.dedup();
    assert_eq!(told.len(), 1, "{told:?}");
    let none = TestResponse::to(world.request(Method::POST, &here).body("{")).await;
    none.refused(401, "unauthenticated", None);
    assert_eq!(registry.asked(), 0);
    assert_eq!(versions(&world, &api).await, json!([]));
}

#[tokio::test]
async fn the_log_says_why_events_are_refused_and_has_no_secret() {
    let registry = ScriptedRegistry::start([]).await;
    let world = world().await;
    let api = notified(&world, "api", &registry.url()).await;
    let own = &api["registryIntegrationId"];
    let push = pushes(["v1.0.0"]);
    let reason = async |place: &str, secret: &str| {
        let call = Call::new("registry-webhook-receive", format!("{place}?secret={secret}"));
        let (answer, record) = call.json(&push).on(&world.stack.services).await;
        assert_eq!(answer.status, 401);
        assert!(!json!(record).to_string().contains(SECRET), "{record:?}");
        record.error.expect("a reason")
    };
    let nowhere = "/api/v1/webhooks/registry/0199c2f0-0000-7000-8000-000000000000";
    let wrong = format!("{SECRET}0");
    for (place, secret, why) in [
        (place(own), "", "the request brings no secret"),
        (place(own), &*wrong, "the integration's webhook has another secret"),
        (nowhere.to_owned(), SECRET, "there is no such integration"),
    ] {
        let told = reason(&place, secret).await;
        assert!(told.contains(why), "{told}");
    }
    let file = world.stack.settings.secret_directory.as_deref().unwrap().join("api");
    std::fs::remove_file(file).unwrap();
    let told = reason(&place(own), SECRET).await;
    assert!(told.contains("secret") && told.contains("api"), "{told}");
    set_secret(&world, own, None).await;
    let told = reason(&place(own), SECRET).await;
    assert!(told.contains("the integration has no webhookSecretRef"), "{told}");
}

#[tokio::test]
async fn the_secret_comes_in_each_way_that_a_registry_can_send_it() {
    let world = world().await;
    let registry = ScriptedRegistry::start([]).await;
    let api = notified(&world, "api", &registry.url()).await;
    let here = place(&api["registryIntegrationId"]);
    let push = pushes(["v1.0.0"]);
    // What `Basic` says, as in a URL with name and password.
    let basic = "Basic cmVnaXN0cnk6NGYxYzBiN2E5M2QyNGU1ZjhhNmI=";
    for authorization in [&format!("Bearer {SECRET}"), &format!("bearer {SECRET}"), SECRET, basic] {
        send(&world, &here, authorization, &push).await.expect(200);
    }
    let with_parameter = world.request(Method::POST, &format!("{here}?secret={SECRET}"));
    TestResponse::to(with_parameter.json(&push)).await.expect(200);
    // A rotated secret counts at once.
    set_secret(&world, &api["registryIntegrationId"], Some(("api", "the-next-one-of-them\n")))
        .await;
    send(&world, &here, "Bearer the-next-one-of-them", &push).await.expect(200);
    send(&world, &here, SECRET, &push).await.refused(401, "unauthenticated", None);
}
