//! Histories of promotions on the real engine: two release bundles, two environments, one of which
//! asks for an approval. After each step the releases, the promotions, what is deployed and the
//! totals of the lists tell the same story as a model that is too simple to be wrong.

use std::collections::{BTreeMap, BTreeSet};

use slipway_test_support::{Value, World, json, text};

use crate::rows::Rows;

/// Where promotions are.
const PLACE: &str = "/api/v1/promotions";
/// Where release bundles are.
const RELEASES: &str = "/api/v1/releases";
/// How many histories are played.
const HISTORIES: u64 = 12;
/// How many steps each has.
const STEPS: u64 = 24;

/// What has happened to one promotion.
struct Known {
    id: String,
    bundle: usize,
    environment: usize,
    status: &'static str,
}

/// What there is, and what there should be.
struct Story {
    world: World,
    approver: String,
    bundles: [String; 2],
    environments: [String; 2],
    is_deprecated: [bool; 2],
    promotions: Vec<Known>,
    deployed: [Option<usize>; 2],
    random: u64,
}

impl Story {
    async fn begin(seed: u64) -> Self {
        let world = World::start().await;
        let component = world.component("api").await;
        let mut bundles = [String::new(), String::new()];
        let mut environments = bundles.clone();
        for n in 0..2 {
            let components = json!([{ "componentId": component["id"], "version": "1.0.0" }]);
            let bundle = json!({ "name": format!("release-{n}"), "components": components });
            let bundle = world.post(RELEASES, bundle).await.expect(201);
            text(&bundle, "id").clone_into(&mut bundles[n]);
            let ready = json!({ "status": "ready" });
            world.put(&format!("{RELEASES}/{}", bundles[n]), ready).await.expect(200);
            let new = json!({ "name": format!("e{n}"), "orderIndex": n, "requiredApprovals": n });
            let environment = world.post("/api/v1/environments", new).await.expect(201);
            text(&environment, "id").clone_into(&mut environments[n]);
        }
        let approver = world.secret(json!({ "scopes": ["bundles:write"] })).await;
        let (is_deprecated, promotions, deployed) = ([false; 2], Vec::new(), [None; 2]);
        let random = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        Self { world, approver, bundles, environments, is_deprecated, promotions, deployed, random }
    }

    /// A number below `limit`, by xorshift: the same history for the same seed.
    fn below(&mut self, limit: usize) -> usize {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        usize::try_from(self.random >> 33).unwrap() % limit
    }

    /// Does something, which is refused where it can't be.
    async fn step(&mut self) {
        let what = self.below(12);
        match what {
            0..=4 => self.ask().await,
            5 => self.deprecate().await,
            _ if self.promotions.is_empty() => {}
            _ => {
                // Mostly the newest ones, which are open.
                let last = self.promotions.len() - 1;
                let back = self.below(3).min(last);
                self.advance(last - back, what).await;
            }
        }
    }

    async fn ask(&mut self) {
        let (bundle, environment) = (self.below(2), self.below(2));
        let (release, to) = (&self.bundles[bundle], &self.environments[environment]);
        let new = json!({ "releaseId": release, "targetEnvironmentId": to });
        let answer = self.world.post(PLACE, new).await;
        let is_busy =
            self.promotions.iter().any(|it| it.environment == environment && it.is_open());
        let expected = match (self.is_deprecated[bundle], is_busy) {
            (true, _) => 422,
            (false, true) => 409,
            (false, false) => 201,
        };
        let promotion = answer.expect(expected);
        if expected == 201 {
            let id = text(&promotion, "id").to_owned();
            let status = ["in_progress", "awaiting_approval"][environment];
            self.promotions.push(Known { id, bundle, environment, status });
        }
    }

    async fn deprecate(&mut self) {
        // Seldom, or else nothing happens any more.
        let bundle = self.below(8);
        let Some(id) = self.bundles.get(bundle) else { return };
        self.world.post(&format!("{RELEASES}/{id}/deprecate"), json!({})).await.expect(200);
        self.is_deprecated[bundle] = true;
    }

