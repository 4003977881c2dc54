//! The Lambda function `snapshot-on-schedule`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run_job::<slipway_snapshots::SnapshotOnSchedule>()
}
