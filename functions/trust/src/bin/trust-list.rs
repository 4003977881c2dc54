//! The Lambda function `trust-list`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_trust::TrustList>()
}
