//! The Lambda function `component-get`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_components::ComponentGet>()
}
