//! Credentials other than the bootstrap token, and clocks of one's own.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::{EventDelivery, Options, TestClock, TestResponse, World};

impl World {
    /// A stack whose clock is `test_clock`. It keeps nothing, and decisions read the catalog each
    /// time.
    pub async fn on(test_clock: &TestClock) -> Self {
        Self::with(Options {
            decision_cache: jiff::SignedDuration::ZERO,
            clock: test_clock.clock(),
            ..Options::ephemeral()
        })
        .await
    }

    /// A stack whose clock is `test_clock`. It keeps nothing, and carries out no job by itself, so
    /// that a test decides when.
    pub async fn without_events_on(test_clock: &TestClock) -> Self {
        Self::with(Options {
            events: EventDelivery::Disabled,
            clock: test_clock.clock(),
            ..Options::ephemeral()
        })
        .await
    }

    /// The secret of a new token: `wanted` is what token-create takes, but for the name.
    pub async fn secret(&self, mut wanted: Value) -> String {
        wanted["name"] = json!("test");
        let token = self.post("/v1/tokens", wanted).await.expect(201);
        token["secret"].as_str().expect("a secret").to_owned()
    }

    /// A request with a token.
    pub fn bearer(&self, secret: &str, method: Method, path: &str) -> RequestBuilder {
        self.request(method, path).bearer_auth(secret)
    }

    /// GET with a token.
    pub async fn get_as(&self, secret: &str, path: &str) -> TestResponse {
        TestResponse::to(self.bearer(secret, Method::GET, path)).await
    }

    /// POST with a token.
    pub async fn post_as(&self, secret: &str, path: &str, body: Value) -> TestResponse {
        TestResponse::to(self.bearer(secret, Method::POST, path).json(&body)).await
    }
}
