//! The Lambda function `component-list`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_components::ComponentList>()
}
