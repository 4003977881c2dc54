//! The Lambda function `mirror-status`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_mirrors::MirrorStatusGet>()
}
