//! The Lambda function `snapshot-config-put`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_snapshots::SnapshotConfigPut>()
}
