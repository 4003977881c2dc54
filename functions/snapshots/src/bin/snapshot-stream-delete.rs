//! The Lambda function `snapshot-stream-delete`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_snapshots::SnapshotStreamDelete>()
}
