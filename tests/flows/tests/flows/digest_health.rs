//! Registries purge: what becomes of release bundles whose images are gone.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use slipway_edge::RegistryAccess;
use slipway_test_container_registry::{Access, DebianRegistry, OciLayout};
use slipway_test_scripted_server::{Reply, Server};
use slipway_test_support::{
    EventDelivery, Options, TestClock, Value, World, json, perform, perform_until, text,
};
use url::Url;

/// The job that asks registries.
const JOB: &str = "check-digests";
/// Where release bundles are.
const RELEASES: &str = "/api/v1/releases";

async fn world_with(events: EventDelivery) -> World {
    let registries = RegistryAccess::with_internal_hosts(vec!["127.0.0.1".to_owned()]);
    World::with(Options { registries, events, ..Options::ephemeral() }).await
}

/// An integration with the registry at `url`.
async fn integration(world: &World, url: &Url) -> String {
    let new = json!({
        "name": "registry", "type": "registry.oci", "auth": { "mode": "none" },
        "endpoint": url.as_str().trim_end_matches('/'),
    });
    let created = world.post("/api/v1/integrations", new).await.expect(201);
    text(&created, "id").to_owned()
}

/// A component of the repository `myorg/{name}`.
async fn component(world: &World, integration: &str, name: &str) -> Value {
    let new = json!({
        "name": name, "imageRepository": format!("myorg/{name}"), "registryIntegrationId": integration,
    });
    world.post("/api/v1/components", new).await.expect(201)
}

async fn synced(world: &World, component: &Value) {
    let path = format!("/api/v1/components/{}/sync-versions", text(component, "id"));
    let outcome = world.post(&path, json!({})).await.expect(200);
    assert_eq!(outcome["complete"], true);
}

/// A release of these components in these versions, which is ready.
async fn released(world: &World, name: &str, components: &[(&Value, &str)]) -> Value {
    let select = |(component, version): &(&Value, &str)| json!({ "componentId": component["id"], "version": version });
    let components: Vec<_> = components.iter().map(select).collect();
    let new = json!({ "name": name, "components": components });
    let draft = world.post(RELEASES, new).await.expect(201);
    world.put(&path(&draft), json!({ "status": "ready" })).await.expect(200)
}

fn path(release: &Value) -> String {
    format!("{RELEASES}/{}", text(release, "id"))
}

async fn check(world: &World) {
    perform(&world.stack.services, JOB, json!({})).await.0.unwrap();
}

/// Makes sure that a check changes nothing.
async fn nothing_is_learnt(world: &World, why: &str) {
    let before = world.rows().await;
    check(world).await;
    assert!(world.rows().await == before, "{why}");
}

/// Health of a release, and its broken components.
async fn health(world: &World, release: &Value) -> (String, Value) {
    let now = world.get(&path(release)).await.expect(200);
    (text(&now, "health").to_owned(), now["brokenComponents"].clone())
}

async fn is_ok(world: &World, release: &Value) {
    assert_eq!(health(world, release).await, ("ok".to_owned(), json!([])));
}

/// Makes sure that one component of a release is broken, and nothing else.
async fn is_broken(world: &World, release: &Value, place: usize, missing: &str, platform: Value) {
    let component = &release["components"][place];
    let broken = json!([{
        "componentId": component["componentId"], "componentName": component["componentName"],
        "digest": component["digest"], "missingDigest": missing, "platform": platform,
    }]);
    assert_eq!(health(world, release).await, ("broken".to_owned(), broken));
}

/// The types of the audit events of checks, in their order.
async fn told(world: &World) -> Vec<String> {
    let rows = world.rows().await;
    let mut events: Vec<_> = rows
        .iter()
        .filter(|((pk, _), row)| pk.starts_with("AUDIT#") && row["actor"] == "job:check-digests")
        .map(|((_, sk), row)| (sk.clone(), text(row, "event_type").to_owned()))
        .collect();
    events.sort();
    events.into_iter().map(|(_, event)| event).collect()
}

