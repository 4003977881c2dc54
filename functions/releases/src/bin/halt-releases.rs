//! The Lambda function `halt-releases`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run_job::<slipway_releases::HaltReleases>()
}
