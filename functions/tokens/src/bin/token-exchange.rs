//! The Lambda function `token-exchange`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_tokens::TokenExchange>()
}