/// The digest of the image for `arch` of an index.
async fn platform_of(
    registry: &DebianRegistry,
    repository: &str,
    index: &str,
    arch: &str,
) -> String {
    let url = registry.url().join(&format!("v2/{repository}/manifests/{index}")).unwrap();
    let accept = "application/vnd.oci.image.index.v1+json";
    let request = reqwest::Client::new().get(url).header("accept", accept);
    let index: Value =
        serde_json::from_slice(&request.send().await.unwrap().bytes().await.unwrap()).unwrap();
    let mut manifests = index["manifests"].as_array().unwrap().iter();
    let image = manifests.find(|image| image["platform"]["architecture"] == arch).unwrap();
    text(image, "digest").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_is_broken_as_long_as_an_image_of_it_is_gone() {
    let Some(debian) = DebianRegistry::start(Access::Open) else { return };
    let (world, layout) = (world_with(EventDelivery::Disabled).await, OciLayout::empty());
    let two = layout.image("two");
    debian.push(&layout, "myorg/api:v2.0.0");
    let index = layout.index("web");
    debian.push(&layout, "myorg/web:v1.0.0");
    let one = layout.image("one");
    debian.push(&layout, "myorg/api:v1.0.0");
    let integration = integration(&world, &debian.url()).await;
    let api = component(&world, &integration, "api").await;
    let web = component(&world, &integration, "web").await;
    synced(&world, &api).await;
    synced(&world, &web).await;
    let old = released(&world, "old", &[(&api, "1.0.0"), (&web, "1.0.0")]).await;
    let new = released(&world, "new", &[(&api, "2.0.0")]).await;
    let retired = released(&world, "retired", &[(&api, "1.0.0")]).await;
    assert_eq!(health(&world, &old).await, ("unknown".to_owned(), json!([])));
    check(&world).await;
    for release in [&old, &new, &retired] {
        is_ok(&world, release).await;
    }
    assert_eq!(told(&world).await, ["bundle.intact"; 3]);
    nothing_is_learnt(&world, "all is as it was").await;

    world.post(&format!("{}/deprecate", path(&retired)), json!({})).await.expect(200);
    debian.delete("myorg/api", &one);
    check(&world).await;
    is_broken(&world, &old, 0, &one, Value::Null).await;
    is_ok(&world, &new).await;
    is_ok(&world, &retired).await;
    assert_eq!(told(&world).await[3..], ["bundle.broken"]);
    nothing_is_learnt(&world, "it is gone still").await;
    debian.push(&layout, "myorg/api:v1.0.0");
    check(&world).await;
    is_ok(&world, &old).await;
    assert_eq!(told(&world).await[4..], ["bundle.intact"]);

    let arm = platform_of(&debian, "myorg/web", &index, "arm64").await;
    debian.delete("myorg/web", &arm);
    check(&world).await;
    is_broken(&world, &old, 1, &arm, json!("linux/arm64")).await;
    is_ok(&world, &new).await;
    debian.delete("myorg/api", &two);
    drop(debian);
    nothing_is_learnt(&world, "the registry is down").await;
}

/// The answers of a registry to whoever asks for an image.
const ANSWERS: &[(&str, &str)] = &[
    ("200 OK", "<html>"),
    ("404 Not Found", ""),
    ("404 Not Found", "default backend - 404"),
    ("404 Not Found", r#"{"errors":[{"code":"DENIED"}]}"#),
    ("404 Not Found", r#"{"errors":[]}"#),
    ("401 Unauthorized", ""),
    ("403 Forbidden", r#"{"errors":[{"code":"MANIFEST_UNKNOWN"}]}"#),
    ("410 Gone", r#"{"errors":[{"code":"MANIFEST_UNKNOWN"}]}"#),
    ("429 Too Many Requests", r#"{"errors":[{"code":"TOOMANYREQUESTS"}]}"#),
    ("500 Internal Server Error", r#"{"errors":[{"code":"MANIFEST_UNKNOWN"}]}"#),
    ("404 Not Found", r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}"#),
];
/// That by which a registry has the image.
const THERE: usize = usize::MAX;

fn digest() -> String {
    format!("sha256:{:064x}", 1)
}

/// A registry that answers as `mode` says.
async fn scripted(mode: &Arc<AtomicUsize>) -> Server {
    let mode = Arc::clone(mode);
    Server::start(move |_| {
        let headers = "content-type: application/vnd.oci.image.manifest.v1+json\r\nretry-after: 600\r\nconnection: close";
        Reply::raw(&match ANSWERS.get(mode.load(Ordering::Relaxed)) {
            Some((status, body)) => format!("HTTP/1.1 {status}\r\n{headers}\r\n\r\n{body}"),
            None => format!("HTTP/1.1 200 OK\r\n{headers}\r\ndocker-content-digest: {}\r\n\r\n", digest()),
        })
    })
    .await
}

/// A component of the registry, whose version 1.0.0 is the one image.
async fn of_scripted(world: &World, server: &Server) -> Value {
    let integration = integration(world, &server.url("/")).await;
    let api = component(world, &integration, "api").await;
    world.add_versions(&api, &[("v1.0.0", digest())]).await;
    api
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_the_registry_itself_says_is_gone_is_gone() {
    let world = world_with(EventDelivery::Disabled).await;
    let mode = Arc::new(AtomicUsize::new(THERE));
    let server = scripted(&mode).await;
    let api = of_scripted(&world, &server).await;
    let one = released(&world, "one", &[(&api, "1.0.0")]).await;
    let other = released(&world, "other", &[(&api, "1.0.0")]).await;
    let (last, unclear) = (ANSWERS.len() - 1, 0..ANSWERS.len() - 1);
    for answer in unclear.clone() {
        mode.store(answer, Ordering::Relaxed);
        nothing_is_learnt(&world, &format!("unknown, {:?}", ANSWERS[answer])).await;
    }
    mode.store(THERE, Ordering::Relaxed);
    let asked = server.heads().len();
    check(&world).await;
    assert_eq!(server.heads().len() - asked, 1, "an image is asked for once");
    for release in [&one, &other] {
        is_ok(&world, release).await;
    }
    for answer in unclear.clone() {
        mode.store(answer, Ordering::Relaxed);
        nothing_is_learnt(&world, &format!("ok, {:?}", ANSWERS[answer])).await;
    }
    mode.store(last, Ordering::Relaxed);
    check(&world).await;
    is_broken(&world, &one, 0, &digest(), Value::Null).await;
    for answer in unclear {
        mode.store(answer, Ordering::Relaxed);
        nothing_is_learnt(&world, &format!("broken, {:?}", ANSWERS[answer])).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn other_components_of_a_draft_are_unknown_until_they_are_looked_for() {
    let world = world_with(EventDelivery::Disabled).await;
    let mode = Arc::new(AtomicUsize::new(ANSWERS.len() - 1));
    let server = scripted(&mode).await;
    let api = of_scripted(&world, &server).await;
    let select = |version: &str| json!([{ "componentId": api["id"], "version": version }]);
    let new = json!({ "name": "a", "components": select("1.0.0") });
    let draft = world.post(RELEASES, new).await.expect(201);
    check(&world).await;
    is_broken(&world, &draft, 0, &digest(), Value::Null).await;
    world.add_versions(&api, &[("v2.0.0", format!("sha256:{:064x}", 2))]).await;
    world.put(&path(&draft), json!({ "components": select("2.0.0") })).await.expect(200);
    assert_eq!(health(&world, &draft).await, ("unknown".to_owned(), json!([])));
}

/// How many releases the registry that limits has.
const LIMITED: usize = 24;

/// A registry that has every image, and answers what `refusal` says of a digest.
async fn with_all_but(
    refusal: impl Fn(&str) -> Option<&'static str> + Send + Sync + 'static,
) -> Server {
    Server::start(move |path| {
        let headers = "content-type: application/vnd.oci.image.manifest.v1+json\r\nretry-after: 600\r\nconnection: close";
        let digest = path.rsplit('/').next().unwrap_or_default();
        let status = refusal(digest).unwrap_or("200 OK");
        Reply::raw(&format!("HTTP/1.1 {status}\r\n{headers}\r\ndocker-content-digest: {digest}\r\n\r\n"))
    })
    .await
}

/// Releases of one component, each of another image.
async fn releases_of(world: &World, server: &Server) -> Vec<Value> {
    let integration = integration(world, &server.url("/")).await;
    let api = component(world, &integration, "api").await;
    let mut releases = Vec::new();
    for n in 0..LIMITED {
        let (version, digest) = (format!("1.0.{n}"), format!("sha256:{n:064x}"));
        world.add_versions(&api, &[(&version, digest)]).await;
        releases.push(released(world, &format!("release-{n}"), &[(&api, &version)]).await);
    }
    releases
}

/// How many of `releases` are known to be whole.
async fn count_ok(world: &World, releases: &[Value]) -> usize {
    let mut count = 0;
    for release in releases {
        count += usize::from(health(world, release).await.0 == "ok");
    }
    count
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_that_tells_of_a_third_in_a_run_has_told_of_all_within_28() {
    let test_clock = TestClock::default();
    let registries = RegistryAccess::with_internal_hosts(vec!["127.0.0.1".to_owned()]);
    let clock = test_clock.clock();
    let events = EventDelivery::Disabled;
    let world = World::with(Options { registries, events, clock, ..Options::ephemeral() }).await;
    let told = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&told);
    let server = with_all_but(move |_| {
        let is_over = counted.fetch_add(1, Ordering::SeqCst) >= LIMITED / 3;
        is_over.then_some("429 Too Many Requests")
    })
    .await;
    let releases = releases_of(&world, &server).await;
    for run in 0..28 {
        told.store(0, Ordering::SeqCst);
        check(&world).await;
        assert!(run > 0 || count_ok(&world, &releases).await < LIMITED);
        test_clock.advance(jiff::SignedDuration::from_hours(6));
    }
    assert_eq!(count_ok(&world, &releases).await, LIMITED);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_for_which_the_registry_fails_does_not_end_the_check_of_others() {
    let world = world_with(EventDelivery::Disabled).await;
    let failing = format!("sha256:{:064x}", 0);
    let server =
        with_all_but(move |digest| (digest == failing).then_some("500 Internal Server Error"))
            .await;
    let releases = releases_of(&world, &server).await;
    check(&world).await;
    assert_eq!(count_ok(&world, &releases).await, LIMITED - 1);
    assert_eq!(health(&world, &releases[0]).await, ("unknown".to_owned(), json!([])));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_that_runs_out_of_time_is_gone_on_with() {
    let world = world_with(EventDelivery::Enabled).await;
    let mode = Arc::new(AtomicUsize::new(THERE));
    let server = scripted(&mode).await;
    let api = of_scripted(&world, &server).await;
    let mut releases = Vec::new();
    for n in 0..21 {
        releases.push(released(&world, &format!("release-{n}"), &[(&api, "1.0.0")]).await);
    }
    let ended = jiff::Timestamp::UNIX_EPOCH;
    let (outcome, cost) = perform_until(&world.stack.services, JOB, json!({}), ended).await;
    outcome.unwrap();
    assert_eq!(cost.lambda_requests, 1);
    assert!(count_ok(&world, &releases).await > 0);
    while count_ok(&world, &releases).await < releases.len() {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_is_judged_by_the_registry_that_it_is_pulled_from_alone() {
    let (Some(left), Some(right)) =
        (DebianRegistry::start(Access::Open), DebianRegistry::start(Access::Open))
    else {
        return;
    };
    let (world, layout) = (world_with(EventDelivery::Disabled).await, OciLayout::empty());
    let image = layout.image("one");
    left.push(&layout, "myorg/api:v1.0.0");
    let integration = integration(&world, &left.url()).await;
    let api = component(&world, &integration, "api").await;
    synced(&world, &api).await;
    let old = released(&world, "old", &[(&api, "1.0.0")]).await;
    check(&world).await;
    is_ok(&world, &old).await;

    // The integration moves to a registry that does not have the image.
    let place = format!("/api/v1/integrations/{integration}");
    let moved = json!({
        "name": "registry", "type": "registry.oci", "auth": { "mode": "none" },
        "endpoint": right.url().as_str().trim_end_matches('/'),
    });
    world.put(&place, moved).await.expect(200);
    let new = released(&world, "new", &[(&api, "1.0.0")]).await;
    check(&world).await;
    is_ok(&world, &old).await;
    is_broken(&world, &new, 0, &image, Value::Null).await;
}
