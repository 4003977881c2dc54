//! Channels with required releases: what is asked and changed on them costs the same whatever their
//! number. And channels that a release makes.

use slipway_test_support::{World, json, release_path, text};

use crate::histories::History;
use crate::operations::CostMeter;

/// What a change of a required release with six artifacts may write: two units more than another
/// one, for its row.
const WRITE_UNITS: f64 = 42.0;
/// The same of one that makes the release.
const CREATION_UNITS: f64 = 44.0;

impl CostMeter {
    /// What is asked and changed on channels with 10 and 1,000 required releases.
    pub async fn stepping_stones(&mut self) {
        let mut costs = Vec::new();
        for live in [10, 1_000] {
            let history = History::of_required(&self.fixture, live).await;
            costs.push(self.required_releases(&history).await);
        }
        assert_eq!(costs[0], costs[1]);
    }

    /// A release that makes its channel, and the next one there.
    pub async fn open_channels(&mut self) {
        let open = json!({ "product_id": "prod_open", "name": "Open", "open_channels": true });
        self.fixture.world.post("/v1/products", open).await.expect(201);
        let artifact = self.fixture.world.external(78).await;
        for (version, case) in
            [("1.0.0", "on a channel that it makes"), ("1.1.0", "on the channel again")]
        {
            let body = World::release_of("prod_open", version, "pr-1", &artifact);
            self.with("release-create", case, "/v1/releases", &body).await;
        }
    }

    /// What each costs, in requests and units.
    async fn required_releases(&mut self, history: &History) -> Vec<String> {
        let of = format!("of {} required releases", history.live);
        let listed = self.cold(&history.ask("1.999.0"), "2.0.0").await;
        assert_eq!(listed.dynamodb_requests, 1);
        self.costs.add(&format!("cold, the highest {of}"), listed);
        let (lowest, below) = (history.live - 3, history.live - 4);
        let listed =
            self.cold(&history.ask(&format!("1.{below}.5")), &format!("1.{lowest}.0")).await;
        assert_eq!(listed.dynamodb_requests, 2);
        self.costs.add(&format!("cold, one that the head lists {of}"), listed);
        let found = self.cold(&history.ask("1.0.0"), "1.1.0").await;
        assert_eq!(found.dynamodb_requests, 3);
        self.costs.add(&format!("cold, one that is looked up {of}"), found);
        let instance = self.fixture.fresh_instance();
        for state in ["cold", "warm"] {
            let (answer, record) = history.ask("1.2.0").on(&instance).await;
            assert_eq!(text(&answer.expect(200)["decisions"][0], "version"), "1.3.0");
            self.costs.add(&format!("{state}, another one that is looked up {of}"), record);
        }
        let token = self.fixture.world.stack.admin_token.clone();
        let create = history.create("3.0.0", &token);
        let newest = self.change_within(CREATION_UNITS, &create, &format!("one more {of}")).await;
        let path = release_path(&newest, "");
        for required in [false, true] {
            let update = self.call("release-update", &path).json(&json!({ "required": required }));
            let case = if required { "required again" } else { "required no longer" };
            self.change_within(WRITE_UNITS, &update, &format!("{case}, {of}")).await;
        }
        let revoked = self.call("release-revoke", release_path(&newest, "/revoke"));
        self.change_within(
            WRITE_UNITS,
            &revoked.json(&json!({ "reason": "it costs" })),
            &format!("one {of}"),
        )
        .await;
        self.costs.last(9)
    }
}
