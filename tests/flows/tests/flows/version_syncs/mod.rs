//! Syncs of components with a real registry, and with what registries should not do.

mod endings;
mod filled;
mod misbehaving;
mod selections;

use std::time::Duration;

use jiff::Timestamp;
use slipway_catalog::{AuditContext, Writer};
use slipway_components::{SyncOutcome, VersionSync};
use slipway_composition::{
    BundleComponent, Component, IntegrationId, IntegrationSettings, NewComponent, Selection,
    TagChoice, VersionMap,
};
use slipway_domain::{GenerateId, Result};
use slipway_edge::clock::{Clock, entropy};
use slipway_oci::{Credentials, Registry};
use slipway_outbound::{Client, FetchPolicy, InsecureHttp, InternalAddresses, Limits};
use slipway_test_support::{World, json};
use tokio::time::Instant;
use url::Url;

/// The repository of each component here: a name with slashes.
const REPOSITORY: &str = "myorg/team-a/api";
/// Time enough.
const LONG: Duration = Duration::from_secs(20);

/// What a change is recorded with.
fn audit() -> AuditContext {
    let now = Timestamp::now();
    let event_id = GenerateId::generate(now, entropy().unwrap());
    AuditContext::new(now, "tester", "test", event_id)
}

/// The integration of each component here. Its endpoint is asked by nobody: each sync is given the
/// registry that it asks.
async fn integration(catalog: &Writer) -> IntegrationId {
    if let Some(there) = catalog.list_integrations().await.unwrap().into_iter().next() {
        return there.id;
    }
    let settings = json!({
        "name": "registry", "type": "registry.oci", "endpoint": "https://registry.example.com",
        "auth": { "mode": "none" },
    });
    let settings: IntegrationSettings = serde_json::from_value(settings).unwrap();
    let id = GenerateId::generate(Timestamp::now(), entropy().unwrap());
    let integration = settings.create(Timestamp::now(), id, "tester").unwrap();
    catalog.create_integration(&integration, &audit()).await.unwrap();
    integration.id
}

/// A component of that repository.
async fn component(catalog: &Writer, name: &str) -> Component {
    let new = json!({
        "name": name, "imageRepository": REPOSITORY,
        "registryIntegrationId": integration(catalog).await,
    });
    let new: NewComponent = serde_json::from_value(new).unwrap();
    let id = GenerateId::generate(Timestamp::now(), entropy().unwrap());
    let component = new.create(Timestamp::now(), id, "tester").unwrap();
    catalog.create_component(&component, &audit()).await.unwrap();
    component
}

/// A registry on this machine, asked for at most `time`.
fn registry(endpoint: &Url, time: Duration) -> Registry {
    let policy = FetchPolicy::from_origin(endpoint.clone())
        .with_insecure_http(InsecureHttp::Allowed)
        .with_internal_addresses(InternalAddresses::AtHosts(vec!["127.0.0.1".to_owned()]));
    let limits = Limits { silence: Duration::from_secs(1), ..slipway_oci::limits() };
    let http = Client::builder(policy, limits).build().unwrap();
    Registry::new(http, endpoint.clone(), Credentials::Anonymous, Instant::now() + time).unwrap()
}

/// A sync of `component` that has this much time.
async fn sync_within(
    catalog: &Writer,
    component: &Component,
    (endpoint, time): (&Url, Duration),
    choice: TagChoice,
) -> Result<SyncOutcome> {
    let (registry, audit) = (&registry(endpoint, time), &audit());
    let clock = &Clock::system();
    VersionSync { catalog, registry, component, audit, clock }.run(choice).await
}

/// A sync that has time enough.
async fn sync(
    catalog: &Writer,
    component: &Component,
    endpoint: &Url,
    choice: TagChoice,
) -> SyncOutcome {
    sync_within(catalog, component, (endpoint, LONG), choice).await.unwrap()
}

/// All version maps of a component, in the order of the list.
async fn all(catalog: &Writer, component: &Component) -> Vec<VersionMap> {
    let (mut maps, mut start) = (Vec::new(), None);
    loop {
        let page = catalog.list_versions(component, None, 200, start).await.unwrap();
        maps.extend(page.items);
        start = page.next;
        if start.is_none() {
            return maps;
        }
    }
}

/// What `selection` of a component means.
async fn resolved(
    catalog: &Writer,
    component: &Component,
    selection: &Selection,
) -> Result<BundleComponent> {
    let selections = [(component.id.clone(), selection.clone())];
    let found = catalog.resolve_components(&selections, |_| "component".to_owned()).await;
    found.map(|mut found| found.remove(0))
}

/// The numbers of version maps that the audit events of the component's syncs tell of: before and
/// after each.
async fn reported(world: &World) -> Vec<(u64, u64)> {
    let events = world.get("/v1/audit/events?event_type=component.synced").await.expect(200);
    let events = events["events"].as_array().unwrap().iter().rev();
    let count = |side: &slipway_test_support::Value| side["versionMaps"].as_u64().unwrap();
    events.map(|event| (count(&event["before"]), count(&event["after"]))).collect()
}
