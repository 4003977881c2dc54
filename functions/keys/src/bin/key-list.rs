//! The Lambda function `key-list`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_keys::KeyList>()
}
