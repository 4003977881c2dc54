//! The Lambda function `snapshot-for-tenant`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run_job::<slipway_snapshots::SnapshotForTenant>()
}
