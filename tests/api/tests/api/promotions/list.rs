//! `GET /api/v1/promotions`

use slipway_test_support::{Value, World, json, text};

use super::{PLACE, complete, gated, promotion, two_ready};
use crate::assertions::{each, has_members};

/// The ids of a page, and its totals.
async fn page(world: &World, query: &str) -> (Vec<String>, Value) {
    let list = world.get(&format!("{PLACE}?{query}")).await.expect(200);
    has_members(&list, &["data", "meta"]);
    let ids = each(&list["data"], "id").into_iter().map(str::to_owned).collect();
    (ids, list["meta"].clone())
}

#[tokio::test]
async fn promotions_are_listed_newest_first_with_totals() {
    let world = World::start().await;
    let [one, _] = two_ready(&world).await;
    let dev = gated(&world, "dev", 0).await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        let promotion = promotion(&world, &one, &dev).await;
        complete(&world, &promotion, "failed").await.expect(200);
        ids.push(text(&promotion, "id").to_owned());
    }
    ids.sort();
    ids.reverse();
    let (first, meta) = page(&world, "pageSize=2").await;
    assert_eq!(meta, json!({ "page": 1, "pageSize": 2, "totalCount": 3, "totalPages": 2 }));
    let (rest, _) = page(&world, "page=2&pageSize=2").await;
    assert_eq!([first, rest].concat(), ids);
    let list = world.get(PLACE).await.expect(200);
    let members = [
        "id",
        "releaseId",
        "releaseName",
        "targetEnvironmentId",
        "status",
        "createdAt",
        "completedAt",
    ];
    has_members(&list["data"][0], &members);
}

#[tokio::test]
async fn promotions_are_filtered_by_release_environment_and_status() {
    let world = World::start().await;
    let [one, other] = two_ready(&world).await;
    let [dev, prod] = [gated(&world, "dev", 0).await, gated(&world, "prod", 1).await];
    let done = promotion(&world, &one, &dev).await;
    complete(&world, &done, "deployed").await.expect(200);
    let begun = promotion(&world, &other, &dev).await;
    let waits = promotion(&world, &one, &prod).await;
    let (release, environment) = (
        |it: &Value| format!("releaseId={}", text(it, "id")),
        |it: &Value| format!("targetEnvironmentId={}", text(it, "id")),
    );
    let unknown = "0199c2f0-a1b2-7c3d-8e4f-5a6b7c8d9eff";
    for (query, wanted) in [
        ("status=deployed".to_owned(), vec![&done]),
        ("status=rejected".to_owned(), vec![]),
        (release(&one), vec![&done, &waits]),
        (environment(&dev), vec![&done, &begun]),
        (environment(&prod), vec![&waits]),
        (format!("{}&{}", release(&one), environment(&dev)), vec![&done]),
        (format!("{}&{}", release(&other), environment(&prod)), vec![]),
        (format!("{}&status=awaiting_approval", release(&one)), vec![&waits]),
        (format!("{}&status=in_progress", environment(&dev)), vec![&begun]),
        (format!("{}&{}&status=failed", release(&one), environment(&dev)), vec![]),
        (format!("releaseId={unknown}"), vec![]),
        (format!("targetEnvironmentId={unknown}"), vec![]),
    ] {
        let (mut ids, meta) = page(&world, &query).await;
        let mut wanted: Vec<_> = wanted.into_iter().map(|it| text(it, "id")).collect();
        ids.sort();
        wanted.sort_unstable();
        assert_eq!(ids, wanted, "{query}");
        assert_eq!(meta["totalCount"], wanted.len(), "{query}");
    }
}

#[tokio::test]
async fn what_is_open_is_listed_whatever_has_ended_and_page_by_page() {
    let world = World::start().await;
    let [one, other] = two_ready(&world).await;
    let mut open = Vec::new();
    for (name, required) in [("a", 0), ("b", 0), ("c", 1), ("d", 0)] {
        let environment = gated(&world, name, required).await;
        if required == 0 {
            let ended = promotion(&world, &one, &environment).await;
            complete(&world, &ended, "deployed").await.expect(200);
        }
        let release = if name == "d" { &other } else { &one };
        open.push((
            text(&promotion(&world, release, &environment).await, "id").to_owned(),
            environment,
        ));
    }
    let [a, b, c, d] = &open[..] else { panic!("four") };
    let release = format!("releaseId={}", text(&one, "id"));
    let to = |it: &(String, Value)| format!("targetEnvironmentId={}", text(&it.1, "id"));
    for (query, wanted, total) in [
        (format!("{release}&status=in_progress"), vec![b, a], 2),
        (format!("{release}&status=in_progress&pageSize=1"), vec![b], 2),
        (format!("{release}&status=in_progress&pageSize=1&page=2"), vec![a], 2),
        (format!("{release}&status=in_progress&page=2"), vec![], 2),
        (format!("{release}&status=awaiting_approval"), vec![c], 1),
        (format!("{}&status=in_progress", to(a)), vec![a], 1),
        (format!("{}&status=in_progress&page=2", to(a)), vec![], 1),
        (format!("{}&status=awaiting_approval", to(a)), vec![], 0),
        (format!("{}&status=awaiting_approval", to(c)), vec![c], 1),
        (format!("{}&status=in_progress", to(c)), vec![], 0),
        (format!("{release}&{}&status=in_progress", to(b)), vec![b], 1),
        (format!("{release}&{}&status=in_progress", to(d)), vec![], 0),
    ] {
        let (ids, meta) = page(&world, &query).await;
        let wanted: Vec<_> = wanted.into_iter().map(|it| it.0.clone()).collect();
        assert_eq!((ids, &meta["totalCount"]), (wanted, &json!(total)), "{query}");
    }
    // What it shows is what every list shows of it.
    let all = world.get(PLACE).await.expect(200);
    let shown = world.get(&format!("{PLACE}?{}&status=in_progress", to(d))).await.expect(200);
    assert!(all["data"].as_array().unwrap().contains(&shown["data"][0]));
}

#[tokio::test]
async fn a_parameter_that_can_not_be_is_refused_by_its_name() {
    let world = World::start().await;
    for (query, code, field) in [
        ("page=0", "invalid_field", "page"),
        ("status=open", "invalid_field", "status"),
        ("releaseId=a", "invalid_field", "releaseId"),
        ("targetEnvironmentId=dev", "invalid_field", "targetEnvironmentId"),
        ("cursor=x", "unknown_field", "cursor"),
    ] {
        world.get(&format!("{PLACE}?{query}")).await.refused(400, code, Some(field));
    }
}
