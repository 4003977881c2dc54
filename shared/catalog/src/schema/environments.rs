//! Environments.

use slipway_composition::{EnvironmentId, ShortName};

use super::Key;

/// What the sort keys of environments begin with.
const ID: &str = "ID#";

/// The partition of all environments.
pub const ENVIRONMENTS: &str = "ENVIRONMENTS";

/// An environment. They are few, and together in one partition.
#[must_use]
pub fn environment(id: &EnvironmentId) -> Key {
    Key::new(ENVIRONMENTS, format!("{ID}{id}"))
}

/// Who has a name: leads to the environment's id.
#[must_use]
pub fn environment_name(name: &ShortName) -> Key {
    Key::singleton("ENVIRONMENTNAME", name)
}
