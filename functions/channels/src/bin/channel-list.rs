//! The Lambda function `channel-list`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_channels::ChannelList>()
}
