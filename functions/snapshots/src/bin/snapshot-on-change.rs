//! The Lambda function `snapshot-on-change`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run_job::<slipway_snapshots::SnapshotOnChange>()
}
