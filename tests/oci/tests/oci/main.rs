//! The client against Debian's `docker-registry`, filled by `skopeo`, and against servers that do
//! what registries should not.
#![expect(clippy::unwrap_used, reason = "a test that can't go on has to say so at once")]

mod authorization;
mod filled;
mod misbehaving;

use std::time::Duration;

use slipway_oci::{Credentials, Registry};
use slipway_outbound::{Client, FetchPolicy, InsecureHttp, InternalAddresses, Limits};
use tokio::time::Instant;
use url::Url;

/// A registry on this machine, asked for at most `time`.
fn registry_for(endpoint: &Url, credentials: Credentials, time: Duration) -> Registry {
    let own = ["127.0.0.1", "localhost"].map(str::to_owned).to_vec();
    let policy = FetchPolicy::from_origin(endpoint.clone())
        .with_insecure_http(InsecureHttp::Allowed)
        .with_internal_addresses(InternalAddresses::AtHosts(own));
    let limits = Limits { silence: Duration::from_millis(400), ..slipway_oci::limits() };
    let http = Client::builder(policy, limits).build().unwrap();
    Registry::new(http, endpoint.clone(), credentials, Instant::now() + time).unwrap()
}

/// A registry on this machine, with time enough.
fn registry(endpoint: &Url, credentials: Credentials) -> Registry {
    registry_for(endpoint, credentials, Duration::from_secs(20))
}
