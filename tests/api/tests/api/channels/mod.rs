//! `/v1/channels`

use slipway_test_support::{Value, World, text};

mod list;
mod list_actors;
mod list_pages;
mod list_visibility;

/// What channel-list says of a channel of a product.
async fn overview(world: &World, product: &str, channel: &str) -> Value {
    let page = world.get(&format!("/v1/channels?product_id={product}")).await.expect(200);
    let mut channels = page["channels"].as_array().unwrap().iter();
    let found = channels.find(|one| text(one, "channel") == channel);
    found.unwrap_or_else(|| panic!("no `{channel}` in {page:#}")).clone()
}
