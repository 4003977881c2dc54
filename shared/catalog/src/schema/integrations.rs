//! Integrations.

use slipway_composition::{IntegrationId, ShortName};

use super::Key;

/// What the sort keys of integrations begin with.
const ID: &str = "ID#";

/// The partition of all integrations.
pub const INTEGRATIONS: &str = "INTEGRATIONS";

/// An integration. They are few, and together in one partition.
#[must_use]
pub fn integration(id: &IntegrationId) -> Key {
    Key::new(INTEGRATIONS, format!("{ID}{id}"))
}

/// Who has a name: leads to the integration's id.
#[must_use]
pub fn integration_name(name: &ShortName) -> Key {
    Key::singleton("INTEGRATIONNAME", name)
}
