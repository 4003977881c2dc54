//! `GET /api/v1/releases`

use std::collections::BTreeSet;

use slipway_test_support::{Value, World, json, text};

use super::{PLACE, bundle, of, path, versioned};
use crate::assertions::{each, has_members};

/// The names of a page, and its totals.
async fn page(world: &World, query: &str) -> (Vec<String>, Value) {
    let list = world.get(&format!("{PLACE}?{query}")).await.expect(200);
    has_members(&list, &["data", "meta"]);
    let names = each(&list["data"], "name").into_iter().map(str::to_owned).collect();
    (names, list["meta"].clone())
}

#[tokio::test]
async fn releases_are_listed_newest_first_with_totals() {
    let world = World::start().await;
    let api = versioned(&world, "api").await;
    assert_eq!(
        page(&world, "").await.1,
        json!({ "page": 1, "pageSize": 20, "totalCount": 0, "totalPages": 0 })
    );
    for name in ["a", "b", "c"] {
        bundle(&world, name, &api, "2.0.0").await;
    }
    let (names, meta) = page(&world, "pageSize=2").await;
    assert_eq!((names.len(), &meta["totalPages"]), (2, &json!(2)));
    let (rest, meta) = page(&world, "page=2&pageSize=2").await;
    assert_eq!(meta, json!({ "page": 2, "pageSize": 2, "totalCount": 3, "totalPages": 2 }));
    let all: BTreeSet<_> = names.iter().chain(&rest).map(String::as_str).collect();
    assert_eq!(all, BTreeSet::from(["a", "b", "c"]));
    assert!(page(&world, "page=9").await.0.is_empty());
    let list = world.get(PLACE).await.expect(200);
    has_members(&list["data"][0], &["id", "name", "status", "componentCount", "createdAt"]);
    assert_eq!(list["data"][0]["componentCount"], 1);
}

#[tokio::test]
async fn releases_are_filtered_by_status_and_component() {
    let world = World::start().await;
    let [api, web] = [versioned(&world, "api").await, versioned(&world, "web").await];
    bundle(&world, "a", &api, "2.0.0").await;
    let ready = bundle(&world, "b", &api, "1.9.0").await;
    world.put(&path(&ready), json!({ "status": "ready" })).await.expect(200);
    bundle(&world, "c", &web, "2.0.0").await;
    let both = of("d", &[(&api, json!({ "channel": "rc" })), (&web, json!({ "channel": "rc" }))]);
    world.post(PLACE, both).await.expect(201);
    let (api, web) = (text(&api, "id"), text(&web, "id"));
    for (query, wanted) in [
        ("status=ready".to_owned(), vec!["b"]),
        ("status=draft".to_owned(), vec!["a", "c", "d"]),
        ("status=deprecated".to_owned(), vec![]),
        (format!("componentId={api}"), vec!["a", "b", "d"]),
        (format!("componentId={web}"), vec!["c", "d"]),
        (format!("componentId={api}&status=draft"), vec!["a", "d"]),
        (format!("componentId={web}&status=ready"), vec![]),
        ("componentId=0199c2f0-a1b2-7c3d-8e4f-5a6b7c8d9eff".to_owned(), vec![]),
    ] {
        let (mut names, meta) = page(&world, &query).await;
        names.sort();
        assert_eq!(names, wanted, "{query}");
        assert_eq!(meta["totalCount"], wanted.len(), "{query}");
    }
    let (names, meta) = page(&world, &format!("componentId={api}&page=2&pageSize=2")).await;
    assert_eq!((names.len(), &meta["totalCount"], &meta["totalPages"]), (1, &json!(3), &json!(2)));
}

/// More than fit into a segment of the list, so that pages lie across two.
#[tokio::test]
async fn a_thousand_releases_are_paged_without_gap_or_repeat() {
    let world = World::start().await;
    let api = versioned(&world, "api").await;
    let mut created = Vec::new();
    for n in 0..50 {
        let some = (0..20).map(|k| {
            let name = format!("r{:04}", n * 20 + k);
            let (world, api) = (&world, &api);
            async move { bundle(world, &name, api, "2.0.0").await }
        });
        created.extend(futures::future::join_all(some).await);
    }
    for gone in created.iter().step_by(10) {
        world.delete(&path(gone)).await.expect(204);
    }
    for ready in created.iter().skip(1).step_by(10) {
        world.put(&path(ready), json!({ "status": "ready" })).await.expect(200);
    }
    let ids = |which: fn(usize) -> bool| -> BTreeSet<String> {
        let chosen = created.iter().enumerate().filter(|(place, _)| which(*place));
        chosen.map(|(_, bundle)| text(bundle, "id").to_owned()).collect()
    };
    let (ready, draft) = (ids(|place| place % 10 == 1), ids(|place| place % 10 > 1));
    let all: BTreeSet<_> = ready.union(&draft).cloned().collect();
    for (filter, wanted) in [("", &all), ("&status=ready", &ready), ("&status=draft", &draft)] {
        for size in [200, 37] {
            let mut seen = Vec::new();
            for page in 1..=wanted.len().div_ceil(size) {
                let query = format!("{PLACE}?page={page}&pageSize={size}{filter}");
                let list = world.get(&query).await.expect(200);
                assert_eq!(list["meta"]["totalCount"], wanted.len());
                seen.extend(each(&list["data"], "id").into_iter().map(str::to_owned));
            }
            assert_eq!(seen.len(), wanted.len(), "{filter} by {size}");
            assert_eq!(&seen.into_iter().collect::<BTreeSet<_>>(), wanted, "{filter} by {size}");
        }
    }
}

#[tokio::test]
async fn a_parameter_that_can_not_be_is_refused_by_its_name() {
    let world = World::start().await;
    for (query, code, field) in [
        ("page=0", "invalid_field", "page"),
        ("pageSize=201", "invalid_field", "pageSize"),
        ("status=live", "invalid_field", "status"),
        ("componentId=api", "invalid_field", "componentId"),
        ("limit=10", "unknown_field", "limit"),
    ] {
        world.get(&format!("{PLACE}?{query}")).await.refused(400, code, Some(field));
    }
}
