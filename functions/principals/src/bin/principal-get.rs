//! The Lambda function `principal-get`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_principals::PrincipalGet>()
}
