use aws_sdk_s3::{
    primitives::ByteStream,
    types::{ChecksumAlgorithm, ChecksumMode, ChecksumType},
};
use tempfile::NamedTempFile;

use crate::{
    signing::{Presigned, put_with_trailing_crc32},
    support::{BUCKET, MIB, Server, base64, body, http, pattern, refusal, refused, sha256},
};

const HELLO_MD5: &str = "\"5d41402abc4b2a76b9719d911017c592\"";

#[tokio::test]
async fn an_object_comes_back_as_it_was_put() {
    let server = Server::start().await;
    let put = server.client.put_object().bucket(BUCKET).key("k").body(body(b"hello"));
    let put =
        put.content_type("text/plain").cache_control("no-store").content_disposition("inline");
    let put = put.metadata("Colour", "green").send().await.unwrap();
    assert_eq!(put.e_tag(), Some(HELLO_MD5));

    let got = server.client.get_object().bucket(BUCKET).key("k").send().await.unwrap();
    assert_eq!(got.e_tag(), Some(HELLO_MD5));
    assert_eq!(got.content_length(), Some(5));
    assert_eq!(got.content_type(), Some("text/plain"));
    assert_eq!(got.cache_control(), Some("no-store"));
    assert_eq!(got.content_disposition(), Some("inline"));
    assert_eq!(got.metadata().unwrap()["colour"], "green");
    assert_eq!(got.body.collect().await.unwrap().to_vec(), b"hello");
}

#[tokio::test]
async fn the_last_put_wins_and_the_bytes_before_it_are_gone() {
    let server = Server::start().await;
    server.put("k", b"one").await;
    server.put("k", b"other").await;
    assert_eq!(server.bytes("k").await, b"other");
    assert_eq!(server.blob_files().len(), 1);
}

#[tokio::test]
async fn an_empty_object_is_an_object() {
    let server = Server::start().await;
    server.put("k", b"").await;
    assert_eq!(server.bytes("k").await, b"");
}

#[tokio::test]
async fn a_key_may_be_the_beginning_of_another() {
    let server = Server::start().await;
    let keys = ["a", "a/b", "a/b/c", "a//b", "a/ü +%&?=#.txt", "incoming/x"];
    for key in keys {
        server.put(key, key.as_bytes()).await;
    }
    for key in keys {
        assert_eq!(server.bytes(key).await, key.as_bytes());
    }
}

#[tokio::test]
async fn a_body_larger_than_any_buffer_comes_back_whole() {
    let server = Server::start().await;
    let bytes = pattern(9 * MIB + 7);
    server.put("k", &bytes).await;
    assert!(server.bytes("k").await == bytes);
}

#[tokio::test]
async fn the_trailing_crc32_that_the_sdk_sends_by_default_is_checked_and_kept() {
    let server = Server::start().await;
    let file = NamedTempFile::new().unwrap();
    let bytes = pattern(MIB + 1);
    std::fs::write(file.path(), &bytes).unwrap();
    let stream = ByteStream::from_path(file.path()).await.unwrap();
    let put = server.client.put_object().bucket(BUCKET).key("k").body(stream).send().await.unwrap();
    let crc32 = put.checksum_crc32().expect("the SDK sends a CRC32").to_owned();

    let head =
        server.client.head_object().bucket(BUCKET).key("k").checksum_mode(ChecksumMode::Enabled);
    let head = head.send().await.unwrap();
    assert_eq!(head.checksum_crc32(), Some(crc32.as_str()));
    assert_eq!(head.checksum_type(), Some(&ChecksumType::FullObject));
    assert_eq!(head.content_encoding(), None, "aws-chunked is not an encoding of the object");
    assert!(server.bytes("k").await == bytes);
}

