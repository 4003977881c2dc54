//! Types in the README's tour as a newcomer would, and compares what it prints with what the README
//! shows.

mod containers;
mod masked;
mod readme;
mod releasy;
mod shell;

use serde_json::Value;
use slipway_test_support::{Options, World};

use crate::masked::masked;

#[tokio::test(flavor = "multi_thread")]
async fn the_tour_prints_what_the_readme_shows() {
    // As a newcomer has it: with the decision cache.
    let world = World::with(Options::ephemeral()).await;
    let script = readme::blocks("sh tour")
        .join("\n")
        .replace("http://127.0.0.1:9000", &world.stack.base_url)
        .replace("Bearer tour", &format!("Bearer {}", world.stack.admin_token));
    let directory = tempfile::tempdir().unwrap();
    let printed = objects(&shell::typed(&script, directory.path()).await);
    let shown = documents(&readme::blocks("json").join("\n")).unwrap();
    assert_eq!(printed.len(), shown.len(), "{printed:#?}");
    for (printed, shown) in printed.into_iter().zip(shown) {
        assert_eq!(masked(printed), masked(shown));
    }
    world.stack.stop().await;
}

/// The lines of `text` that are JSON objects or arrays.
fn objects(text: &str) -> Vec<Value> {
    text.lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|value| value.is_object() || value.is_array())
        .collect()
}

/// The JSON documents that `text` consists of, over as many lines as they take.
fn documents(text: &str) -> serde_json::Result<Vec<Value>> {
    serde_json::Deserializer::from_str(text).into_iter().collect()
}
