//! The endpoint that installed clients ask, and those that tell an operator what it answers.

mod decide;
mod explain;
mod outcome;
mod record_adoption;
mod simulate;

pub use decide::Decide;
pub use explain::DecisionExplain;
pub use outcome::DecisionOutcome;
pub use simulate::DecisionSimulate;

use slipway_edge::{Operation, operation};

/// Every endpoint of this package, in the order of the documentation.
#[must_use]
pub fn operations() -> Vec<Box<dyn Operation>> {
    vec![
        operation::<Decide>(),
        operation::<DecisionExplain>(),
        operation::<DecisionSimulate>(),
        operation::<DecisionOutcome>(),
    ]
}
