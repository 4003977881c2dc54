//! The local stack's process may end at any moment.

use reqwest::Method;
use slipway_test_support::{EventDelivery, Options, TestResponse, Value, World, file, json};
use tokio::sync::watch;

use crate::process::{Process, TOKEN, listen};

/// Releases that are acknowledged before the process is killed, in the middle of another one.
const ENOUGH: usize = 40;

#[tokio::test(flavor = "multi_thread")]
async fn kill_9_loses_nothing_that_was_acknowledged() {
    let directory = tempfile::tempdir().unwrap();
    let process = Process::start(directory.path(), &listen());
    let address = process.address();
    process.post("/v1/products", json!({ "product_id": "prod_kept", "name": "Kept" })).await;
    let token = process
        .post("/v1/tokens", json!({ "name": "reader", "scopes": ["releases:read"] }))
        .await["secret"]
        .clone();
    let token = token.as_str().unwrap();
    let (bytes, sha256) = file(1, 200_000);
    let body = json!({ "size_bytes": bytes.len(), "sha256": sha256 });
    let upload = process.post("/v1/artifacts/uploads", body.clone()).await;
    let later = process.post("/v1/artifacts/uploads", body).await;
    put(&process, &upload, &bytes).await;
    let complete = |upload: &Value| {
        format!("/v1/artifacts/uploads/{}/complete", upload["upload_id"].as_str().unwrap())
    };
    let artifact = TestResponse::to(process.request(Method::POST, &complete(&upload), TOKEN))
        .await
        .expect(200)["artifact_id"]
        .clone();

    let acknowledged = publish_until_killed(process, artifact.as_str().unwrap()).await;
    assert!(acknowledged.len() >= ENOUGH, "{}", acknowledged.len());

    let process = Process::start(directory.path(), &address);
    for release in &acknowledged {
        let path = format!("/v1/releases/{}", release["release_id"].as_str().unwrap());
        assert_eq!(process.get(&path, token).await, *release);
    }
    let newest = process.get("/v1/products/prod_kept/releases/latest", token).await;
    let newest: u64 =
        newest["version"].as_str().unwrap().split('.').nth(1).unwrap().parse().unwrap();
    // The one under way may have landed without being acknowledged.
    assert!(
        [acknowledged.len(), acknowledged.len() + 1]
            .contains(&(usize::try_from(newest).unwrap() + 1))
    );

    let download = format!("/v1/artifacts/{}/download", artifact.as_str().unwrap());
    let served = process.request(Method::GET, &download, token).send().await.unwrap();
    assert!(served.bytes().await.unwrap() == bytes);
    // The URL that was signed before.
    put(&process, &later, &bytes).await;
    assert_eq!(
        TestResponse::to(process.request(Method::POST, &complete(&later), TOKEN)).await.expect(200)
            ["status"],
        "available"
    );
    assert!(process.interrupt().success());
}

async fn put(process: &Process, upload: &Value, bytes: &[u8]) {
    let put = process.http.put(upload["upload_url"].as_str().unwrap()).body(bytes.to_vec());
    assert_eq!(put.send().await.unwrap().status(), 200);
}

/// Publishes version after version; kills the process in the middle of it. The releases that were
/// acknowledged.
async fn publish_until_killed(process: Process, artifact: &str) -> Vec<Value> {
    let (http, base_url) = (process.http.clone(), process.base_url.clone());
    let artifact = artifact.to_owned();
    let (tell, mut told) = watch::channel(0);
    let publishing = tokio::spawn(async move {
        let mut acknowledged = Vec::new();
        for minor in 0.. {
            let body = World::release_of("prod_kept", &format!("1.{minor}.0"), "stable", &artifact);
            let request =
                http.post(format!("{base_url}/v1/releases")).bearer_auth(TOKEN).json(&body);
            let Ok(response) = request.send().await else { break };
            assert_eq!(response.status(), 201);
            let Ok(release) = response.json().await else { break };
            acknowledged.push(release);
            tell.send_replace(acknowledged.len());
        }
        acknowledged
    });
    told.wait_for(|acknowledged| *acknowledged >= ENOUGH).await.unwrap();
    process.kill();
    publishing.await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_stops_it_cleanly() {
    let directory = tempfile::tempdir().unwrap();
    let process = Process::start(directory.path(), "127.0.0.1:0");
    process.post("/v1/products", json!({ "product_id": "prod_kept", "name": "Kept" })).await;
    assert_eq!(process.interrupt().code(), Some(0));
    let process = Process::start(directory.path(), "127.0.0.1:0");
    assert_eq!(process.get("/v1/products/prod_kept", TOKEN).await["name"], "Kept");
    assert_eq!(process.interrupt().code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_whose_event_was_pending_is_finished_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let data = Some(directory.path().to_owned());
    let world =
        World::with(Options { events: EventDelivery::Disabled, data, ..Options::ephemeral() })
            .await;
    let (bytes, sha256) = file(1, 200_000);
    let upload = world.initiate(bytes.len(), &sha256).await;
    assert_eq!(world.send(&upload["upload_url"], bytes.clone()).await, 200);
    assert_eq!(world.upload(&upload).await["status"], "pending");
    world.stack.stop().await;

    let world =
        World::with(Options { data: Some(directory.path().to_owned()), ..Options::ephemeral() })
            .await;
    let ended = world.ended(&upload).await;
    assert_eq!(ended["status"], "available");
    assert!(world.download(&ended["artifact_id"]).await == bytes);
    world.stack.stop().await;
}
