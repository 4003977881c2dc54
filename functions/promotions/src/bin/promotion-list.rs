//! The Lambda function `promotion-list`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_promotions::PromotionList>()
}
