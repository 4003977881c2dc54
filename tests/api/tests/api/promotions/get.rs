//! `GET /api/v1/promotions/{id}`

use slipway_test_support::{World, json};

use super::{PLACE, approve_as, approver, seen, waiting};
use crate::environments;

#[tokio::test]
async fn an_unknown_promotion_is_not_found() {
    let world = World::start().await;
    let unknown = format!("{PLACE}/0199c2f0-a1b2-7c3d-8e4f-5a6b7c8d9eff");
    world.get(&unknown).await.refused(404, "not_found", None);
    world.get(&format!("{PLACE}/one")).await.refused(400, "invalid_field", Some("id"));
}

#[tokio::test]
async fn a_promotion_that_waits_tells_the_rule_of_today_and_whose_approval_counts() {
    let world = World::start().await;
    let [_, promotion] = waiting(&world, 2).await;
    let (id, secret) = world.token(&["bundles:write"]).await;
    let once = approve_as(&world, &secret, &promotion).await.expect(200);
    assert_eq!(seen(&world, &promotion).await, once);
    let rule = json!({ "requiredApprovals": 3 });
    let environment =
        format!("{}/{}", environments::PLACE, promotion["targetEnvironmentId"].as_str().unwrap());
    world.put(&environment, rule).await.expect(200);
    world.delete(&format!("/v1/tokens/{id}")).await.expect(204);
    let now = seen(&world, &promotion).await;
    assert_eq!((&now["requiredApprovals"], &now["status"]), (&json!(3), &once["status"]));
    assert_eq!(
        (&once["approvals"][0]["counts"], &now["approvals"][0]["counts"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(now["approvals"][0]["actor"], id.as_str());
    approve_as(&world, &approver(&world).await, &promotion).await.expect(200);
}
