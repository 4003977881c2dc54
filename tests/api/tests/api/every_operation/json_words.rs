//! A value of a wrong type is refused in the words of JSON, whatever operation it is for.

use slipway_test_support::{SampleRequest, Value, World, json};

/// A value of each type of JSON.
fn values() -> [Value; 8] {
    [
        Value::Null,
        json!(true),
        json!(-7),
        json!(1.5),
        json!(u64::MAX),
        json!("36"),
        json!([[]]),
        json!({ "a": {} }),
    ]
}

/// `value`, and what is left of it where one of its members, however deep, is replaced by `other`.
fn altered(value: &Value, other: &Value) -> Vec<Value> {
    let mut all = vec![other.clone()];
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                for inner in altered(member, other) {
                    let mut copy = members.clone();
                    copy.insert(name.clone(), inner);
                    all.push(Value::Object(copy));
                }
            }
        }
        Value::Array(items) => {
            for (place, item) in items.iter().enumerate() {
                for inner in altered(item, other) {
                    let mut copy = items.clone();
                    copy[place] = inner;
                    all.push(Value::Array(copy));
                }
            }
        }
        _ => {}
    }
    all
}

/// Whether a message has a word of Rust or of serde outside of what it quotes.
fn has_word_of_rust(message: &str) -> bool {
    const WORDS: [&str; 19] = [
        "u8", "u16", "u32", "u64", "usize", "i32", "i64", "f64", "bool", "str", "struct", "enum",
        "tuple", "variant", "newtype", "map", "sequence", "unit", "untagged",
    ];
    let quoted = |(place, _): &(usize, &str)| place % 2 == 0;
    let parts = message.split(['`', '"']).enumerate().filter(quoted);
    let mut words = parts.flat_map(|(_, part)| part.split(|c: char| !c.is_ascii_alphanumeric()));
    words.any(|word| WORDS.contains(&word))
}

#[tokio::test]
async fn a_wrong_type_is_refused_in_the_words_of_json_by_every_operation() {
    let world = World::start().await;
    let mut refusals = 0;
    for operation in slipway_registry::operations() {
        let request = SampleRequest::of(operation.route().op).about_nothing();
        let Some(body) = request.body().cloned() else { continue };
        for body in values().iter().flat_map(|other| altered(&body, other)) {
            let request = request.clone().with_body(body.clone());
            let answer = request.send(&world, &world.stack.admin_token).await;
            if let Some(message) = answer.body["error"]["message"].as_str() {
                assert!(!has_word_of_rust(message), "{}: {body}: {message}", request.path);
                refusals += usize::from(answer.status == 400);
            }
        }
    }
    assert!(refusals > 300, "{refusals}: are bodies still refused?");
    world.stack.stop().await;
}

#[tokio::test]
async fn an_array_is_no_object() {
    let world = World::start().await;
    for body in [
        json!(["prod_array", "App", null, null, [], "public"]),
        json!(["prod_array", "App", null, null]),
    ] {
        world.post("/v1/products", body).await.refused(400, "invalid_field", None);
    }
    world.stack.stop().await;
}
