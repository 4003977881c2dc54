//! What a request has read may change before it writes. A change is made between any two of its
//! calls to DynamoDB and S3, and it must not act on what it saw before.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use futures::future::BoxFuture;
use slipway_edge::Services;
use slipway_test_support::{
    Call, EventDelivery, Options, TestClock, Value, World, json, release_path, rows_inserted, text,
};

use crate::network::services_over;
use crate::rows::Rows;

/// A change by somebody else.
pub type Change = BoxFuture<'static, ()>;

/// When the change is made: just before the function's call number `at`.
struct Moment {
    at: u64,
    calls: AtomicU64,
    change: Mutex<Option<Change>>,
}

impl Moment {
    /// A call of the function.
    fn call(&self, request: HttpRequest, real: SharedHttpConnector) -> HttpConnectorFuture {
        let is_now = self.calls.fetch_add(1, Ordering::SeqCst) + 1 == self.at;
        let change = is_now.then(|| self.change.lock().unwrap().take()).flatten();
        HttpConnectorFuture::new(async move {
            if let Some(change) = change {
                change.await;
            }
            real.call(request).await
        })
    }
}

/// What `work` comes to where `change` is made before its call number `at`; `None` where it makes
/// fewer. Its function has the clock `test_clock`.
pub async fn interleaved<T>(
    (world, test_clock): (&World, &TestClock),
    at: u64,
    change: Change,
    work: impl AsyncFnOnce(Arc<Services>) -> T,
) -> Option<T> {
    let moment =
        Arc::new(Moment { at, calls: AtomicU64::new(0), change: Mutex::new(Some(change)) });
    let hook = Arc::clone(&moment);
    let services = services_over(world, test_clock, move |request, real| hook.call(request, real));
    let outcome = work(services).await;
    let is_made = moment.change.lock().unwrap().is_none();
    is_made.then_some(outcome)
}

/// A request of a client of its own, which has to succeed.
pub fn change(request: reqwest::RequestBuilder) -> Change {
    Box::pin(async move {
        let response = request.send().await.unwrap();
        assert!(response.status().is_success(), "{}", response.text().await.unwrap());
    })
}

/// What removes the channel `nightly` of a product.
fn remove_channel(world: &World, product: &str) -> Change {
    let path = format!("/v1/products/{product}");
    change(world.admin(reqwest::Method::PATCH, &path).json(&json!({ "channels": [] })))
}

async fn nightly_product(world: &World, id: &str) {
    let product = json!({ "product_id": id, "name": id, "channels": ["nightly"] });
    world.post("/v1/products", product).await.expect(201);
}

/// Makes sure that `nightly` is removed in time, whichever of its calls the request that `prepare`
/// makes for a product is at, and tells how many calls it makes.
async fn refused_before_each_call(
    world: &World,
    name: &str,
    prepare: impl AsyncFn(&str) -> Call,
) -> u64 {
    for at in 1.. {
        let product = format!("prod_{name}-{at}");
        nightly_product(world, &product).await;
        let call = prepare(&product).await;
        let change = remove_channel(world, &product);
        let answer = async |services| call.on(&services).await.0;
        let Some(response) = interleaved((world, &TestClock::default()), at, change, answer).await
        else {
            return at - 1;
        };
        response.refused(422, "unknown_channel", Some("channel"));
        let live = world.get(&format!("/v1/products/{product}/releases?status=published")).await;
        assert_eq!(live.expect(200)["releases"], json!([]), "call {at}");
    }
    unreachable!("a request has an end")
}

/// A draft stands in for the release that is created: where it is deleted meanwhile, the release
/// waits for sign-off all the same.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_published_without_sign_off_where_a_draft_is_deleted_meanwhile() {
    let world = World::start().await;
    let artifact = world.external(1).await;
    for at in 1.. {
        let product = format!("prod_gated-{at}");
        let rule = json!({ "stable": { "required_approvals": 1 } });
        let gated = json!({ "product_id": product, "name": product, "channel_sign_off": rule });
        world.post("/v1/products", gated).await.expect(201);
        let body = World::release_of(&product, "1.0.0", "stable", &artifact);
        let mut draft = body.clone();
        draft["draft"] = json!(true);
        let draft = world.post("/v1/releases", draft).await.expect(201);
        let delete = change(world.admin(reqwest::Method::DELETE, &release_path(&draft, "")));
        let call = world.call("release-create", "/v1/releases").json(&body);
        let answer = async |services| call.on(&services).await.0;
        let Some(response) = interleaved((&world, &TestClock::default()), at, delete, answer).await
        else {
            assert!(at > 3, "{at}");
            break;
        };
        assert!(matches!(response.status, 202 | 409), "call {at}: {:#}", response.body);
        let live = world.get(&format!("/v1/products/{product}/releases?status=published")).await;
        assert_eq!(live.expect(200)["releases"], json!([]), "call {at}");
    }
    world.stack.stop().await;
}

