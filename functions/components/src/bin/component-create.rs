//! The Lambda function `component-create`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_components::ComponentCreate>()
}
