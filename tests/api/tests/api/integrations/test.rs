//! `POST /api/v1/integrations/{id}/test`

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use slipway_edge::RegistryAccess;
use slipway_outbound::{Resolve, Resolving};
use slipway_test_container_registry::{Access, DebianRegistry};
use slipway_test_scripted_server::{Reply, Server};
use slipway_test_support::{Options, Value, World, json, text};
use url::Url;

use super::{PLACE, on_loopback, path, secret, settings};

/// The origin of `url`.
fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

/// What the test of an integration with these settings says.
async fn tested(world: &World, settings: Value) -> Value {
    let created = world.post(PLACE, settings).await.expect(201);
    world.post(&format!("{}/test", path(&created)), json!({})).await.expect(200)
}

fn at(name: &str, endpoint: &str, auth: Value) -> Value {
    let mut new = settings(name);
    new["endpoint"] = json!(endpoint);
    new["auth"] = auth;
    new
}

#[tokio::test]
async fn a_registry_that_everybody_may_read_answers() {
    let Some(registry) = DebianRegistry::start(Access::Open) else { return };
    let world = on_loopback().await;
    let answer =
        tested(&world, at("open", &origin(&registry.url()), json!({ "mode": "none" }))).await;
    assert_eq!((&answer["ok"], &answer["status"]), (&json!(true), &json!(200)), "{answer}");
}

#[tokio::test]
async fn a_registry_with_basic_auth_takes_the_secret_and_no_other() {
    let Some(registry) = DebianRegistry::start(Access::Basic) else { return };
    let world = on_loopback().await;
    let endpoint = origin(&registry.url());
    let json_secret = json!({ "username": "user", "password": "pass:word" }).to_string();
    for (name, value, ok) in [
        ("right", "user:pass:word", true),
        ("with-a-line-end", "user:pass:word\n", true),
        ("as-json", &json_secret, true),
        ("wrong", "user:wr0ng-s3cret", false),
    ] {
        let auth = json!({ "mode": "basic", "secretRef": secret(&world, name, value) });
        let answer = tested(&world, at(name, &endpoint, auth)).await;
        assert_eq!(answer["ok"], ok, "{name}: {answer}");
        assert_eq!(answer["status"], if ok { 200 } else { 401 }, "{name}");
        assert!(!answer.to_string().contains("s3cret"), "{answer}");
    }
    let answer = tested(&world, at("none", &endpoint, json!({ "mode": "none" }))).await;
    assert_eq!((&answer["ok"], &answer["status"]), (&json!(false), &json!(401)));
    assert!(text(&answer, "message").contains("needs credentials"), "{answer}");
}

#[tokio::test]
async fn a_secret_that_can_not_be_used_is_told_without_being_shown() {
    let world = on_loopback().await;
    let server =
        Server::answering(|_| Reply::raw("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")).await;
    let endpoint = origin(&server.url("/"));
    let directory = world.stack.settings.secret_directory.clone().unwrap();
    std::os::unix::fs::symlink("/etc/hostname", directory.join("link")).unwrap();
    for (name, mode, value) in [
        ("missing", "basic", None),
        ("link", "bearer", None),
        ("no-colon", "basic", Some("s3cret-without-colon".to_owned())),
        ("nameless", "basic", Some(":s3cret".to_owned())),
        ("blanks", "bearer", Some("s3cret with blanks".to_owned())),
        ("empty", "bearer", Some("\n".to_owned())),
        ("large", "bearer", Some("s3cret".repeat(2000))),
    ] {
        if let Some(value) = value {
            secret(&world, name, &value);
        }
        let auth = json!({ "mode": mode, "secretRef": format!("file:{name}") });
        let answer = tested(&world, at(name, &endpoint, auth)).await;
        assert_eq!((&answer["ok"], &answer["status"]), (&json!(false), &Value::Null), "{name}");
        let message = text(&answer, "message");
        assert!(message.contains(&format!("`file:{name}`")), "{message}");
        assert!(!message.contains("s3cret"), "{message}");
    }
    // Whoever can't be known is not asked.
    assert!(server.heads().is_empty());
}

