//! The Lambda function `snapshot-list`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_snapshots::SnapshotList>()
}
