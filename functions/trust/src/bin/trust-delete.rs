//! The Lambda function `trust-delete`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_trust::TrustDelete>()
}
