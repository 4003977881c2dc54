//! The Lambda function `snapshot-stream-list`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_snapshots::SnapshotStreamList>()
}
