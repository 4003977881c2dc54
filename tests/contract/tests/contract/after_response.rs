//! What the function `decision` does after a response, as the internal extension that Lambda waits
//! for.

use serde_json::json;
use slipway_test_support::World;

use crate::functions::event;
use crate::invocation::invoke_all;

#[tokio::test(flavor = "multi_thread")]
async fn decisions_are_stored_after_the_response_and_before_the_instance_is_frozen() {
    let world = World::start().await;
    world.product("prod_app").await;
    world.release("prod_app", "1.1.0").await;
    let request = |client: &str| {
        let product =
            json!({ "product_id": "prod_app", "current_version": "1.0.0", "client_id": client });
        let mut event = event(&world, "decision");
        event["body"] = json!(json!({ "products": [product] }).to_string());
        event["isBase64Encoded"] = json!(false);
        event
    };
    // The second invocation begins once the extension is done with the first.
    let (answers, _) = invoke_all(&world, "decision", vec![request("one"), request("two")]).await;
    for answer in answers {
        assert_eq!(answer["statusCode"], json!(200), "{answer}");
    }
    let rows = world.rows().await;
    let counted = rows.iter().find(|((pk, _), _)| pk == "ADOPTION#prod_app").map(|(_, row)| row);
    let answers = counted.map(|row| &row["answers"]);
    let decisions = answers.map(|answers| &answers[0]["decisions"]);
    // The second one waits for its minute to be over.
    assert_eq!(decisions, Some(&json!(1)), "{counted:?}");
    world.stack.stop().await;
}
