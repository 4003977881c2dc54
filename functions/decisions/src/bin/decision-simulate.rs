//! The Lambda function `decision-simulate`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_decisions::DecisionSimulate>()
}
