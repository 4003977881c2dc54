//! `POST /api/v1/releases/{id}/deprecate`

use slipway_test_support::{World, json};

use super::{PLACE, bundle, path, versioned};

#[tokio::test]
async fn a_release_is_deprecated_once_and_for_good() {
    let world = World::start().await;
    let before = bundle(&world, "a", &versioned(&world, "api").await, "2.0.0").await;
    let deprecate = format!("{}/deprecate", path(&before));
    let after = world.post(&deprecate, json!({})).await.expect(200);
    assert_eq!(after["status"], "deprecated");
    assert_eq!(after["components"], before["components"]);
    let rows = world.rows().await;
    assert_eq!(world.post(&deprecate, json!({})).await.expect(200), after);
    assert_eq!(world.rows().await, rows);
    let list = world.get(&format!("{PLACE}?status=deprecated")).await.expect(200);
    assert_eq!(
        (&list["meta"]["totalCount"], &list["data"][0]["status"]),
        (&json!(1), &json!("deprecated"))
    );
    let unknown = format!("{PLACE}/0199c2f0-a1b2-7c3d-8e4f-5a6b7c8d9eff/deprecate");
    world.post(&unknown, json!({})).await.refused(404, "not_found", None);
}
