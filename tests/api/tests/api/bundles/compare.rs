//! `GET /api/v1/releases/{id}/compare/{otherId}`

use slipway_test_support::{World, json, text};

use super::{PLACE, of, path, versioned};
use crate::components::digest;

#[tokio::test]
async fn what_differs_is_told_from_the_first_to_the_other_and_mirrors() {
    let world = World::start().await;
    let [api, legacy, same, worker] = [
        versioned(&world, "api").await,
        versioned(&world, "legacy-service").await,
        versioned(&world, "same").await,
        versioned(&world, "worker").await,
    ];
    let by = |version: &str| json!({ "version": version });
    let from = of("a", &[(&same, by("2.0.0")), (&legacy, by("1.9.0")), (&api, by("1.9.0"))]);
    let to = of("b", &[(&worker, by("1.9.0")), (&api, by("1.10.0")), (&same, by("latest"))]);
    let (from, to) =
        (world.post(PLACE, from).await.expect(201), world.post(PLACE, to).await.expect(201));
    let compare = async |from: &_, to: &_| {
        let place = format!("{}/compare/{}", path(from), text(to, "id"));
        world.get(&place).await.expect(200)
    };
    let one = |component: &slipway_test_support::Value| json!([{ "componentId": component["id"], "componentName": component["name"] }]);
    let changed = |[before, after]: [(&str, u64); 2]| {
        json!([{
            "componentId": api["id"], "component": "api",
            "fromVersion": before.0, "toVersion": after.0,
            "fromDigest": digest(before.1), "toDigest": digest(after.1),
        }])
    };
    let (old, new) = (("1.9.0", 1), ("1.10.0", 2));
    let expected =
        json!({ "added": one(&worker), "removed": one(&legacy), "changed": changed([old, new]) });
    assert_eq!(compare(&from, &to).await, expected);
    let mirrored =
        json!({ "added": one(&legacy), "removed": one(&worker), "changed": changed([new, old]) });
    assert_eq!(compare(&to, &from).await, mirrored);
    assert_eq!(compare(&to, &to).await, json!({ "added": [], "removed": [], "changed": [] }));
    let unknown = format!("{}/compare/0199c2f0-a1b2-7c3d-8e4f-5a6b7c8d9eff", path(&from));
    world.get(&unknown).await.refused(404, "not_found", None);
    let wrong = format!("{}/compare/b", path(&from));
    world.get(&wrong).await.refused(400, "invalid_field", Some("otherId"));
}
