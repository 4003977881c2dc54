//! The Lambda function `token-list`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_tokens::TokenList>()
}
