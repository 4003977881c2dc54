//! The Lambda function `token-revoke`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_tokens::TokenRevoke>()
}
