//! The Lambda function `trust-get`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_trust::TrustGet>()
}
