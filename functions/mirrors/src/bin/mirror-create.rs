//! The Lambda function `mirror-create`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_mirrors::MirrorCreate>()
}
