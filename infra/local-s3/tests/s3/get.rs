use std::time::{Duration, SystemTime};

use aws_sdk_s3::{primitives::DateTime, types::ChecksumMode};

use crate::{
    multipart::{complete, upload_parts},
    support::{BUCKET, MIB, Server, body, pattern, refusal, refused, sha256, status},
};

#[tokio::test]
async fn a_key_that_is_not_there_is_said_to_be_missing() {
    let server = Server::start().await;
    assert_eq!(
        refusal(server.client.get_object().bucket(BUCKET).key("k").send().await),
        refused(404, "NoSuchKey")
    );
    let head = server.client.head_object().bucket(BUCKET).key("k").send().await.unwrap_err();
    assert!(head.into_service_error().is_not_found());
}

#[tokio::test]
async fn a_range_is_answered_with_its_bytes_and_its_place() {
    let server = Server::start().await;
    let bytes = pattern(MIB);
    server.put("k", &bytes).await;
    let cases = [
        ("bytes=0-0", 0..1),
        ("bytes=10-19", 10..20),
        ("bytes=300000-600000", 300_000..600_001),
        ("bytes=1048570-", 1_048_570..MIB),
        ("bytes=1048570-9999999", 1_048_570..MIB),
        ("bytes=-5", MIB - 5..MIB),
        ("bytes=-9999999", 0..MIB),
    ];
    for (range, expected) in cases {
        let get = server.client.get_object().bucket(BUCKET).key("k").range(range);
        let got = get.checksum_mode(ChecksumMode::Enabled).send().await.unwrap();
        let place = format!("bytes {}-{}/{MIB}", expected.start, expected.end - 1);
        assert_eq!(got.content_range(), Some(place.as_str()), "{range}");
        assert_eq!(got.content_length(), Some(i64::try_from(expected.len()).unwrap()), "{range}");
        assert_eq!(got.checksum_crc32(), None, "the checksum is not that of the range");
        assert!(got.body.collect().await.unwrap().to_vec() == bytes[expected.clone()], "{range}");
        let head =
            server.client.head_object().bucket(BUCKET).key("k").range(range).send().await.unwrap();
        assert_eq!(head.content_range(), Some(place.as_str()), "{range}");
        assert_eq!(head.content_length(), Some(i64::try_from(expected.len()).unwrap()), "{range}");
    }
}

#[tokio::test]
async fn a_range_outside_the_object_is_not_satisfiable() {
    let server = Server::start().await;
    server.put("k", b"hello").await;
    server.put("empty", b"").await;
    for (key, range) in
        [("k", "bytes=5-"), ("k", "bytes=-0"), ("empty", "bytes=0-"), ("empty", "bytes=-1")]
    {
        let got = server.client.get_object().bucket(BUCKET).key(key).range(range).send().await;
        assert_eq!(refusal(got), refused(416, "InvalidRange"), "{key} {range}");
    }
}

#[tokio::test]
async fn if_match_reads_only_the_version_that_is_known() {
    let server = Server::start().await;
    let etag = server.put("k", b"hello").await;
    let get = || server.client.get_object().bucket(BUCKET).key("k");
    let head = || server.client.head_object().bucket(BUCKET).key("k");
    get().if_match(&etag).send().await.unwrap();
    get().if_match(etag.trim_matches('"')).send().await.unwrap();
    head().if_match(&etag).send().await.unwrap();
    assert_eq!(refusal(get().if_match("\"00\"").send().await), refused(412, "PreconditionFailed"));
    assert_eq!(status(&head().if_match("\"00\"").send().await.unwrap_err()), 412);
}

#[tokio::test]
async fn if_none_match_answers_304_to_who_has_it_already() {
    let server = Server::start().await;
    let etag = server.put("k", b"hello").await;
    let get = || server.client.get_object().bucket(BUCKET).key("k");
    let head = || server.client.head_object().bucket(BUCKET).key("k");
    let error = get().if_none_match(&etag).send().await.unwrap_err();
    assert_eq!(status(&error), 304);
    assert_eq!(error.raw_response().unwrap().headers().get("etag"), Some(etag.as_str()));
    assert_eq!(status(&head().if_none_match(&etag).send().await.unwrap_err()), 304);
    get().if_none_match("\"00\"").send().await.unwrap();
}

#[tokio::test]
async fn dates_condition_a_read_to_the_second() {
    let server = Server::start().await;
    server.put("k", b"hello").await;
    let get = || server.client.get_object().bucket(BUCKET).key("k");
    let modified = *get().send().await.unwrap().last_modified().unwrap();
    let before = DateTime::from(SystemTime::now() - Duration::from_hours(1));
    assert_eq!(status(&get().if_modified_since(modified).send().await.unwrap_err()), 304);
    get().if_modified_since(before).send().await.unwrap();
    get().if_unmodified_since(modified).send().await.unwrap();
    assert_eq!(
        refusal(get().if_unmodified_since(before).send().await),
        refused(412, "PreconditionFailed")
    );
}

#[tokio::test]
async fn the_checksum_is_told_to_those_who_ask() {
    let server = Server::start().await;
    let put = server.client.put_object().bucket(BUCKET).key("k").body(body(b"hello"));
    put.checksum_sha256(sha256(b"hello")).send().await.unwrap();
    let head = || server.client.head_object().bucket(BUCKET).key("k");
    let asked = head().checksum_mode(ChecksumMode::Enabled).send().await.unwrap();
    assert_eq!(asked.checksum_sha256(), Some(sha256(b"hello").as_str()));
    let not_asked = head().send().await.unwrap();
    assert_eq!((not_asked.checksum_sha256(), not_asked.checksum_type()), (None, None));
    let got =
        server.client.get_object().bucket(BUCKET).key("k").checksum_mode(ChecksumMode::Enabled);
    let got = got.send().await.unwrap();
    assert_eq!(got.checksum_sha256(), Some(sha256(b"hello").as_str()));
    // The SDK compares the bytes with the checksum while collecting.
    got.body.collect().await.unwrap();
}

#[tokio::test]
async fn a_read_that_began_goes_on_whatever_becomes_of_the_object() {
    let server = Server::start().await;
    // In parts, so that not all of its files are open when it is replaced; more than fits the
    // buffers of a connection.
    let bytes = pattern(32 * MIB);
    let (upload, parts) =
        upload_parts(&server, "k", &[&bytes[..24 * MIB], &bytes[24 * MIB..]]).await;
    complete(&server, "k", &upload, parts).send().await.unwrap();
    let mut reading = server.client.get_object().bucket(BUCKET).key("k").send().await.unwrap().body;
    let mut read = reading.next().await.unwrap().unwrap().to_vec();
    server.put("k", b"replaced").await;
    server.client.delete_object().bucket(BUCKET).key("k").send().await.unwrap();
    while let Some(chunk) = reading.next().await {
        read.extend_from_slice(&chunk.unwrap());
    }
    assert!(read == bytes);
    drop(reading);
    server.put("other", b"").await;
    assert_eq!(
        server.blob_files().len(),
        1,
        "what nobody reads any more goes with the next change"
    );
}
