//! Each event is found by the release, the product and the tenant that it is of.

use std::collections::BTreeSet;

use slipway_test_support::{Value, World, every_entry, text};

/// Lists that have all events of something, by the member of an event that names it. `{id}` stands
/// for its id.
const LISTS: [(&str, &str); 4] = [
    ("release_id", "/v1/audit/events?release_id={id}"),
    ("product_id", "/v1/audit/events?product_id={id}"),
    ("product_id", "/v1/products/{id}/activity"),
    ("tenant_id", "/v1/audit/events?tenant_id={id}"),
];

/// Makes sure that each list has those of `events` that name what it is of, once, and no other.
pub(crate) async fn each_is_found_by_what_it_is_of(world: &World, events: &[Value]) {
    for (member, list) in LISTS {
        let ids: BTreeSet<&str> =
            events.iter().filter_map(|event| event[member].as_str()).collect();
        for id in ids {
            let of_it = |event: &&Value| event[member] == id;
            let expected = told(events.iter().filter(of_it));
            let get = async |path: String| world.get(&path).await.expect(200);
            let found = every_entry(&list.replace("{id}", id), "events", get).await;
            assert_eq!(told(found.iter()), expected, "{list} of {id}");
        }
    }
}

/// Makes sure that all that became of the file that `presigned` is for is of `release`, and that it
/// is initiated once.
pub(crate) fn file_is_of(presigned: &Value, release: &Value, events: &[Value]) {
    let digits = text(presigned, "artifact_id").replace('-', "");
    let is_about = |event: &&Value| text(event, "subject").ends_with(&digits);
    let about: Vec<&Value> = events.iter().filter(is_about).collect();
    assert!(!about.is_empty(), "{digits} has events");
    let initiated = about.iter().filter(|event| event["event_type"] == "upload.initiated").count();
    assert_eq!(initiated, 1, "{about:#?}");
    for event in about {
        for member in ["release_id", "product_id"] {
            assert_eq!(event[member], release[member], "{event:#}");
        }
    }
}

/// The types and ids of events, in an order that does not depend on theirs.
fn told<'a>(events: impl Iterator<Item = &'a Value>) -> Vec<(&'a str, &'a str)> {
    let mut told: Vec<_> =
        events.map(|event| (text(event, "event_type"), text(event, "event_id"))).collect();
    told.sort_unstable();
    told
}