#[tokio::test]
async fn a_wrong_or_missing_trailing_checksum_stores_nothing() {
    let server = Server::start().await;
    // The check value of CRC-32 is that of these digits.
    let put = async |trailer: &str| put_with_trailing_crc32(&server, "123456789", trailer).await;
    for (trailer, code) in [
        (format!("x-amz-checksum-crc32:{}", base64(&[0; 4])), "BadDigest"),
        ("x-amz-checksum-crc32:no".to_owned(), "InvalidRequest"),
        (format!("x-amz-checksum-sha256:{}", sha256(b"123456789")), "InvalidRequest"),
    ] {
        let answer = put(&trailer).await;
        assert_eq!(answer.status(), 400, "{trailer}");
        let text = answer.text().await.unwrap();
        assert!(text.contains(&format!("<Code>{code}</Code>")), "{trailer}: {text}");
    }
    assert!(!server.exists("key").await);
    assert_eq!(server.blob_files(), [""; 0]);

    let right = format!("x-amz-checksum-crc32:{}", base64(&0xcbf4_3926_u32.to_be_bytes()));
    assert_eq!(put(&right).await.status(), 200);
    assert_eq!(server.bytes("key").await, b"123456789");
}

#[tokio::test]
async fn every_algorithm_of_the_sdk_is_accepted_and_kept() {
    let server = Server::start().await;
    for algorithm in [
        ChecksumAlgorithm::Crc32,
        ChecksumAlgorithm::Crc32C,
        ChecksumAlgorithm::Crc64Nvme,
        ChecksumAlgorithm::Sha1,
        ChecksumAlgorithm::Sha256,
    ] {
        let put = server.client.put_object().bucket(BUCKET).key("k").body(body(b"hello"));
        put.checksum_algorithm(algorithm.clone()).send().await.unwrap();
        let head = server
            .client
            .head_object()
            .bucket(BUCKET)
            .key("k")
            .checksum_mode(ChecksumMode::Enabled);
        let head = head.send().await.unwrap();
        let kept = match algorithm {
            ChecksumAlgorithm::Crc32 => head.checksum_crc32(),
            ChecksumAlgorithm::Crc32C => head.checksum_crc32_c(),
            ChecksumAlgorithm::Crc64Nvme => head.checksum_crc64_nvme(),
            ChecksumAlgorithm::Sha1 => head.checksum_sha1(),
            _ => head.checksum_sha256(),
        };
        assert!(kept.is_some(), "{algorithm:?}");
    }
}

#[tokio::test]
async fn a_right_sha256_is_kept_as_that_of_the_full_object() {
    let server = Server::start().await;
    let put = server.client.put_object().bucket(BUCKET).key("k").body(body(b"hello"));
    let put = put.checksum_sha256(sha256(b"hello")).send().await.unwrap();
    assert_eq!(put.checksum_sha256(), Some(sha256(b"hello").as_str()));
    assert_eq!(put.checksum_type(), Some(&ChecksumType::FullObject));

    let head =
        server.client.head_object().bucket(BUCKET).key("k").checksum_mode(ChecksumMode::Enabled);
    let head = head.send().await.unwrap();
    assert_eq!(head.checksum_sha256(), Some(sha256(b"hello").as_str()));
    assert_eq!(head.checksum_type(), Some(&ChecksumType::FullObject));
}

#[tokio::test]
async fn without_a_checksum_s3_keeps_a_crc64nvme() {
    let server = Server::start().await;
    let url = Presigned { method: "PUT", ..Presigned::default() }.url(&server);
    assert_eq!(http().put(url).body("123456789").send().await.unwrap().status(), 200);
    let head =
        server.client.head_object().bucket(BUCKET).key("key").checksum_mode(ChecksumMode::Enabled);
    let head = head.send().await.unwrap();
    // The check value of CRC-64/NVME.
    assert_eq!(
        head.checksum_crc64_nvme(),
        Some(base64(&0xae8b_1486_0a79_9888_u64.to_be_bytes()).as_str())
    );
    assert_eq!(head.content_type(), Some("binary/octet-stream"));
}

