//! The Lambda function `audit-list`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_audit::AuditList>()
}
