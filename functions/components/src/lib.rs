//! Endpoints of components and their version maps: one file each. `sync` is what a sync does,
//! `pushes` what a registry's events lead to, `component_registry` how registries are asked,
//! `asking_clock` when.

mod asking_clock;
mod component_registry;
mod create;
mod delete;
mod get;
mod list;
mod pushes;
mod registry_webhook_receive;
mod sync;
mod sync_versions;
mod update;
mod version_map_create;
mod version_map_list;
mod versions;

pub use create::ComponentCreate;
pub use delete::ComponentDelete;
pub use get::ComponentGet;
pub use list::ComponentList;
pub use registry_webhook_receive::RegistryWebhookReceive;
pub use sync::{SyncOutcome, VersionSync};
pub use sync_versions::ComponentSyncVersions;
pub use update::ComponentUpdate;
pub use version_map_create::VersionMapCreate;
pub use version_map_list::VersionMapList;
pub use versions::ComponentVersions;

use slipway_edge::{Operation, operation};

/// Every endpoint of this package, in the order of the documentation.
#[must_use]
pub fn operations() -> Vec<Box<dyn Operation>> {
    vec![
        operation::<ComponentCreate>(),
        operation::<ComponentList>(),
        operation::<ComponentGet>(),
        operation::<ComponentUpdate>(),
        operation::<ComponentDelete>(),
        operation::<ComponentSyncVersions>(),
        operation::<ComponentVersions>(),
        operation::<VersionMapCreate>(),
        operation::<VersionMapList>(),
        operation::<RegistryWebhookReceive>(),
    ]
}
