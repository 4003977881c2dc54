//! `GET /v1/keys`

use slipway_test_support::{Method, TestResponse, World};

use crate::assertions::has_members;

#[tokio::test]
async fn the_keys_are_public_and_have_no_private_half() {
    let world = World::start().await;
    let answer = TestResponse::to(world.request(Method::GET, "/v1/keys")).await;
    assert_eq!(answer.header("cache-control"), Some("no-cache"));
    let set = answer.expect(200);
    has_members(&set, &["keys"]);
    for purpose in ["decision", "snapshot"] {
        let key =
            set["keys"].as_array().unwrap().iter().find(|key| key["purpose"] == purpose).unwrap();
        has_members(
            key,
            &[
                "kty",
                "crv",
                "x",
                "use",
                "alg",
                "kid",
                "purpose",
                "status",
                "not_before",
                "not_after",
            ],
        );
        for (member, value) in [
            ("kty", "OKP"),
            ("crv", "Ed25519"),
            ("use", "sig"),
            ("alg", "EdDSA"),
            ("status", "active"),
        ] {
            assert_eq!(key[member], value, "{purpose}: {member}");
        }
    }
}
