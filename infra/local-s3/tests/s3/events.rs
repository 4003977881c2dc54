use std::time::Duration;

use serde_json::{Value, json};
use slipway_local_s3::Store;

use crate::{
    multipart::{complete, upload_parts},
    support::{BUCKET, Server, body, refusal, refused, sha256, soon},
};

async fn nothing_more(store: &Store) {
    let next = tokio::time::timeout(Duration::from_millis(200), store.next_event());
    assert!(next.await.is_err(), "there must be no further event");
}

fn record(event: &slipway_local_s3::Event) -> &Value {
    &event.notification["Records"][0]
}

#[tokio::test]
async fn an_event_has_the_shape_s3_gives_it() {
    let server = Server::start().await;
    let before = jiff::Timestamp::now();
    server.put("incoming/red flower+ü.jpg", b"hello").await;
    let event = soon(server.store.next_event()).await.unwrap();
    assert_eq!((event.bucket.as_str(), event.key.as_str()), (BUCKET, "incoming/red flower+ü.jpg"));

    let mut notification = event.notification.clone();
    let record = &mut notification["Records"][0];
    let time: jiff::Timestamp = record["eventTime"].take().as_str().unwrap().parse().unwrap();
    assert!(time.duration_since(before).as_secs().abs() < 5);
    let sequencer = record["s3"]["object"]["sequencer"].take();
    assert!(!sequencer.as_str().unwrap().is_empty());
    for detail in ["userIdentity", "requestParameters", "responseElements"] {
        assert!(record[detail].take().is_object(), "{detail}");
    }
    assert!(record["s3"]["bucket"]["ownerIdentity"].take().is_object());
    let expected = json!({"Records": [{
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": "us-east-1",
        "eventTime": null,
        "eventName": "ObjectCreated:Put",
        "userIdentity": null,
        "requestParameters": null,
        "responseElements": null,
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "local",
            "bucket": {"name": "bucket", "ownerIdentity": null, "arn": "arn:aws:s3:::bucket"},
            "object": {
                "key": "incoming/red+flower%2B%C3%BC.jpg",
                "size": 5,
                "eTag": "5d41402abc4b2a76b9719d911017c592",
                "sequencer": null,
            },
        },
    }]});
    assert_eq!(notification, expected);
}

#[tokio::test]
async fn put_copy_and_complete_are_announced_by_name_and_in_order() {
    let server = Server::start().await;
    server.put("incoming/a", b"hello").await;
    let copy = server
        .client
        .copy_object()
        .bucket(BUCKET)
        .key("incoming/b")
        .copy_source("bucket/incoming/a");
    copy.send().await.unwrap();
    let (upload, parts) = upload_parts(&server, "incoming/c", &[b"hello"]).await;
    complete(&server, "incoming/c", &upload, parts).send().await.unwrap();

    let mut sequencers = Vec::new();
    for name in ["ObjectCreated:Put", "ObjectCreated:Copy", "ObjectCreated:CompleteMultipartUpload"]
    {
        let event = soon(server.store.next_event()).await.unwrap();
        assert_eq!(record(&event)["eventName"], name);
        sequencers.push(record(&event)["s3"]["object"]["sequencer"].as_str().unwrap().to_owned());
    }
    assert!(sequencers.is_sorted());
    nothing_more(&server.store).await;
}

#[tokio::test]
async fn only_keys_under_the_prefix_are_announced() {
    let server = Server::start().await;
    server.put("artifacts/a", b"hello").await;
    server.put("incoming", b"hello").await;
    nothing_more(&server.store).await;
}

#[tokio::test]
async fn what_was_refused_or_deleted_is_not_announced() {
    let server = Server::start().await;
    let put = server.client.put_object().bucket(BUCKET).key("incoming/a").body(body(b"hello"));
    assert_eq!(
        refusal(put.checksum_sha256(sha256(b"hullo")).send().await),
        refused(400, "BadDigest")
    );
    server.client.delete_object().bucket(BUCKET).key("incoming/a").send().await.unwrap();
    nothing_more(&server.store).await;
}

#[tokio::test]
async fn an_event_is_handed_out_once_unless_it_is_given_back() {
    let server = Server::start().await;
    server.put("incoming/a", b"hello").await;
    server.put("incoming/b", b"hello").await;
    let a = soon(server.store.next_event()).await.unwrap();
    let b = soon(server.store.next_event()).await.unwrap();
    assert_eq!((a.key.as_str(), b.key.as_str()), ("incoming/a", "incoming/b"));
    nothing_more(&server.store).await;
    server.store.retry(a.id);
    assert_eq!(soon(server.store.next_event()).await.unwrap(), a);
    server.store.delivered(a.id).await.unwrap();
    server.store.delivered(b.id).await.unwrap();
    server.store.retry(a.id);
    nothing_more(&server.store).await;
}

#[tokio::test]
async fn whoever_waits_is_woken_by_a_put_and_by_a_retry() {
    let server = Server::start().await;
    let waiting = |store: Store| tokio::spawn(async move { store.next_event().await.unwrap() });
    let (one, other) = (waiting(server.store.clone()), waiting(server.store.clone()));
    tokio::time::sleep(Duration::from_millis(50)).await;
    server.put("incoming/a", b"hello").await;
    server.put("incoming/b", b"hello").await;
    let mut keys = [soon(one).await.unwrap().key, soon(other).await.unwrap().key];
    keys.sort_unstable();
    assert_eq!(keys, ["incoming/a", "incoming/b"]);
}

#[tokio::test]
async fn events_that_were_not_delivered_are_handed_out_again_by_the_next_process() {
    let server = Server::start().await;
    for key in ["incoming/a", "incoming/b", "incoming/c"] {
        server.put(key, b"hello").await;
    }
    let a = soon(server.store.next_event()).await.unwrap();
    let b = soon(server.store.next_event()).await.unwrap();
    server.store.delivered(a.id).await.unwrap();

    let server = server.restart().await;
    assert_eq!(soon(server.store.next_event()).await.unwrap(), b);
    assert_eq!(soon(server.store.next_event()).await.unwrap().key, "incoming/c");
    nothing_more(&server.store).await;
}
