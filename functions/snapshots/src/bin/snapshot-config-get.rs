//! The Lambda function `snapshot-config-get`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_snapshots::SnapshotConfigGet>()
}
