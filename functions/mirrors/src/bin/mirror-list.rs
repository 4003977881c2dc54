//! The Lambda function `mirror-list`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_mirrors::MirrorList>()
}
