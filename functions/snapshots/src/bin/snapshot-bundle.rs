//! The Lambda function `snapshot-bundle`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_snapshots::SnapshotBundle>()
}
