//! The Lambda function `component-update`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_components::ComponentUpdate>()
}
