//! The Lambda function `promotion-reject`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_promotions::PromotionReject>()
}
