//! The Lambda function `promotion-create`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_promotions::PromotionCreate>()
}
