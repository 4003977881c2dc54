//! Types in docs/CONTAINERS.md by curl, with Debian's registry in the place of the reader's, and
//! compares what is printed with what the page shows: each operation of seed 003, with its bodies.

use serde_json::Value;
use slipway_edge::RegistryAccess;
use slipway_test_container_registry::{Access, DebianRegistry, OciLayout};
use slipway_test_support::{Options, World};

use crate::readme::blocks_of;
use crate::shell::typed;
use crate::{documents, objects};

const PAGE: &str = include_str!("../../../../docs/CONTAINERS.md");

/// The registry that the page speaks of; none, where the programs are not there.
fn filled() -> Option<DebianRegistry> {
    let debian = DebianRegistry::start(Access::Open)?;
    let layout = OciLayout::empty();
    for repository in ["api", "worker"] {
        for tag in ["v2.3.0", "v2.3.1", "v2.4.0-rc.1"] {
            layout.image(&format!("{repository} {tag}"));
            debian.push(&layout, &format!("myorg/{repository}:{tag}"));
        }
    }
    Some(debian)
}

/// `value`, with a word in place of what differs from run to run.
fn masked(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let mask = |(name, value): (String, Value)| match value {
                Value::String(_) if differs(&name) => {
                    (name.clone(), Value::String(format!("<{name}>")))
                }
                value => (name, masked(value)),
            };
            Value::Object(members.into_iter().map(mask).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(masked).collect()),
        other => other,
    }
}

fn differs(member: &str) -> bool {
    let suffixes = ["Id", "At", "_id"];
    let names =
        ["id", "releases", "image", "signature", "promotion", "message", "registry", "actor", "at"];
    suffixes.iter().any(|suffix| member.ends_with(suffix)) || names.contains(&member)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_team_gets_what_the_page_shows() {
    let Some(debian) = filled() else { return };
    let registries = RegistryAccess::with_internal_hosts(vec!["127.0.0.1".to_owned()]);
    let world = World::with(Options { registries, ..Options::ephemeral() }).await;
    let script = blocks_of(PAGE, "sh bundles")
        .join("\n")
        .replace("http://127.0.0.1:9000", &world.stack.base_url)
        .replace("http://127.0.0.1:5000", &debian.url().origin().ascii_serialization())
        .replace("Bearer tour", &format!("Bearer {}", world.stack.admin_token));
    let directory = tempfile::tempdir().unwrap();
    let text = typed(&script, directory.path()).await;
    let printed = objects(&text);
    let shown = documents(&blocks_of(PAGE, "json").join("\n")).unwrap();
    assert_eq!(printed.len(), shown.len(), "{text}");
    for (printed, shown) in printed.into_iter().zip(shown) {
        assert_eq!(masked(printed.clone()), masked(shown), "{printed:#}");
    }
    world.stack.stop().await;
}
