//! Rotation without downtime, and revocation.

use jiff::SignedDuration;
use slipway_domain::audit::EventType;
use slipway_domain::key::SigningKey;
use slipway_edge::clock::entropy;
use slipway_signing::{Context, directory};
use slipway_test_support::{TestClock, World, json};

use super::{decision, judged, keys, world};

const HOUR: SignedDuration = SignedDuration::from_hours(1);
const MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// A new key whose time comes in `lead`.
async fn fresh(
    world: &World,
    test_clock: &TestClock,
    context: Context,
    lead: SignedDuration,
) -> SigningKey {
    let keys = world.stack.settings.key_directory.as_deref().unwrap();
    directory::create(keys, entropy().unwrap(), context, test_clock.clock().now() + lead)
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verifier_that_looks_at_the_keys_now_and_then_never_meets_a_signature_it_must_refuse() {
    let test_clock = TestClock::default();
    let world = world(&test_clock).await;
    let first = decision(&world).await["key_id"].clone();
    let second = fresh(&world, &test_clock, Context::Decision, HOUR).await;
    world.join_key(&second, HOUR * 2).await;
    // It looks every 50 minutes, which is less than the lead, and asks every ten.
    let mut known = keys(&world).await;
    let mut signers = Vec::new();
    for round in 0..30 {
        let (answer, now) = (decision(&world).await, test_clock.clock().now());
        assert_eq!(judged(&answer, &known, now), Ok(()), "round {round}");
        signers.push(answer["key_id"].clone());
        test_clock.advance(MINUTE * 10);
        if round % 5 == 4 {
            known = keys(&world).await;
        }
    }
    signers.dedup();
    assert_eq!(signers, [first, json!(second.kid)]);
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keys_tell_pending_active_retiring_and_expired() {
    let test_clock = TestClock::default();
    let world = world(&test_clock).await;
    let first = decision(&world).await["key_id"].as_str().unwrap().to_owned();
    let second = fresh(&world, &test_clock, Context::Decision, HOUR).await;
    world.join_key(&second, HOUR * 2).await;
    let old = decision(&world).await;
    for (first_is, second_is) in
        [("active", "pending"), ("retiring", "active"), ("expired", "active")]
    {
        let set = json!(keys(&world).await);
        let status = |kid: &str| {
            set["keys"].as_array().unwrap().iter().find(|key| key["kid"] == kid).unwrap()["status"]
                .clone()
        };
        assert_eq!((status(&first), status(&second.kid)), (json!(first_is), json!(second_is)));
        test_clock.advance(HOUR * 3 / 2);
    }
    // Four and a half hours: the grace period was over after three.
    assert!(judged(&old, &keys(&world).await, test_clock.clock().now()).is_err());
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_key_signs_no_more_and_what_it_has_signed_is_made_anew_unasked() {
    let test_clock = TestClock::default();
    let world = world(&test_clock).await;
    let generate =
        async || world.post("/v1/snapshots/generate", json!({ "tenant_id": "tenant_acme" })).await;
    let snapshot = generate().await.expect(201);
    let stolen = snapshot["key_id"].as_str().unwrap().to_owned();
    let other = fresh(&world, &test_clock, Context::Snapshot, SignedDuration::ZERO).await;
    world.join_key(&other, HOUR * 24 * 90).await;
    assert_eq!(
        generate().await.expect(200)["snapshot_id"],
        snapshot["snapshot_id"],
        "a rotation alone makes no snapshot"
    );

    let now = test_clock.clock().now();
    world
        .change_key_ring(EventType::KeyRevoked, &stolen, |ring| {
            ring.revoked(&stolen, now).map(|key| vec![key])
        })
        .await;
    // A function looks at the keys every five minutes.
    test_clock.advance(MINUTE * 5);
    let renewed = generate().await.expect(201);
    assert_eq!(
        (&renewed["key_id"], &renewed["content_digest"]),
        (&json!(other.kid), &snapshot["content_digest"])
    );
    assert_eq!(crate::rows::Rows::of(&world).await.audited("key.revoked", &stolen), 1);
    world.stack.stop().await;
}
