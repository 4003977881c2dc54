//! Lists that are read page by page while others write: what was there all the time comes once.

use std::collections::{BTreeMap, BTreeSet};

use slipway_test_support::{
    Method, TestResponse, Value, World, every_entry, json, release_path, text,
};

const PRODUCTS: [&str; 3] = ["prod_a", "prod_m", "prod_z"];
const LISTS: [&str; 5] = [
    "/v1/releases?",
    "/v1/releases?channel=beta&",
    "/v1/releases?status=draft&",
    "/v1/releases?product_id=prod_m&",
    "/v1/products/prod_m/releases?",
];

/// Numbers that look random and are the same in each run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn one_of<'a, T>(&mut self, some: &'a [T]) -> &'a T {
        &some[usize::try_from(self.below(some.len() as u64)).unwrap()]
    }
}

/// Makes releases at random places, and deletes drafts.
struct Writer {
    numbers: Numbers,
    drafts: Vec<Value>,
    deleted: BTreeSet<String>,
}

impl Writer {
    async fn create(&mut self, world: &World) {
        let product = *self.numbers.one_of(&PRODUCTS);
        let channel = *self.numbers.one_of(&["stable", "beta"]);
        let version = format!("{}.{}.0", self.numbers.below(40), self.numbers.below(40));
        let draft = json!({ "product_id": product, "version": version, "channel": channel });
        let draft = world.post("/v1/releases", draft).await;
        if draft.status == 201 {
            self.drafts.push(draft.body);
        }
    }

    /// What others do between two pages.
    async fn interfere(&mut self, world: &World) {
        self.create(world).await;
        if self.drafts.len() > 30 || self.numbers.below(3) == 0 {
            let some = usize::try_from(self.numbers.below(self.drafts.len() as u64)).unwrap();
            let draft = self.drafts.swap_remove(some);
            TestResponse::to(world.admin(Method::DELETE, &release_path(&draft, "")))
                .await
                .expect(204);
            self.deleted.insert(text(&draft, "release_id").to_owned());
        }
    }
}

async fn world(writer: &mut Writer) -> World {
    let world = World::start().await;
    for product in PRODUCTS {
        world.product(product).await;
        world.publish(product, "1.0.0", "beta").await;
    }
    for _ in 0..20 {
        writer.create(&world).await;
    }
    world
}

/// What is listed while nobody writes.
async fn ids(world: &World, secret: &str, list: &str) -> Vec<String> {
    let get = async |path: String| world.get_as(secret, &path).await.expect(200);
    let releases = every_entry(list.trim_end_matches(['?', '&']), "releases", get).await;
    releases.iter().map(|release| text(release, "release_id").to_owned()).collect()
}

/// What is listed page by page, while `writer` writes between the pages.
async fn ids_while(world: &World, secret: &str, list: &str, writer: &mut Writer) -> Vec<String> {
    let (mut ids, mut cursor) = (Vec::new(), String::new());
    loop {
        let limit = 1 + writer.numbers.below(4);
        let page = world.get_as(secret, &format!("{list}limit={limit}{cursor}")).await.expect(200);
        let releases = page["releases"].as_array().unwrap().iter();
        ids.extend(releases.map(|release| text(release, "release_id").to_owned()));
        let Some(next) = page["next_cursor"].as_str() else { return ids };
        assert!(ids.len() < 10_000, "{list} has no end");
        cursor = format!("&cursor={next}");
        writer.interfere(world).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_leave_nothing_out_and_show_nothing_twice_while_others_write() {
    let mut writer = Writer { numbers: Numbers(7), drafts: Vec::new(), deleted: BTreeSet::new() };
    let world = world(&mut writer).await;
    let scopes = ["releases:read"];
    let secrets = [
        world.secret(json!({ "scopes": scopes })).await,
        world.secret(json!({ "scopes": scopes, "product_ids": PRODUCTS })).await,
        world.secret(json!({ "scopes": scopes, "product_ids": ["prod_m"] })).await,
    ];
    for secret in &secrets {
        for list in LISTS {
            let before = ids(&world, secret, list).await;
            let found = ids_while(&world, secret, list, &mut writer).await;
            let mut times: BTreeMap<&String, usize> = BTreeMap::new();
            for id in &found {
                *times.entry(id).or_default() += 1;
            }
            assert!(times.values().all(|times| *times == 1), "{list}: {times:?}");
            let stayed = before.iter().filter(|id| !writer.deleted.contains(*id));
            let missing: Vec<&String> = stayed.filter(|id| !times.contains_key(id)).collect();
            assert_eq!(missing, [""; 0], "{list}");
        }
    }
    world.stack.stop().await;
}
