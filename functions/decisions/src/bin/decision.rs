//! The Lambda function `decision`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_decisions::Decide>()
}
