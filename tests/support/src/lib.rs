//! A local stack of its own for each test, and the few words that all tests share.
//!
//! Tests reach the stack as users do, by HTTP. Nothing here is a stand-in: engines, handlers and
//! signatures are the real ones.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::must_use_candidate,
    reason = "a test that can't go on has to say so at once"
)]

use std::net::Ipv4Addr;
use std::sync::OnceLock;

mod answer;
mod call;
mod clock;
mod credentials;
mod external_host;
mod external_store;
mod fixtures;
mod independent;
mod issuer;
mod keys;
mod kms;
mod legacy;
mod lists;
mod ministack;
mod outcomes;
mod parameter_store;
mod release_uploads;
mod sample;
mod table;
mod tls_host;
mod uploads;
mod version_maps;
mod webhook_receiver;
mod workloads;

pub use answer::TestResponse;
pub use call::{Call, finish_upload, perform, perform_until, rows_inserted, unrouted};
pub use clock::TestClock;
pub use external_host::{ExternalHost, Pace};
pub use external_store::ExternalStoreServer;
pub use fixtures::{file, release_path, text, upload_path};
pub use independent::{as_deployed, independently, independently_bound};
pub use issuer::{AUDIENCE, Es256Key, TestIssuer, hmac_sha256};
pub use kms::Kms;
pub use lists::every_entry;
pub use parameter_store::ParameterStore;
pub use release_uploads::{artifact_of, registration};
pub use reqwest::Method;
pub use sample::SampleRequest;
pub use serde_json::{Value, json};
pub use slipway_local::artifact_storage::ExternalStore;
pub use slipway_local::stack::EventDelivery;
pub use slipway_local::{Options, Stack};
pub use webhook_receiver::{WebhookReceiver, WebhookReply, WebhookRequest};
pub use workloads::{CiWorld, trusts_silent_issuer};

/// How many networks there are for [`World::request_from`].
pub const NETWORKS: usize = 16;

/// A running stack, and a client with the bootstrap token.
pub struct World {
    /// The stack.
    pub stack: Stack,
    http: reqwest::Client,
    networks: [OnceLock<reqwest::Client>; NETWORKS],
}

impl World {
    /// A stack that keeps nothing. Decisions read the catalog each time, so that tests need not
    /// wait for a cache.
    pub async fn start() -> Self {
        Self::with(Options { decision_cache: jiff::SignedDuration::ZERO, ..Options::ephemeral() })
            .await
    }

    /// A stack with options.
    pub async fn with(options: Options) -> Self {
        let stack = Stack::start(options).await.expect("the stack starts");
        // Redirects are answers that tests want to see.
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .expect("a client");
        Self { stack, http, networks: std::array::from_fn(|_| OnceLock::new()) }
    }

    /// The client, for requests that are not to the API.
    pub fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// A request to the API without a credential, to be added to and sent with
    /// [`TestResponse::to`].
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, format!("{}{path}", self.stack.base_url))
    }

    /// A request without a credential from another address of loopback than other requests come
    /// from: `network` is one of [`NETWORKS`].
    pub fn request_from(
        &self,
        network: usize,
        method: Method,
        path: &str,
    ) -> reqwest::RequestBuilder {
        let last = u8::try_from(network + 1).expect("a network");
        let address = Ipv4Addr::new(127, 0, 1, last).into();
        let client = || reqwest::Client::builder().local_address(Some(address)).build();
        let http = self.networks[network].get_or_init(|| client().expect("a client"));
        http.request(method, format!("{}{path}", self.stack.base_url))
    }

    /// A request with the bootstrap token.
    pub fn admin(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.request(method, path).bearer_auth(&self.stack.admin_token)
    }

    /// GET as admin.
    pub async fn get(&self, path: &str) -> TestResponse {
        TestResponse::to(self.admin(Method::GET, path)).await
    }

    /// POST as admin.
    pub async fn post(&self, path: &str, body: Value) -> TestResponse {
        TestResponse::to(self.admin(Method::POST, path).json(&body)).await
    }

    /// PUT as admin.
    pub async fn put(&self, path: &str, body: Value) -> TestResponse {
        TestResponse::to(self.admin(Method::PUT, path).json(&body)).await
    }

    /// PATCH as admin.
    pub async fn patch(&self, path: &str, body: Value) -> TestResponse {
        TestResponse::to(self.admin(Method::PATCH, path).json(&body)).await
    }

    /// DELETE as admin.
    pub async fn delete(&self, path: &str) -> TestResponse {
        TestResponse::to(self.admin(Method::DELETE, path)).await
    }
}
