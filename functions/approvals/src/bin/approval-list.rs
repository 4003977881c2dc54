//! The Lambda function `approval-list`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_approvals::ApprovalList>()
}
