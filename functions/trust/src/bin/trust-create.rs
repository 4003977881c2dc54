//! The Lambda function `trust-create`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_trust::TrustCreate>()
}
