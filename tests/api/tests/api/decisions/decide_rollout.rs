//! `POST /v1/decision`: rollouts

use slipway_domain::ReleaseId;
use slipway_domain::rollout::Rollout;
use slipway_test_support::{Value, json, release_path, text};

use super::{ask, with_product};

/// A client that a rollout of `basis_points` just admits: it does not at one point less.
fn at_the_boundary(release: &Value, basis_points: u16) -> String {
    let id: ReleaseId = text(release, "release_id").parse().unwrap();
    let admits = |basis_points, client: &str| {
        Rollout { basis_points, paused: false }.includes(&id, Some(client))
    };
    let clients = (0..).map(|n| format!("client-{n}"));
    clients
        .into_iter()
        .find(|client| admits(basis_points, client) && !admits(basis_points - 1, client))
        .unwrap()
}

#[tokio::test]
async fn a_rollout_reaches_a_client_at_its_place_and_not_one_point_before() {
    let world = with_product().await;
    world.release("prod_app", "1.1.0").await;
    let staged = world.release("prod_app", "1.2.0").await;
    let client = at_the_boundary(&staged, 2_500);
    let offered = async |basis_points: u16, client: Option<&str>| {
        world
            .put(&release_path(&staged, "/rollout"), json!({ "basis_points": basis_points }))
            .await
            .expect(200);
        ask(&world, client.map_or(json!({}), |client| json!({ "client_id": client }))).await["version"].clone()
    };
    // Who is held back gets the newest release that everyone gets.
    assert_eq!(offered(2_499, Some(&client)).await, "1.1.0");
    for reached in [2_500, 2_501, 9_999, 10_000] {
        assert_eq!(offered(reached, Some(&client)).await, "1.2.0", "{reached}");
    }
    assert_eq!(offered(9_999, None).await, "1.1.0");
    // A blank id would give all clients that send it one place.
    for blank in ["", " ", "\t"] {
        assert_eq!(offered(9_999, Some(blank)).await, "1.1.0", "{blank:?}");
    }
    assert_eq!(offered(10_000, None).await, "1.2.0");
    assert_eq!(offered(0, Some(&client)).await, "1.1.0");
}

#[tokio::test]
async fn a_client_without_an_id_and_nothing_older_is_held_back() {
    let world = with_product().await;
    let staged = world.release("prod_app", "1.2.0").await;
    world
        .put(&release_path(&staged, "/rollout"), json!({ "basis_points": 9_999 }))
        .await
        .expect(200);
    let decision = ask(&world, json!({})).await;
    assert_eq!((&decision["action"], &decision["reason"]), (&json!("NONE"), &json!("held_back")));
}

#[tokio::test]
async fn a_paused_release_is_offered_to_no_one_until_it_goes_on() {
    let world = with_product().await;
    world.release("prod_app", "1.1.0").await;
    let staged = world.release("prod_app", "1.2.0").await;
    for (paused, expected) in [(true, "1.1.0"), (false, "1.2.0")] {
        world
            .put(
                &release_path(&staged, "/rollout"),
                json!({ "basis_points": 10_000, "paused": paused }),
            )
            .await
            .expect(200);
        assert_eq!(ask(&world, json!({ "client_id": "c" })).await["version"], expected);
    }
}
