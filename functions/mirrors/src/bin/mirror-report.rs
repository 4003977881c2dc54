//! The Lambda function `mirror-report`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_mirrors::MirrorReportPost>()
}
