//! `POST /api/v1/components/{id}/sync-versions`

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use slipway_composition::{ComponentId, TagChoice, VersionMap};
use slipway_edge::capabilities::Entity;
use slipway_edge::{Ctx, Endpoint, FunctionSize, Json, Path, Result, Route, Scope, post};

use crate::component_registry::{RegistryCapabilities, registry_of};
use crate::sync::{SYNC_TIME, VersionSync};

/// Reads a component's tags from its registry, and adds what is new.
///
/// Each tag that is new, or has moved to another digest, becomes a version map; none is changed or
/// deleted. Tags that are no SemVer have no version. `pushedAt` is null: registries do not tell it.
/// The registry is asked for 20 seconds. With `complete: false` there are tags left: repeat the
/// request, which goes on there. Tags that the registry keeps back (403, 412) are passed over.
/// `registry_unavailable` (502) if the registry fails, `secret_unavailable` (422) if the
/// integration's secret can't be read, `limit_reached` (409) where the component has as many
/// version maps as it may; what was stored before stays.
#[derive(JsonSchema)]
pub struct ComponentSyncVersions;

/// Request body of component-sync-versions.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct VersionSyncRequest {
    /// Whether to ask about tags that are known too: they may have moved. Default: false.
    force_refresh: Option<bool>,
}

/// What a sync has added.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SyncedVersions {
    /// Number of version maps that were added.
    synced: usize,
    /// Version maps that were added, in the order in which the registry lists their tags.
    versions: Vec<VersionMap>,
    /// Whether all tags were looked at; if false, the next sync goes on where this one has stopped.
    complete: bool,
}

impl VersionSyncRequest {
    fn choice(&self) -> TagChoice {
        if self.force_refresh.unwrap_or_default() { TagChoice::All } else { TagChoice::New }
    }
}

impl Endpoint for ComponentSyncVersions {
    const ROUTE: Route = post("component-sync-versions", "/api/v1/components/{id}/sync-versions")
        .scope(Scope::BundlesWrite);
    // A registry is asked for longer than other requests take.
    const SIZE: FunctionSize = FunctionSize { timeout_seconds: 29, ..FunctionSize::REQUEST };
    const WRITES: &[Entity] = &[Entity::VersionMap];
    type Capabilities = RegistryCapabilities;
    type Input = (Path<ComponentId>, Json<VersionSyncRequest>);
    type Output = Json<SyncedVersions>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        (Path(id), Json(request)): Self::Input,
    ) -> Result<Self::Output> {
        let (catalog, audit) = (ctx.catalog(), &ctx.audit()?);
        let component = &catalog.get_component(&id).await?.value;
        let registry = &registry_of(ctx, component, SYNC_TIME).await?;
        let clock = ctx.clock();
        let sync = VersionSync { catalog, registry, component, audit, clock };
        let outcome = sync.run(request.choice()).await?;
        Ok(Json(SyncedVersions {
            synced: outcome.added.len(),
            versions: outcome.added,
            complete: outcome.is_complete,
        }))
    }
}