#[tokio::test]
async fn a_put_with_a_wrong_checksum_stores_nothing() {
    let server = Server::start().await;
    let put = || server.client.put_object().bucket(BUCKET).key("k").body(body(b"hello"));
    let bad_digest = || refused(400, "BadDigest");
    assert_eq!(refusal(put().checksum_sha256(sha256(b"hullo")).send().await), bad_digest());
    assert_eq!(refusal(put().checksum_sha1(base64(&[0; 20])).send().await), bad_digest());
    assert_eq!(refusal(put().checksum_crc32(base64(&[0; 4])).send().await), bad_digest());
    assert_eq!(refusal(put().checksum_crc32_c(base64(&[0; 4])).send().await), bad_digest());
    assert_eq!(refusal(put().checksum_crc64_nvme(base64(&[0; 8])).send().await), bad_digest());
    assert_eq!(refusal(put().content_md5(base64(&[0; 16])).send().await), bad_digest());
    assert!(!server.exists("k").await);
    assert_eq!(server.blob_files(), [""; 0]);
}

#[tokio::test]
async fn a_put_with_a_wrong_checksum_leaves_what_was_there() {
    let server = Server::start().await;
    server.put("k", b"before").await;
    let put = server.client.put_object().bucket(BUCKET).key("k").body(body(b"hello"));
    assert_eq!(
        refusal(put.checksum_sha256(sha256(b"hullo")).send().await),
        refused(400, "BadDigest")
    );
    assert_eq!(server.bytes("k").await, b"before");
}

#[tokio::test]
async fn a_checksum_that_cannot_be_one_is_refused() {
    let server = Server::start().await;
    let put = || server.client.put_object().bucket(BUCKET).key("k").body(body(b"hello"));
    assert_eq!(refusal(put().content_md5("no").send().await), refused(400, "InvalidDigest"));
    assert_eq!(refusal(put().checksum_sha256("no").send().await), refused(400, "InvalidRequest"));
    let two = put().checksum_sha256(sha256(b"hello")).checksum_sha1(base64(&[0; 20]));
    assert_eq!(refusal(two.send().await), refused(400, "InvalidRequest"));
}

#[tokio::test]
async fn if_none_match_puts_only_what_is_not_there() {
    let server = Server::start().await;
    let put = || server.client.put_object().bucket(BUCKET).key("k").if_none_match("*");
    put().body(body(b"first")).send().await.unwrap();
    let second = put().body(body(b"second")).send().await;
    assert_eq!(refusal(second), refused(412, "PreconditionFailed"));
    assert_eq!(server.bytes("k").await, b"first");
    assert_eq!(server.blob_files().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_a_hundred_concurrent_puts_with_if_none_match_exactly_one_wins() {
    let server = Server::start().await;
    let puts = (0..100).map(|number: u32| {
        let put = server.client.put_object().bucket(BUCKET).key("k").if_none_match("*");
        let put = put.body(body(number.to_string().as_bytes()));
        tokio::spawn(async move { (number, put.send().await) })
    });
    let mut winners = Vec::new();
    for put in puts.collect::<Vec<_>>() {
        match put.await.unwrap() {
            (number, Ok(_)) => winners.push(number.to_string()),
            (_, lost) => assert_eq!(refusal(lost), refused(412, "PreconditionFailed")),
        }
    }
    assert_eq!(winners.len(), 1);
    assert_eq!(server.bytes("k").await, winners[0].as_bytes());
    assert_eq!(server.blob_files().len(), 1);
}

#[tokio::test]
async fn if_match_replaces_only_what_is_known() {
    let server = Server::start().await;
    let put = |etag: &str| {
        server.client.put_object().bucket(BUCKET).key("k").body(body(b"new")).if_match(etag)
    };
    assert_eq!(refusal(put("\"00\"").send().await), refused(404, "NoSuchKey"));
    let etag = server.put("k", b"old").await;
    assert_eq!(refusal(put("\"00\"").send().await), refused(412, "PreconditionFailed"));
    assert_eq!(server.bytes("k").await, b"old");
    put(&etag).send().await.unwrap();
    assert_eq!(server.bytes("k").await, b"new");
}

#[tokio::test]
async fn what_cannot_be_kept_is_refused_and_not_forgotten() {
    let server = Server::start().await;
    let put =
        server.client.put_object().bucket(BUCKET).key("k").body(body(b"hello")).tagging("a=b");
    assert_eq!(refusal(put.send().await), refused(501, "NotImplemented"));
}
