//! `GET /v1/audit/events`: pages.

use slipway_test_support::{Value, World, json, text};

use super::events;

/// All events of a query, `limit` at a time, with what `between` does after each page.
async fn walked(world: &World, query: &str, limit: u8, between: impl AsyncFn()) -> Vec<Value> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/v1/audit/events?{query}&limit={limit}{cursor}");
        let page = world.get(&path).await.expect(200);
        all.extend(page["events"].as_array().unwrap().clone());
        let Some(next) = page["next_cursor"].as_str() else { return all };
        cursor = format!("&cursor={next}");
        between().await;
    }
}

fn ids(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| text(event, "event_id")).collect()
}

#[tokio::test]
async fn pages_are_the_list_while_events_are_added() {
    let world = World::start().await;
    world.product("prod_app").await;
    let mut release = Value::Null;
    for minor in 0..6 {
        release = world.draft("prod_app", &format!("1.{minor}.0")).await;
    }
    let path = slipway_test_support::release_path(&release, "");
    for notes in ["a", "b", "c"] {
        world.patch(&path, json!({ "metadata": { "release_notes": notes } })).await.expect(200);
    }
    let of_release = format!("release_id={}", text(&release, "release_id"));
    for query in ["", "actor=bootstrap", "product_id=prod_app", &of_release] {
        let before = events(&world, query).await;
        assert!(before.len() >= 4, "{query}");
        let add = async || {
            let notes = json!({ "metadata": { "release_notes": format!("{query} {}", jiff::Timestamp::now()) } });
            world.patch(&path, notes).await.expect(200);
        };
        let walked = walked(&world, query, 2, add).await;
        assert_eq!(ids(&walked), ids(&before), "{query}");
    }
}

#[tokio::test]
async fn events_are_newest_first_however_they_are_asked_for() {
    let world = World::start().await;
    world.product("prod_app").await;
    for minor in 0..3 {
        world.release("prod_app", &format!("1.{minor}.0")).await;
    }
    for query in ["", "actor=bootstrap", "product_id=prod_app"] {
        let found = events(&world, query).await;
        assert!(ids(&found).is_sorted_by(|later, earlier| later > earlier), "{query}");
    }
}

#[tokio::test]
async fn a_cursor_is_good_for_its_own_filters_alone() {
    let world = World::start().await;
    world.product("prod_app").await;
    world.draft("prod_app", "1.0.0").await;
    let page = world.get("/v1/audit/events?product_id=prod_app&limit=1").await.expect(200);
    let cursor = text(&page, "next_cursor");
    for other in ["", "actor=bootstrap", "product_id=prod_other"] {
        let answer = world.get(&format!("/v1/audit/events?{other}&limit=1&cursor={cursor}")).await;
        answer.refused(400, "invalid_cursor", Some("cursor"));
    }
}
