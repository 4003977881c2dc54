//! What promotions of release bundles cost and read.

use std::ops::Range;

use slipway_test_support::{Call, Value, json, text};

use crate::access_patterns::Meaning;
use crate::operations::CostMeter;

/// What is read for them.
pub const MEANINGS: &[Meaning] = &[
    ("GetItem", None, "PROMOTION#*", "PROMOTION", "a promotion of a release bundle by id"),
    (
        "BatchGetItem",
        None,
        "PROMOTION#*",
        "PROMOTION",
        "promotions of release bundles by id, up to 100 a request",
    ),
    (
        "Query",
        None,
        "PROMOTIONSEGMENTS",
        "SEGMENT#*",
        "the newest segment of the list of promotions",
    ),
    ("Query", None, "PROMOTIONSEGMENTS", "*", "all segments of the list of promotions"),
    ("Query", None, "PROMOTIONLIST#*", "ID#*", "what lists show of the promotions of a segment"),
    (
        "BatchGetItem",
        None,
        "PROMOTIONLIST#*",
        "ID#*",
        "what lists show of promotions, up to 100 a request",
    ),
    ("Query", None, "PROMOTIONSOF#*", "ID#*", "the promotions of a release bundle"),
    ("Query", None, "PROMOTIONSTO#*", "ID#*", "the promotions to an environment"),
    ("Query", None, "OPENPROMOTIONS", "*", "the promotions that have not ended"),
    (
        "GetItem",
        None,
        "OPENPROMOTIONS",
        "ID#*",
        "the promotion to an environment that has not ended",
    ),
];

/// Where promotions are.
const PLACE: &str = "/api/v1/promotions";

impl CostMeter {
    /// Pays for promotions.
    pub async fn promotions(&mut self) {
        let small = self.ready("promoted", 2).await;
        let large = self.ready("promoted-large", 50).await;
        let [dev, prod] = [self.environment("dev", 0).await, self.environment("prod", 2).await];
        let op = "promotion-create";
        let begun = self.with(op, "2 components", PLACE, &of(&small, &dev)).await;
        let waits = self.with(op, "that waits for approvals", PLACE, &of(&small, &prod)).await;
        let path = |promotion: &Value, rest| format!("{PLACE}/{}{rest}", text(promotion, "id"));
        self.plain("promotion-get", "in progress", path(&begun, "")).await;
        for (case, get) in [("the first of 2", "1 approval"), ("the last", "that has begun")] {
            let secret = self.fixture.world.secret(json!({ "scopes": ["bundles:write"] })).await;
            let approve = Call::new("promotion-approve", path(&waits, "/approve"));
            self.pay(case, approve.bearer(&secret)).await;
            self.plain("promotion-get", get, path(&waits, "")).await;
        }
        let state = format!("/api/v1/releases/{}/state", text(&small, "id"));
        self.plain("bundle-state", "2 promotions", state).await;
        let op = "promotion-complete";
        let end = json!({ "status": "deployed" });
        self.with(op, "deployed", path(&begun, "/complete"), &end).await;
        let end = json!({ "status": "failed" });
        self.with(op, "failed", path(&waits, "/complete"), &end).await;
        self.with("promotion-create", "50 components", PLACE, &of(&large, &dev)).await;
        let rejected = of(&large, &prod);
        let rejected = self.fixture.world.post(PLACE, rejected).await.expect(201);
        self.plain("promotion-reject", "50 components", path(&rejected, "/reject")).await;
        self.plain("promotion-list", "4 promotions", PLACE).await;
        self.plain("promotion-list", "by status", format!("{PLACE}?status=failed")).await;
        let by = format!("{PLACE}?releaseId={}", text(&small, "id"));
        self.plain("promotion-list", "by release", &by).await;
        let by = format!("{PLACE}?targetEnvironmentId={}", text(&dev, "id"));
        self.plain("promotion-list", "by environment", &by).await;
        self.plain("promotion-list", "by environment and status", format!("{by}&status=failed"))
            .await;
        self.open_promotions(&small).await;
    }

    /// Pays for lists of what is open, where few promotions have ended before, and where many have.
    async fn open_promotions(&mut self, bundle: &Value) {
        let environment = self.environment("staging", 0).await;
        let new = of(bundle, &environment);
        let ended = self.fixture.world.post(PLACE, new.clone()).await.expect(201);
        let end = json!({ "status": "failed" });
        let path = format!("{PLACE}/{}/complete", text(&ended, "id"));
        self.fixture.world.post(&path, end).await.expect(200);
        self.fixture.world.post(PLACE, new).await.expect(201);
        let by = [
            ("environment", format!("targetEnvironmentId={}", text(&environment, "id"))),
            ("release", format!("releaseId={}", text(bundle, "id"))),
        ];
        for (many, name) in [(0..10, "10"), (10..1_000, "1,000")] {
            self.repeat(&ended, many).await;
            for (member, query) in &by {
                let case = format!("open ones by {member}, after {name}");
                let list = format!("{PLACE}?{query}&status=in_progress");
                self.plain("promotion-list", &case, list).await;
            }
        }
    }

    /// Lets there be more promotions like one that has ended, in the rows that lists read.
    async fn repeat(&self, ended: &Value, numbers: Range<u32>) {
        let id = text(ended, "id");
        let rows = self.fixture.world.rows().await;
        let keys = rows.keys().filter(|(pk, sk)| {
            pk.starts_with("PROMOTIONS") && *sk == format!("ID#{id}")
                || pk.starts_with("PROMOTIONLIST#") && *sk == format!("ID#{id}")
        });
        for key in keys {
            let like = |number: u32| (key.0.clone(), format!("ID#{}{number:04}", &id[..32]));
            let copies: Vec<_> = numbers.clone().map(like).collect();
            self.fixture.world.copy_row(key, &copies).await;
        }
    }

    /// A release bundle of so many of the components that there are, which is ready.
    async fn ready(&self, name: &str, components: usize) -> Value {
        let world = &self.fixture.world;
        let all = world.get("/api/v1/components").await.expect(200);
        let some =
            all.as_array().unwrap().iter().filter(|it| text(it, "name").starts_with("component-"));
        let select = |it: &Value| json!({ "componentId": it["id"], "version": "1.0.0" });
        let components: Vec<_> = some.take(components).map(select).collect();
        let new = json!({ "name": name, "components": components });
        let bundle = world.post("/api/v1/releases", new).await.expect(201);
        let path = format!("/api/v1/releases/{}", text(&bundle, "id"));
        world.put(&path, json!({ "status": "ready" })).await.expect(200)
    }

    /// An environment that asks for so many approvals.
    async fn environment(&self, name: &str, required: u32) -> Value {
        let new = json!({ "name": name, "requiredApprovals": required });
        self.fixture.world.post("/api/v1/environments", new).await.expect(201)
    }
}

/// What promotes a release bundle to an environment.
fn of(bundle: &Value, environment: &Value) -> Value {
    json!({ "releaseId": bundle["id"], "targetEnvironmentId": environment["id"] })
}
