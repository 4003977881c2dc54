//! The Lambda function `promotion-complete`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_promotions::PromotionComplete>()
}
