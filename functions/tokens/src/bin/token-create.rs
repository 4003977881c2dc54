//! The Lambda function `token-create`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_tokens::TokenCreate>()
}
