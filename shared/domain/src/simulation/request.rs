//! The request of a simulation.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ProposedChange;
use crate::decision::InstalledProduct;
use crate::{Error, Result};

/// Limit of clients in one simulation.
pub const MAX_CLIENTS: usize = 1_000;

/// Request body of decision-simulate.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SimulationRequest {
    /// The change. It is not made.
    pub change: ProposedChange,
    /// Sample clients, 1 to 1000, each as a product in a request for decisions. Unknown members are
    /// ignored, as they are there.
    #[schemars(length(min = 1, max = MAX_CLIENTS))]
    pub clients: Vec<InstalledProduct>,
}

impl SimulationRequest {
    /// Validates what can be validated without the catalog.
    ///
    /// # Errors
    /// `invalid_field` for too few or too many clients, or as for [`ProposedChange::check`].
    pub fn check(&self) -> Result<()> {
        let count = self.clients.len();
        if !(1..=MAX_CLIENTS).contains(&count) {
            let message = format!("1 to {MAX_CLIENTS} clients, not {count}");
            return Err(Error::invalid("clients", message));
        }
        self.change.check()
    }
}
