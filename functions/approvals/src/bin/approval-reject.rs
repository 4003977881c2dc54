//! The Lambda function `approval-reject`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_approvals::ApprovalReject>()
}