#[tokio::test]
async fn github_is_asked_with_the_token() {
    let server = Server::answering(|head| {
        let status = if head.contains("Bearer gh-s3cret") { "200 OK" } else { "401 Unauthorized" };
        Reply::raw(&format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n"))
    })
    .await;
    let world = on_loopback().await;
    for (name, value, ok) in [("right", "gh-s3cret", true), ("wrong", "gh-0ther", false)] {
        let auth = json!({ "mode": "bearer", "secretRef": secret(&world, name, value) });
        let mut new = at(name, &origin(&server.url("/")), auth);
        new["type"] = json!("scm.github");
        let answer = tested(&world, new).await;
        assert_eq!(answer["ok"], ok, "{answer}");
        assert_eq!(answer["status"], if ok { 200 } else { 401 });
    }
    assert!(server.heads()[0].starts_with("GET / HTTP/1.1"));
}

#[tokio::test]
async fn a_redirect_into_the_own_network_is_not_followed() {
    let target = "https://169.254.169.254/latest/meta-data/";
    let server = Server::answering(move |_| Reply::redirect(target)).await;
    let world = on_loopback().await;
    for kind in ["registry.oci", "scm.github"] {
        let name = kind.replace('.', "-");
        let mut new = at(&name, &origin(&server.url("/")), json!({ "mode": "none" }));
        new["type"] = json!(kind);
        let answer = tested(&world, new).await;
        assert_eq!(answer["ok"], false, "{answer}");
        assert!(text(&answer, "message").contains("refused to fetch"), "{answer}");
    }
}

/// Resolves a name to a public address at first, and to loopback ever after.
#[derive(Default)]
struct Rebinding(AtomicU32);

impl Resolve for Rebinding {
    fn resolve(&self, _: &str) -> Resolving {
        let is_first = self.0.fetch_add(1, Ordering::Relaxed) == 0;
        let address = if is_first { Ipv4Addr::new(93, 184, 215, 14) } else { Ipv4Addr::LOCALHOST };
        Box::pin(async move { Ok(vec![IpAddr::V4(address)]) })
    }
}

#[tokio::test]
async fn a_name_that_comes_to_lead_into_the_own_network_is_not_dialled() {
    let resolver = Arc::new(Rebinding::default());
    let registries = RegistryAccess::default().in_network(Arc::<Rebinding>::clone(&resolver), None);
    let world = World::with(Options { registries, ..Options::ephemeral() }).await;
    // What a check before the connection would have seen.
    resolver.resolve("registry.example.com").await.unwrap();
    let answer =
        tested(&world, at("rebound", "https://registry.example.com", json!({ "mode": "none" })))
            .await;
    assert_eq!((&answer["ok"], &answer["status"]), (&json!(false), &Value::Null));
    assert!(text(&answer, "message").contains("refused to connect"), "{answer}");
}

#[tokio::test]
async fn a_secret_is_in_no_row_no_answer_and_no_audit_event() {
    let server = Server::answering(|head| {
        let status = if head.contains("Bearer t0p-s3cret") { "200 OK" } else { "401 Unauthorized" };
        Reply::raw(&format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n"))
    })
    .await;
    let world = on_loopback().await;
    let auth = json!({ "mode": "bearer", "secretRef": secret(&world, "token", "t0p-s3cret") });
    let answer = tested(&world, at("hub", &origin(&server.url("/")), auth)).await;
    assert_eq!(answer["ok"], true, "{answer}");
    let told = [
        answer.to_string(),
        world.get(PLACE).await.expect(200).to_string(),
        world.get("/v1/audit/events").await.expect(200).to_string(),
        format!("{:?}", world.rows().await),
    ];
    for text in told {
        assert!(!text.contains("t0p-s3cret"), "{text}");
    }
}
