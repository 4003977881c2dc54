//! Lists come in pages, and cursors can't be made up.

use slipway_edge::Scope;
use slipway_test_support::{
    Call, EventDelivery, Options, Value, World, json, trusts_silent_issuer,
};

use crate::assertions::each;

/// A list: its path, its member, and the member that names a thing.
struct List {
    path: &'static str,
    member: &'static str,
    id: &'static str,
}

const LISTS: [List; 10] = [
    List { path: "/v1/products", member: "products", id: "product_id" },
    List { path: "/v1/tenants", member: "tenants", id: "tenant_id" },
    List { path: "/v1/artifacts", member: "artifacts", id: "artifact_id" },
    List { path: "/v1/releases", member: "releases", id: "release_id" },
    List { path: "/v1/approvals", member: "approvals", id: "approval_id" },
    List { path: "/v1/tenants/tenant_0/policies", member: "policies", id: "product_id" },
    List { path: "/v1/tokens", member: "tokens", id: "token_id" },
    List { path: "/v1/trust-rules", member: "trust_rules", id: "trust_rule_id" },
    List { path: "/v1/webhooks", member: "webhooks", id: "webhook_id" },
    List { path: "/v1/products/prod_0/releases", member: "releases", id: "release_id" },
];

/// The list of channels, of which each product has three. Its pages are in
/// `channels/list_pages.rs`.
const CHANNELS: List = List { path: "/v1/channels", member: "channels", id: "channel" };

/// One more of everything that is listed.
async fn grow(world: &World, n: u64) {
    world.product(&format!("prod_{n}")).await;
    world.tenant(&format!("tenant_{n}"), json!("*")).await;
    let policy = format!("/v1/tenants/tenant_0/policies/prod_{n}");
    world.put(&policy, json!({ "mode": "NOTIFY_ONLY" })).await.expect(200);
    let artifact = world.external(n).await;
    world.draft("prod_0", &format!("1.{n}.0")).await;
    world.token(&["ci:write"]).await;
    world.webhook("https://hooks.example.com/in", json!({ "event_types": ["key.added"] })).await;
    let rules = json!({ "channel_sign_off": { "beta": { "required_approvals": 1 } } });
    world.patch("/v1/products/prod_0", rules).await.expect(200);
    let release = World::release_of("prod_0", &format!("1.{n}.0"), "beta", &artifact);
    world.post("/v1/releases", release).await.expect(202);
    world.trust_rule().await;
}

/// A stack that takes trust rules and webhooks.
async fn world(events: EventDelivery) -> World {
    let trusted_issuers = trusts_silent_issuer();
    let webhooks = slipway_edge::services::webhooks(vec!["*".to_owned()]);
    World::with(Options { events, trusted_issuers, webhooks, ..Options::ephemeral() }).await
}

async fn grown(count: u64) -> World {
    let world = world(EventDelivery::Enabled).await;
    for n in 0..count {
        grow(&world, n).await;
    }
    world
}

impl List {
    async fn page(&self, world: &World, query: &str) -> (Vec<String>, Option<String>) {
        let page = world.get(&format!("{}?{query}", self.path)).await.expect(200);
        let ids = each(&page[self.member], self.id).into_iter().map(str::to_owned).collect();
        (ids, page["next_cursor"].as_str().map(str::to_owned))
    }
}

#[tokio::test]
async fn pages_together_are_the_list_and_the_last_one_says_so() {
    let world = grown(5).await;
    for list in LISTS {
        let (all, end) = list.page(&world, "").await;
        assert_eq!((all.len(), end), (5, None), "{}", list.path);
        let (first, cursor) = list.page(&world, "limit=2").await;
        let (second, cursor) =
            list.page(&world, &format!("limit=2&cursor={}", cursor.unwrap())).await;
        let (third, end) =
            list.page(&world, &format!("limit=200&cursor={}", cursor.unwrap())).await;
        assert_eq!((first.len(), second.len(), end), (2, 2, None), "{}", list.path);
        assert_eq!([first, second, third].concat(), all, "{}", list.path);
        let (exactly, end) = list.page(&world, "limit=5").await;
        assert_eq!((exactly, end), (all, None), "no empty page at the end of {}", list.path);
    }
}

#[tokio::test]
async fn a_list_that_grows_shows_nothing_twice_and_leaves_nothing_out() {
    let world = grown(4).await;
    for (n, list) in (4..).zip(LISTS) {
        let (all, _) = list.page(&world, "").await;
        let (first, cursor) = list.page(&world, "limit=2").await;
        grow(&world, n).await;
        let (rest, _) = list.page(&world, &format!("limit=100&cursor={}", cursor.unwrap())).await;
        assert_eq!([first, rest].concat(), all, "{}", list.path);
    }
}

#[tokio::test]
async fn a_cursor_that_was_altered_or_made_up_is_refused() {
    let world = grown(2).await;
    for list in LISTS.iter().chain([&CHANNELS]) {
        let (_, cursor) = list.page(&world, "limit=1").await;
        let cursor = cursor.unwrap();
        let last = if cursor.ends_with('A') { "B" } else { "A" };
        let altered = format!("{}{last}", &cursor[..cursor.len() - 1]);
        for wrong in [
            altered.as_str(),
            &cursor[1..],
            "",
            "made-up",
            "%00",
            "bm90IGEgY3Vyc29yIGJ1dCBsb25nIGVub3VnaA",
        ] {
            let answer = world.get(&format!("{}?cursor={wrong}", list.path)).await;
            answer.refused(400, "invalid_cursor", Some("cursor"));
        }
    }
}

