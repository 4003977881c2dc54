//! What many modules of this suite say.

use slipway_test_support::{Method, TestResponse, Value, World, text};

/// Makes sure that an object has these members, in any order, and no others.
#[track_caller]
pub fn has_members(value: &Value, names: &[&str]) {
    let mut found: Vec<_> = value.as_object().unwrap().keys().map(String::as_str).collect();
    let mut wanted = names.to_vec();
    found.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(found, wanted);
}

/// Makes sure that this is the answer of a create: 201, at `place` with the id that the body's `id`
/// has.
#[track_caller]
pub fn created(answer: TestResponse, place: &str, id: &str) -> Value {
    assert_eq!(
        answer.header("location"),
        Some(format!("{place}/{}", text(&answer.body, id)).as_str())
    );
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert!(answer.header("x-request-id").is_some_and(|id| !id.is_empty()));
    answer.expect(201)
}

/// One member of each thing of a list.
#[track_caller]
pub fn each<'a>(list: &'a Value, name: &str) -> Vec<&'a str> {
    list.as_array()
        .unwrap_or_else(|| panic!("no list: {list:#}"))
        .iter()
        .map(|item| text(item, name))
        .collect()
}

/// The versions of the releases that a GET lists.
pub async fn versions(world: &World, path: &str) -> Vec<String> {
    let page = world.get(path).await.expect(200);
    each(&page["releases"], "version").into_iter().map(str::to_owned).collect()
}

/// Sends text as it is.
pub async fn send(
    world: &World,
    method: Method,
    path: &str,
    media_type: &str,
    body: impl Into<String>,
) -> TestResponse {
    TestResponse::to(world.admin(method, path).header("content-type", media_type).body(body.into()))
        .await
}
