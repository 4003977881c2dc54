//! The Lambda function `snapshot-latest`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_snapshots::SnapshotLatest>()
}
