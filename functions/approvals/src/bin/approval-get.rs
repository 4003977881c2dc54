//! The Lambda function `approval-get`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_approvals::ApprovalGet>()
}
