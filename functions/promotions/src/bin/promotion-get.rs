//! The Lambda function `promotion-get`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_promotions::PromotionGet>()
}
