//! A value that is refused is refused with what would be right, as openapi.json has it, whatever
//! body it is in: integers with their range, times in the words of times, sets with what stands
//! twice.

use slipway_test_support::{SampleRequest, Value, World, json};

const DOCUMENT: &str = include_str!("../../../../../docs/openapi.json");

/// A value of a body: its path, and its schema.
struct Place {
    path: Vec<String>,
    schema: Value,
}

impl Place {
    /// The path as refusals have it.
    fn field(&self) -> String {
        self.path.join(".").replace(".[0]", "[0]")
    }

    /// A body that has `value` here, and nothing else.
    fn body(&self, value: Value) -> Value {
        self.path.iter().rev().fold(value, |value, name| match name.as_str() {
            "[0]" => json!([value]),
            name => json!({ name: value }),
        })
    }

    fn says(&self, word: &str) -> Option<&Value> {
        self.schema.get(word)
    }

    fn is_integer(&self) -> bool {
        self.says("type").is_some_and(|kind| {
            *kind == json!("integer")
                || kind.as_array().is_some_and(|all| all.contains(&json!("integer")))
        })
    }
}

/// All places in the bodies that `schema` describes.
fn places(document: &Value, schema: &Value, path: &[String], found: &mut Vec<Place>) {
    if let Some(name) = schema["$ref"].as_str() {
        let schema = document.pointer(name.trim_start_matches('#')).unwrap();
        return places(document, schema, path, found);
    }
    found.push(Place { path: path.to_owned(), schema: schema.clone() });
    let below = |name: &str| [path, &[name.to_owned()]].concat();
    for (name, member) in schema["properties"].as_object().into_iter().flatten() {
        places(document, member, &below(name), found);
    }
    for member in schema["patternProperties"].as_object().into_iter().flat_map(|all| all.values()) {
        places(document, member, &below("beta"), found);
    }
    if schema["items"].is_object() {
        places(document, &schema["items"], &below("[0]"), found);
    }
    for word in ["anyOf", "oneOf", "allOf"] {
        for part in schema[word].as_array().into_iter().flatten() {
            places(document, part, path, found);
        }
    }
}

/// The places in each operation's body.
fn all() -> Vec<(&'static str, Place)> {
    let document: Value = serde_json::from_str(DOCUMENT).unwrap();
    let mut all = Vec::new();
    for operation in slipway_registry::operations() {
        let route = operation.route();
        let described = &document["paths"][route.path][route.verb.as_str().to_lowercase()];
        let schema = &described["requestBody"]["content"]["application/json"]["schema"];
        let mut found = Vec::new();
        places(&document, schema, &[], &mut found);
        all.extend(found.into_iter().map(|place| (route.op, place)));
    }
    all
}

/// Asserts that `value` is refused at its place, with all of `words`.
async fn refused(world: &World, op: &str, place: &Place, value: Value, words: &[&str]) {
    let body = place.body(value);
    let request = SampleRequest::of(op).about_nothing().with_body(body.clone());
    let answer = request.send(world, &world.stack.admin_token).await;
    assert_eq!(answer.status, 400, "{op}: {body}: {:#}", answer.body);
    let error = &answer.body["error"];
    assert_eq!(error["code"], "invalid_field", "{op}: {body}: {error}");
    assert_eq!(error["field"], place.field(), "{op}: {body}: {error}");
    let message = error["message"].as_str().unwrap();
    assert!(words.iter().all(|word| message.contains(word)), "{op}: {body}: {words:?}: {error}");
}

#[tokio::test]
async fn an_integer_is_refused_with_the_range_that_is_documented() {
    let world = World::start().await;
    let mut tried = 0;
    for (op, place) in all().iter().filter(|(_, place)| place.is_integer()) {
        let least = place.says("minimum").and_then(Value::as_i64).expect("a minimum");
        let range = match place.says("maximum").and_then(Value::as_i64) {
            Some(most) => format!("from {least} to {most}"),
            None => format!("{least} or more"),
        };
        for wrong in [json!("x"), json!(1.5), json!(2_f64.powi(64)), json!({})] {
            refused(&world, op, place, wrong, &[&range]).await;
        }
        tried += 1;
    }
    assert!(tried > 40, "{tried}");
    world.stack.stop().await;
}

#[tokio::test]
async fn a_time_is_refused_in_the_words_that_queries_use() {
    let world = World::start().await;
    let mut tried = 0;
    let is_time = |place: &Place| place.says("format") == Some(&json!("date-time"));
    for (op, place) in all().iter().filter(|(_, place)| is_time(place)) {
        for wrong in
            [json!("tomorrow"), json!("2026-01-15"), json!(7), json!("2026-02-30T00:00:00Z")]
        {
            refused(
                &world,
                op,
                place,
                wrong,
                &["no time of RFC 3339, such as `2026-01-15T12:00:00Z`"],
            )
            .await;
        }
        tried += 1;
    }
    assert!(tried >= 2, "{tried}");
    world.stack.stop().await;
}

/// Two equal values that `items` allows.
fn twice(items: &Value) -> (&'static str, Value) {
    let name = items["$ref"].as_str().unwrap_or_default().rsplit('/').next().unwrap_or_default();
    let value = match name {
        "Channel" => "beta",
        "ProductId" => "prod_app",
        "Scope" => "releases:read",
        "EventType" => "release.published",
        other => panic!("a value of {other}?"),
    };
    (value, json!([value, value]))
}

#[tokio::test]
async fn what_stands_twice_in_a_set_is_refused_and_named() {
    let world = World::start().await;
    let mut tried = 0;
    let is_set = |place: &Place| place.says("uniqueItems") == Some(&json!(true));
    for (op, place) in all().iter().filter(|(_, place)| is_set(place)) {
        let (value, values) = twice(&place.schema["items"]);
        refused(&world, op, place, values, &[&format!("\"{value}\" stands twice")]).await;
        tried += 1;
    }
    assert!(tried >= 15, "{tried}");
    world.stack.stop().await;
}

#[tokio::test]
async fn a_member_that_stands_twice_is_named() {
    let world = World::start().await;
    for (path, body, field) in [
        ("/v1/products", r#"{"name":"A","name":"B"}"#, "name"),
        (
            "/v1/products",
            r#"{"channel_follows":{"beta":[],"beta":["stable"]}}"#,
            "channel_follows.beta",
        ),
        ("/v1/trust-rules", r#"{"conditions":{"sub":"a","sub":"b"}}"#, "conditions.sub"),
        ("/v1/releases", r#"{"rollout":{"percent":1,"percent":2}}"#, "rollout.percent"),
    ] {
        let request = world.admin(slipway_test_support::Method::POST, path);
        let request = request.header("content-type", "application/json").body(body);
        let answer = slipway_test_support::TestResponse::to(request).await;
        answer.refused(400, "invalid_field", Some(field));
        let message = answer.body["error"]["message"].as_str().unwrap();
        assert!(message.ends_with("stands twice"), "{body}: {message}");
    }
    world.stack.stop().await;
}
