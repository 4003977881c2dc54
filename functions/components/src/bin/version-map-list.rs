//! The Lambda function `version-map-list`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_components::VersionMapList>()
}
