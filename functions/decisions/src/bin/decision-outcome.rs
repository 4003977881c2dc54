//! The Lambda function `decision-outcome`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_decisions::DecisionOutcome>()
}
