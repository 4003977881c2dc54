//! HEAD: what GET answers, without the body.

use slipway_test_support::{Method, SampleRequest, TestResponse, World, text};

/// Headers that are those of the representation, not of the one response.
const OF_THE_REPRESENTATION: [&str; 4] = ["content-type", "etag", "cache-control", "allow"];

#[tokio::test]
async fn every_get_answers_head_the_same_without_a_body() {
    let world = World::start().await;
    let routes = slipway_registry::operations().into_iter().map(|operation| operation.route());
    for route in routes.filter(|route| route.verb.as_str() == "GET") {
        // The ids lead to nothing: 404 has to be the same too, and lists answer 200.
        let path = SampleRequest::of(route.op).path;
        let get = world.get(&path).await;
        let head = world.admin(Method::HEAD, &path).send().await.unwrap();
        assert_eq!(head.status().as_u16(), get.status, "{path}");
        for name in OF_THE_REPRESENTATION {
            let value = head.headers().get(name).map(|value| value.to_str().unwrap());
            assert_eq!(value, get.header(name), "{path}: {name}");
        }
        if get.status == 200 {
            let length = get.header("content-length").unwrap();
            assert_eq!(head.headers()["content-length"], length, "{path}");
        }
        assert_eq!(head.bytes().await.unwrap().len(), 0, "{path}");
    }
}

#[tokio::test]
async fn head_of_a_download_leads_to_a_url_for_head_and_get_to_one_for_get() {
    let world = World::start().await;
    let upload = world.arrived_checked(1, 1000).await;
    let artifact = world.complete(&upload).await.expect(200);
    let path = format!("/v1/artifacts/{}/download", text(&artifact, "artifact_id"));
    let methods = [Method::GET, Method::HEAD];
    for method in &methods {
        let answer = TestResponse::to(world.admin(method.clone(), &path)).await;
        assert_eq!(answer.status, 302, "{method}: {:#}", answer.body);
        let url = answer.header("location").unwrap();
        // As `curl -L` and `curl -IL` do, the redirect is followed with the same method.
        for with in &methods {
            let got = world.http().request(with.clone(), url).send().await.unwrap();
            let expected = if with == method { 200 } else { 403 };
            assert_eq!(got.status().as_u16(), expected, "{with} to a URL for {method}");
            if with == method {
                assert_eq!(got.headers()["content-length"], "1000");
            }
        }
    }
}