    async fn advance(&mut self, place: usize, what: usize) {
        let Known { id, bundle, environment, status } = &self.promotions[place];
        let (bundle, environment, status) = (*bundle, *environment, *status);
        let path = |rest: &str| format!("{PLACE}/{id}/{rest}");
        let (answer, next, may) = match what {
            6 | 7 => {
                let approve = path("approve");
                let answer = self.world.post_as(&self.approver, &approve, json!({})).await;
                let again = environment == 1 && status == "in_progress";
                let may = again || status == "awaiting_approval" && !self.is_deprecated[bundle];
                (answer, "in_progress", may)
            }
            8 => {
                let answer = self.world.post(&path("reject"), json!({})).await;
                (answer, "rejected", status == "awaiting_approval")
            }
            _ => {
                let end = if what == 9 { "failed" } else { "deployed" };
                let answer = self.world.post(&path("complete"), json!({ "status": end })).await;
                (answer, end, status == "in_progress" || status == end)
            }
        };
        assert_eq!(answer.status, if may { 200 } else { 409 }, "{status}: {:#}", answer.body);
        if may {
            if next == "deployed" && status != next {
                self.deployed[environment] = Some(bundle);
            }
            self.promotions[place].status = next;
        }
    }

    /// Makes sure that all that can be read agrees with what should be.
    async fn agree(&self) {
        for known in &self.promotions {
            let read = self.world.get(&format!("{PLACE}/{}", known.id)).await.expect(200);
            assert_eq!(read["status"], known.status);
        }
        for bundle in 0..2 {
            let path = format!("{RELEASES}/{}", self.bundles[bundle]);
            let read = self.world.get(&path).await.expect(200);
            assert_eq!(read["status"], self.status_of(bundle), "release {bundle}");
            let state = self.world.get(&format!("{path}/state")).await.expect(200);
            for environment in 0..2 {
                let entry = &state["environments"][environment];
                let is_there = self.deployed[environment] == Some(bundle);
                assert_eq!(entry["status"] == "deployed", is_there, "{state:#}");
                let mut open = self.promotions.iter().filter(|it| it.is_open());
                let open = open.find(|it| it.bundle == bundle && it.environment == environment);
                assert_eq!(entry["promotion"]["id"], json!(open.map(|it| &it.id)), "{state:#}");
            }
        }
        let statuses = ["draft", "ready", "promoting", "deployed", "deprecated"];
        for status in statuses {
            let expected = (0..2).filter(|bundle| self.status_of(*bundle) == status).count();
            assert_eq!(self.total(&format!("{RELEASES}?status={status}")).await, expected);
        }
        self.lists_agree().await;
        Rows::of(&self.world).await.agree();
    }

    async fn lists_agree(&self) {
        let mut queries: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
        for status in ["awaiting_approval", "in_progress", "deployed", "failed", "rejected"] {
            let with = self.promotions.iter().filter(|it| it.status == status);
            queries.insert(format!("status={status}"), with.map(|it| it.id.as_str()).collect());
        }
        for n in 0..2 {
            let (of, to) = (&self.bundles[n], &self.environments[n]);
            let with = self.promotions.iter().filter(|it| it.bundle == n);
            queries.insert(format!("releaseId={of}"), with.map(|it| it.id.as_str()).collect());
            let with = self.promotions.iter().filter(|it| it.environment == n);
            queries.insert(
                format!("targetEnvironmentId={to}"),
                with.map(|it| it.id.as_str()).collect(),
            );
        }
        for (query, expected) in queries {
            let list = self.world.get(&format!("{PLACE}?pageSize=200&{query}")).await.expect(200);
            let ids: BTreeSet<_> =
                list["data"].as_array().unwrap().iter().map(|it| text(it, "id")).collect();
            assert_eq!(ids, expected, "{query}");
            assert_eq!(list["meta"]["totalCount"], expected.len(), "{query}");
        }
    }

    fn status_of(&self, bundle: usize) -> &'static str {
        let mut of_bundle = self.promotions.iter().filter(|it| it.bundle == bundle);
        if self.is_deprecated[bundle] {
            "deprecated"
        } else if of_bundle.clone().any(|it| it.status == "in_progress") {
            "promoting"
        } else if of_bundle.any(|it| it.status == "deployed") {
            "deployed"
        } else {
            "ready"
        }
    }

    async fn total(&self, list: &str) -> usize {
        let list: Value = self.world.get(list).await.expect(200);
        usize::try_from(list["meta"]["totalCount"].as_u64().unwrap()).unwrap()
    }
}

impl Known {
    fn is_open(&self) -> bool {
        ["awaiting_approval", "in_progress"].contains(&self.status)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn statuses_deployments_and_totals_agree_after_each_step() {
    let mut ended = BTreeSet::new();
    for seed in 1..=HISTORIES {
        let mut story = Story::begin(seed).await;
        for _ in 0..STEPS {
            story.step().await;
            story.agree().await;
        }
        ended.extend(story.promotions.iter().map(|it| it.status));
        story.world.stack.stop().await;
    }
    let all = ["awaiting_approval", "deployed", "failed", "in_progress", "rejected"];
    assert_eq!(ended, BTreeSet::from(all), "the histories go everywhere");
}
