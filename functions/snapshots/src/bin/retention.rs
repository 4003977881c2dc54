//! The Lambda function `retention`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run_job::<slipway_snapshots::Retention>()
}
