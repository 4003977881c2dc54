//! The Lambda function `decision-explain`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_decisions::DecisionExplain>()
}
