//! The Lambda function `component-sync-versions`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_components::ComponentSyncVersions>()
}
