//! The Lambda function `snapshot-get`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_snapshots::SnapshotGet>()
}