#[tokio::test]
async fn a_cursor_is_good_for_its_own_list_and_filters_alone() {
    let world = grown(2).await;
    for list in LISTS.iter().chain([&CHANNELS]) {
        let (_, cursor) = list.page(&world, "limit=1").await;
        let cursor = cursor.unwrap();
        for other in LISTS.iter().filter(|other| other.path != list.path) {
            world.get(&format!("{}?cursor={cursor}", other.path)).await.refused(
                400,
                "invalid_cursor",
                Some("cursor"),
            );
        }
    }
    let (_, cursor) = LISTS[3].page(&world, "limit=1&status=draft").await;
    let with = async |query: &str| {
        world.get(&format!("/v1/releases?{query}&cursor={}", cursor.as_deref().unwrap())).await
    };
    with("status=draft&limit=9").await.expect(200);
    for other in ["", "status=published", "status=draft&channel=stable"] {
        with(other).await.refused(400, "invalid_cursor", Some("cursor"));
    }
}

#[tokio::test]
async fn a_page_has_1_to_200_things() {
    let world = grown(1).await;
    for list in LISTS {
        for limit in ["0", "201", "-1", "many", "1.5", "99999999999", ""] {
            world.get(&format!("{}?limit={limit}", list.path)).await.refused(
                400,
                "invalid_field",
                Some("limit"),
            );
        }
        for limit in ["1", "200"] {
            assert_eq!(list.page(&world, &format!("limit={limit}")).await.0.len(), 1);
        }
    }
}

#[tokio::test]
async fn a_page_has_50_things_where_nothing_is_said() {
    let world = World::start().await;
    for n in 0..51 {
        world.external(n).await;
    }
    let page = world.get("/v1/artifacts").await.expect(200);
    assert_eq!(page["artifacts"].as_array().map(Vec::len), Some(50));
    assert_ne!(page["next_cursor"], Value::Null);
}

#[tokio::test]
async fn few_that_are_kept_among_many_are_found() {
    let world = World::start().await;
    world.product("prod_0").await;
    world.release("prod_0", "0.0.1").await;
    for n in 0..20 {
        world.draft("prod_0", &format!("1.{n}.0")).await;
    }
    for path in ["/v1/releases", "/v1/products/prod_0/releases"] {
        let page = world.get(&format!("{path}?status=published&limit=1")).await.expect(200);
        assert_eq!(each(&page["releases"], "version"), ["0.0.1"]);
        assert_eq!(page["next_cursor"], Value::Null);
    }
}

#[tokio::test]
async fn a_cursor_is_good_for_nobody_else() {
    let world = world(EventDelivery::Disabled).await;
    for n in 0..3 {
        grow(&world, n).await;
    }
    world.tenant("tenant_acme", json!("*")).await;
    for _ in 0..3 {
        let request = json!({ "tenant_id": "tenant_acme", "force": true });
        world.generate_snapshot(request).await;
    }
    let all = world.secret(json!({ "scopes": Scope::ALL })).await;
    let scopes = ["releases:read", "mirrors:read"];
    let bound = json!({ "scopes": scopes, "product_ids": ["prod_0"] });
    let customer = json!({ "scopes": scopes, "tenant_id": "tenant_acme" });
    let others = [all, world.secret(bound).await, world.secret(customer).await];
    let snapshots = List { path: "/v1/snapshots", member: "snapshots", id: "snapshot_id" };
    for list in LISTS.iter().chain([&snapshots, &CHANNELS]) {
        let (_, cursor) = list.page(&world, "limit=1").await;
        let path = format!("{}?limit=1&cursor={}", list.path, cursor.unwrap());
        for secret in &others {
            let answer = world.get_as(secret, &path).await;
            if answer.status != 403 {
                answer.refused(400, "invalid_cursor", Some("cursor"));
            }
        }
    }
    world.stack.stop().await;
}

#[tokio::test]
async fn a_page_reads_so_many_rows_and_no_more_however_few_of_them_may_be_seen() {
    let world = World::start().await;
    for product in ["prod_first", "prod_other"] {
        world.product(product).await;
    }
    let kept = [world.publish("prod_first", "1.0.0", "beta").await];
    for n in 0..250 {
        world.draft("prod_other", &format!("1.{n}.0")).await;
    }
    // A customer who may have everything knows of no draft.
    world.tenant("tenant_all", json!("*")).await;
    let secret = world.secret(json!({ "scopes": ["releases:read"], "tenant_id": "tenant_all" }));
    let secret = secret.await;
    let (mut found, mut pages, mut cursor) = (Vec::new(), 0, String::new());
    loop {
        let call = Call::new("release-list", format!("/v1/releases?limit=1{cursor}"));
        let (page, record) = call.bearer(&secret).on(&world.stack.services).await;
        // 110 rows, of a quarter of a kilobyte each, the token and its tenant.
        assert!(record.dynamodb_read_units < 15.0, "{}", record.dynamodb_read_units);
        let page = page.expect(200);
        found.extend(page["releases"].as_array().unwrap().clone());
        pages += 1;
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(found, kept);
    assert!((3..=5).contains(&pages), "{pages}");
}
