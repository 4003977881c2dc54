//! Every query parameter of every operation: a value that is wrong, and one that is given twice,
//! are refused by name, with what would be right, and in no library's words.

use slipway_test_support::{SampleRequest, TestResponse, Value, World};

/// The words of libraries that callers do not know.
const LIBRARY_WORDS: [&str; 9] = [
    "failed to parse",
    "unknown variant",
    "invalid digit",
    "target type",
    "premature",
    "struct",
    "untagged",
    "newtype",
    "parse error",
];

/// Path and parameter of each query parameter, with whether it is a list.
async fn parameters(world: &World) -> Vec<(String, String, bool)> {
    let document = world.get("/openapi.json").await.expect(200);
    let mut all = Vec::new();
    for operation in document["paths"].as_object().unwrap().values() {
        let Some(operation) = operation.get("get") else { continue };
        let sample = SampleRequest::of(operation["operationId"].as_str().unwrap()).about_nothing();
        let path = sample.path.split('?').next().unwrap_or_default().to_owned();
        let given = operation["parameters"].as_array().into_iter().flatten();
        for parameter in given.filter(|parameter| parameter["in"] == "query") {
            let name = parameter["name"].as_str().unwrap();
            all.push((path.clone(), name.to_owned(), name == "channels"));
        }
    }
    all
}

/// Whether a parameter names an actor.
fn is_actor(name: &str) -> bool {
    ["actor", "created_by"].contains(&name)
}

#[track_caller]
fn refused(answer: &TestResponse, name: &str) -> String {
    let code = if answer.body["error"]["code"] == "invalid_cursor" {
        "invalid_cursor"
    } else {
        "invalid_field"
    };
    answer.refused(400, code, Some(name));
    let message = answer.body["error"]["message"].as_str().unwrap().to_owned();
    for words in LIBRARY_WORDS {
        assert!(!message.contains(words), "{name}: {message:.500}");
    }
    assert!(message.len() < 2_500, "{name}: {message:.500}");
    message
}

#[tokio::test]
async fn a_wrong_value_is_refused_by_name_and_in_words_that_callers_know() {
    let world = World::start().await;
    let parameters = parameters(&world).await;
    assert!(parameters.len() > 40, "{}", parameters.len());
    let long = "x".repeat(3_000);
    for (path, name, _) in &parameters {
        for wrong in ["", "%01", "%FF", "a%20b", "-1", &long] {
            let query = format!("{path}?{name}={wrong}");
            let answer = world.get(&query).await;
            if is_actor(name) && !matches!(wrong, "" | "%01") && wrong != long {
                // Actors have few rules.
                answer.expect(200);
                continue;
            }
            if name == "cursor" && answer.status == 404 {
                // What the list is of is looked up first.
                continue;
            }
            refused(&answer, name);
        }
    }
}

#[tokio::test]
async fn a_parameter_that_is_given_twice_is_refused_unless_it_is_a_list() {
    let world = World::start().await;
    for (path, name, is_list) in parameters(&world).await {
        let query = format!("{path}?{name}=a&{name}=b");
        let answer = world.get(&query).await;
        if is_list {
            assert!(
                !answer.body.to_string().contains("give it once"),
                "{query}: {:#}",
                answer.body
            );
            continue;
        }
        let message = refused(&answer, &name);
        assert!(message.contains(&format!("`{name}` 2 times")), "{query}: {message}");
    }
}

#[tokio::test]
async fn times_say_what_a_time_is_and_the_end_of_9999_is_no_end() {
    let world = World::start().await;
    world.product("prod_app").await;
    let query = "/v1/audit/events?start_time=yesterday";
    let message = refused(&world.get(query).await, "start_time");
    assert!(message.contains("RFC 3339") && message.contains("2026-01-15T12:00:00Z"), "{message}");
    let all = world.get("/v1/audit/events").await.expect(200);
    let open = world.get("/v1/audit/events?end_time=9999-12-31T23:59:59Z").await.expect(200);
    assert_eq!(open["events"], all["events"]);
    assert_ne!(all["events"], Value::Array(Vec::new()));
}
