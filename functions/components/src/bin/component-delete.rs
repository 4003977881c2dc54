//! The Lambda function `component-delete`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_components::ComponentDelete>()
}
