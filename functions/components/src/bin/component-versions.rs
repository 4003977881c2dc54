//! The Lambda function `component-versions`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_components::ComponentVersions>()
}
