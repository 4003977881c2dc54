use crate::support::{BUCKET, Server, refusal, refused};

#[tokio::test]
async fn a_bucket_is_created_once() {
    let server = Server::start().await;
    let again = server.client.create_bucket().bucket(BUCKET).send().await;
    assert_eq!(refusal(again), refused(409, "BucketAlreadyOwnedByYou"));
}

#[tokio::test]
async fn head_bucket_tells_whether_it_is_there() {
    let server = Server::start().await;
    let there = server.client.head_bucket().bucket(BUCKET).send().await.unwrap();
    assert_eq!(there.bucket_region(), Some(slipway_local_s3::REGION));
    let error = server.client.head_bucket().bucket("elsewhere").send().await.unwrap_err();
    assert!(error.into_service_error().is_not_found());
}

#[tokio::test]
async fn nothing_can_be_done_in_a_bucket_that_is_not_there() {
    let client = Server::start().await;
    let client = &client.client;
    let no_such_bucket = || refused(404, "NoSuchBucket");
    assert_eq!(
        refusal(client.get_object().bucket("elsewhere").key("k").send().await),
        no_such_bucket()
    );
    assert_eq!(
        refusal(client.put_object().bucket("elsewhere").key("k").send().await),
        no_such_bucket()
    );
    assert_eq!(
        refusal(client.list_objects_v2().bucket("elsewhere").send().await),
        no_such_bucket()
    );
    assert_eq!(
        refusal(client.delete_object().bucket("elsewhere").key("k").send().await),
        no_such_bucket()
    );
    let begun = client.create_multipart_upload().bucket("elsewhere").key("k").send().await;
    assert_eq!(refusal(begun), no_such_bucket());
}
