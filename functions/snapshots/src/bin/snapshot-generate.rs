//! The Lambda function `snapshot-generate`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_snapshots::SnapshotGenerate>()
}
