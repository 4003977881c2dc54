//! The Lambda function `approval-approve`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_approvals::ApprovalApprove>()
}
