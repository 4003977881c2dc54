use aws_sdk_s3::types::{ChecksumAlgorithm, ChecksumMode, ChecksumType, MetadataDirective};

use crate::{
    multipart::{complete, upload_parts},
    support::{BUCKET, MIB, Server, body, pattern, refusal, refused, sha256},
};

#[tokio::test]
async fn a_copy_shares_the_bytes_and_keeps_the_metadata() {
    let server = Server::start().await;
    let put = server.client.put_object().bucket(BUCKET).key("from").body(body(b"hello"));
    let put = put.content_type("text/plain").metadata("colour", "green").send().await.unwrap();
    let copy = server
        .client
        .copy_object()
        .bucket(BUCKET)
        .key("to")
        .copy_source("bucket/from")
        .send()
        .await
        .unwrap();
    assert_eq!(copy.copy_object_result().unwrap().e_tag(), put.e_tag());
    assert_eq!(server.blob_files().len(), 1);

    server.client.delete_object().bucket(BUCKET).key("from").send().await.unwrap();
    let got = server.client.get_object().bucket(BUCKET).key("to").send().await.unwrap();
    assert_eq!(got.content_type(), Some("text/plain"));
    assert_eq!(got.metadata().unwrap()["colour"], "green");
    assert_eq!(got.body.collect().await.unwrap().to_vec(), b"hello");
}

#[tokio::test]
async fn a_source_with_strange_characters_is_found() {
    let server = Server::start().await;
    server.put("a b/ü+.txt", b"hello").await;
    let copy = server
        .client
        .copy_object()
        .bucket(BUCKET)
        .key("to")
        .copy_source("bucket/a%20b/%C3%BC%2B.txt");
    copy.send().await.unwrap();
    assert_eq!(server.bytes("to").await, b"hello");
}

#[tokio::test]
async fn a_copy_replaces_the_metadata_if_told_to() {
    let server = Server::start().await;
    server.put("from", b"hello").await;
    let copy = server.client.copy_object().bucket(BUCKET).key("to").copy_source("bucket/from");
    copy.metadata_directive(MetadataDirective::Replace)
        .content_type("text/html")
        .send()
        .await
        .unwrap();
    let head = server.client.head_object().bucket(BUCKET).key("to").send().await.unwrap();
    assert_eq!(head.content_type(), Some("text/html"));
}

#[tokio::test]
async fn a_copy_happens_only_if_the_source_is_the_known_version() {
    let server = Server::start().await;
    let etag = server.put("from", b"hello").await;
    let copy = || server.client.copy_object().bucket(BUCKET).key("to").copy_source("bucket/from");
    let precondition_failed = || refused(412, "PreconditionFailed");
    assert_eq!(refusal(copy().copy_source_if_match("\"00\"").send().await), precondition_failed());
    assert_eq!(
        refusal(copy().copy_source_if_none_match(&etag).send().await),
        precondition_failed()
    );
    assert!(!server.exists("to").await);
    copy().copy_source_if_match(&etag).send().await.unwrap();
    assert!(server.exists("to").await);
}

#[tokio::test]
async fn a_copy_does_not_replace_what_must_not_be_there() {
    let server = Server::start().await;
    server.put("from", b"new").await;
    server.put("to", b"old").await;
    let copy = server.client.copy_object().bucket(BUCKET).key("to").copy_source("bucket/from");
    assert_eq!(refusal(copy.if_none_match("*").send().await), refused(412, "PreconditionFailed"));
    assert_eq!(server.bytes("to").await, b"old");
}

#[tokio::test]
async fn a_copy_gets_the_sha256_it_was_asked_for() {
    let server = Server::start().await;
    server.put("from", b"hello").await;
    let copy = server.client.copy_object().bucket(BUCKET).key("to").copy_source("bucket/from");
    let copy = copy.checksum_algorithm(ChecksumAlgorithm::Sha256).send().await.unwrap();
    let result = copy.copy_object_result().unwrap();
    assert_eq!(result.checksum_sha256(), Some(sha256(b"hello").as_str()));
    assert_eq!(result.checksum_type(), Some(&ChecksumType::FullObject));

    let head =
        server.client.head_object().bucket(BUCKET).key("to").checksum_mode(ChecksumMode::Enabled);
    let head = head.send().await.unwrap();
    assert_eq!(head.checksum_sha256(), Some(sha256(b"hello").as_str()));
    assert_eq!(head.checksum_type(), Some(&ChecksumType::FullObject));
}

#[tokio::test]
async fn the_copy_of_an_object_in_parts_is_one_piece() {
    let server = Server::start().await;
    let bytes = pattern(5 * MIB + 100);
    let (upload, parts) =
        upload_parts(&server, "from", &[&bytes[..5 * MIB], &bytes[5 * MIB..]]).await;
    complete(&server, "from", &upload, parts).send().await.unwrap();
    let files = server.blob_files().len();

    let copy = server
        .client
        .copy_object()
        .bucket(BUCKET)
        .key("to")
        .copy_source("bucket/from")
        .send()
        .await
        .unwrap();
    let result = copy.copy_object_result().unwrap();
    assert_eq!(
        result.checksum_sha256(),
        Some(sha256(&bytes).as_str()),
        "the algorithm is kept, the kind is not"
    );
    assert_eq!(result.checksum_type(), Some(&ChecksumType::FullObject));
    let put = server.put("put", &bytes).await;
    assert_eq!(result.e_tag(), Some(put.as_str()));
    assert_eq!(server.blob_files().len(), files + 1, "only the put has written bytes");
    assert!(server.bytes("to").await == bytes);
}

#[tokio::test]
async fn a_copy_onto_itself_must_change_something() {
    let server = Server::start().await;
    server.put("k", b"hello").await;
    let copy = || server.client.copy_object().bucket(BUCKET).key("k").copy_source("bucket/k");
    assert_eq!(refusal(copy().send().await), refused(400, "InvalidRequest"));
    copy().metadata_directive(MetadataDirective::Replace).metadata("a", "b").send().await.unwrap();
    assert_eq!(server.bytes("k").await, b"hello");
}

#[tokio::test]
async fn a_source_that_is_not_there_cannot_be_copied() {
    let server = Server::start().await;
    let copy = server.client.copy_object().bucket(BUCKET).key("to").copy_source("bucket/from");
    assert_eq!(refusal(copy.send().await), refused(404, "NoSuchKey"));
}
