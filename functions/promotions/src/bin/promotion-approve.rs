//! The Lambda function `promotion-approve`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_promotions::PromotionApprove>()
}