fn nightly_release(product: &str, artifact: &str) -> Value {
    World::release_of(product, "1.0.0", "nightly", artifact)
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_published_on_a_channel_that_is_removed_meanwhile() {
    let world = World::start().await;
    let artifact = world.external(1).await;
    let create = refused_before_each_call(&world, "create", async |product: &str| {
        world.call("release-create", "/v1/releases").json(&nightly_release(product, &artifact))
    });
    assert_eq!(create.await, 4);
    let publish = refused_before_each_call(&world, "publish", async |product: &str| {
        let mut draft = nightly_release(product, &artifact);
        draft["draft"] = json!(true);
        let draft = world.post("/v1/releases", draft).await.expect(201);
        world.call("release-publish", release_path(&draft, "/publish"))
    });
    // One more: whether the channel asks for sign-off.
    assert_eq!(publish.await, 5);
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_makes_no_channel_that_is_added_and_removed_meanwhile() {
    let world = World::start().await;
    let artifact = world.external(1).await;
    for at in 1.. {
        let product = format!("prod_open-{at}");
        let body = json!({ "product_id": product, "name": product, "open_channels": true });
        world.post("/v1/products", body).await.expect(201);
        let path = format!("/v1/products/{product}");
        let added = json!({ "channels": ["nightly"] });
        let added = change(world.admin(reqwest::Method::PATCH, &path).json(&added));
        let removed = remove_channel(&world, &product);
        let change: Change = Box::pin(async {
            added.await;
            removed.await;
        });
        let body = nightly_release(&product, &artifact);
        let call = world.call("release-create", "/v1/releases").json(&body);
        let answer = async |services| call.on(&services).await.0;
        let answer = interleaved((&world, &TestClock::default()), at, change, answer).await;
        let Some(answer) = answer else {
            assert_eq!(at - 1, 4);
            break;
        };
        answer.refused(422, "unknown_channel", Some("channel"));
        let channels = world.get(&path).await.expect(200)["channels"].clone();
        assert_eq!(channels, json!(["beta", "internal", "stable"]), "call {at}");
    }
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_revoked_while_another_release_is_revoked_does_not_take_its_place() {
    let world = World::start().await;
    let artifact = world.external(1).await;
    for at in 1.. {
        let product = format!("prod_revoked-{at}");
        world.product(&product).await;
        let mut paths = Vec::new();
        for minor in 0..6 {
            let request = World::release_of(&product, &format!("1.{minor}.0"), "stable", &artifact);
            let release = world.post("/v1/releases", request).await.expect(201);
            paths.push(release_path(&release, "/revoke"));
        }
        let reason = json!({ "reason": "both crash" });
        let next = change(world.admin(reqwest::Method::POST, &paths[4]).json(&reason));
        let call = world.call("release-revoke", &paths[5]).json(&reason);
        let revoke = async |services| call.on(&services).await.0;
        let Some(answer) = interleaved((&world, &TestClock::default()), at, next, revoke).await
        else {
            // Pointer, release, head, what is below, the transaction, and two for where the version
            // is still live.
            assert_eq!(at - 1, 7);
            break;
        };
        answer.expect(200);
        Rows::of(&world).await.agree();
        assert_eq!(world.decide(&product, "0.1.0").await["version"], "1.3.0", "call {at}");
    }
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_is_promoted_while_it_is_revoked_everywhere_is_revoked_or_named() {
    let world = World::start().await;
    let (mut revoked, mut named) = (0, 0);
    for at in 1.. {
        let product = format!("prod_revoke-{at}");
        world.product(&product).await;
        let release = world.release(&product, "1.0.0").await;
        let promote = world.admin(reqwest::Method::POST, &release_path(&release, "/promote"));
        let promote = promote.json(&json!({ "channel": "beta" }));
        // What is revoked already is not promoted: then nothing is live.
        let change: Change = Box::pin(async { drop(promote.send().await.unwrap()) });
        let reason = json!({ "reason": "it crashes", "all_channels": true });
        let call = world.call("release-revoke", release_path(&release, "/revoke")).json(&reason);
        let answer = async |services| call.on(&services).await.0;
        let Some(response) = interleaved((&world, &TestClock::default()), at, change, answer).await
        else {
            assert!(revoked > 0 && named > 0, "{revoked} {named}: are calls still counted?");
            break;
        };
        let live = world.get(&format!("/v1/products/{product}/releases?status=published")).await;
        let live: Vec<Value> = live.expect(200)["releases"]
            .as_array()
            .unwrap()
            .iter()
            .map(|release| release["channel"].clone())
            .collect();
        assert_eq!(response.expect(200)["still_live_on"], json!(live), "call {at}");
        *(if live.is_empty() { &mut revoked } else { &mut named }) += 1;
    }
    world.stack.stop().await;
}

/// What is asked of a release under its tag: the operation, its path and its body.
const UNDER_A_TAG: [(&str, &str, &str); 4] = [
    ("release-publish", "/publish", "{}"),
    ("release-promote", "/promote", r#"{"channel": "beta"}"#),
    ("release-rollout", "/rollout", r#"{"paused": true}"#),
    ("release-revoke", "/revoke", r#"{"reason": "it crashes"}"#),
];

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_done_to_a_release_that_changes_after_its_tag_was_read() {
    let world = World::start().await;
    let artifact = world.external(1).await;
    for (op, rest, body) in UNDER_A_TAG {
        for at in 1.. {
            let product = format!("prod_{op}-{at}");
            world.product(&product).await;
            let mut new = World::release_of(&product, "1.0.0", "stable", &artifact);
            new["draft"] = json!(op == "release-publish");
            let release = world.post("/v1/releases", new).await.expect(201);
            let place = release_path(&release, "");
            let tag = world.get(&place).await.header("etag").unwrap().to_owned();
            let notes = json!({ "metadata": { "release_notes": "Faster." } });
            let correct = world.admin(reqwest::Method::PATCH, &place).json(&notes);
            // What is revoked already is not corrected.
            let change: Change = Box::pin(async { drop(correct.send().await.unwrap()) });
            let body: Value = serde_json::from_str(body).unwrap();
            let call = world.call(op, release_path(&release, rest)).json(&body);
            let call = call.header("if-match", &tag);
            let answer = async |services| call.on(&services).await.0;
            let Some(response) =
                interleaved((&world, &TestClock::default()), at, change, answer).await
            else {
                assert!(at > 4, "{op}: {at}: are calls still counted?");
                break;
            };
            if response.status < 300 {
                // Revoking asks where the version is live once it is done.
                assert!(op == "release-revoke" && at > 4, "{op}: call {at}");
                continue;
            }
            response.refused(412, "precondition_failed", Some("If-Match"));
            let here = world.get(&format!("/v1/products/{product}/releases")).await.expect(200);
            let [only] = &here["releases"].as_array().unwrap()[..] else { panic!("{here:#}") };
            let same = |member: &str| assert_eq!(only[member], release[member], "{op} {at}");
            ["status", "rollout"].into_iter().for_each(same);
        }
    }
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_is_deleted_while_all_are_renewed_stays_deleted() {
    let options = Options { events: EventDelivery::Disabled, ..Options::ephemeral() };
    let world = World::with(options).await;
    for at in 1.. {
        let tenant = format!("tenant_{at}");
        world.tenant(&tenant, json!("*")).await;
        let beta = json!({ "tenant_id": tenant, "channels": ["beta"] });
        let beta = world.generate_snapshot(beta).await;
        let path = format!("/v1/tenants/{tenant}/streams/{}", text(&beta, "stream"));
        let deleted = change(world.admin(reqwest::Method::DELETE, &path));
        let work = json!({
            "generation_id": format!("gen_{at}"), "tenant_id": tenant, "selection": "every_stream", "demand": "always",
            "at": "2026-01-15T09:30:00Z",
        });
        let renew = async |services: Arc<Services>| {
            rows_inserted(&services, "snapshot-for-tenant", &[work]).await.0.unwrap();
        };
        if interleaved((&world, &TestClock::default()), at, deleted, renew).await.is_none() {
            assert!(at > 9, "{at}: are calls still counted?");
            break;
        }
        let streams = world.get(&format!("/v1/tenants/{tenant}/streams")).await.expect(200);
        let named = streams["streams"].as_array().unwrap().iter();
        assert_eq!(named.filter(|stream| stream["stream"] != "all").count(), 0, "call {at}");
    }
    world.stack.stop().await;
}
