//! The Lambda function `approval-effect`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_approvals::ApprovalEffectGet>()
}
