use aws_sdk_s3::{
    operation::complete_multipart_upload::builders::CompleteMultipartUploadFluentBuilder,
    types::{
        ChecksumAlgorithm, ChecksumMode, ChecksumType, CompletedMultipartUpload, CompletedPart,
    },
};

use crate::support::{BUCKET, MIB, Server, composite_sha256, pattern, refusal, refused, sha256};

/// Begins an upload with SHA-256.
pub async fn begin(server: &Server, key: &str) -> String {
    let upload = server.client.create_multipart_upload().bucket(BUCKET).key(key);
    let begun = upload.checksum_algorithm(ChecksumAlgorithm::Sha256).send().await.unwrap();
    assert_eq!(begun.checksum_algorithm(), Some(&ChecksumAlgorithm::Sha256));
    assert_eq!(begun.checksum_type(), Some(&ChecksumType::Composite));
    begun.upload_id.unwrap()
}

/// Uploads a part with its SHA-256 and answers how to name it.
pub async fn upload_part(
    server: &Server,
    key: &str,
    upload: &str,
    number: i32,
    bytes: &[u8],
) -> CompletedPart {
    let part =
        server.client.upload_part().bucket(BUCKET).key(key).upload_id(upload).part_number(number);
    let part =
        part.checksum_sha256(sha256(bytes)).body(bytes.to_vec().into()).send().await.unwrap();
    assert_eq!(part.checksum_sha256(), Some(sha256(bytes).as_str()));
    CompletedPart::builder()
        .part_number(number)
        .e_tag(part.e_tag.unwrap())
        .checksum_sha256(sha256(bytes))
        .build()
}

/// Begins an upload and uploads its parts, numbered from 1.
pub async fn upload_parts(
    server: &Server,
    key: &str,
    parts: &[&[u8]],
) -> (String, Vec<CompletedPart>) {
    let upload = begin(server, key).await;
    let mut named = Vec::new();
    for (number, bytes) in (1..).zip(parts) {
        named.push(upload_part(server, key, &upload, number, bytes).await);
    }
    (upload, named)
}

pub fn complete(
    server: &Server,
    key: &str,
    upload: &str,
    parts: Vec<CompletedPart>,
) -> CompleteMultipartUploadFluentBuilder {
    let list = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
    server
        .client
        .complete_multipart_upload()
        .bucket(BUCKET)
        .key(key)
        .upload_id(upload)
        .multipart_upload(list)
}

/// The `ETag` S3 gives to an object in parts, of the `ETag`s of the parts.
fn etag_of_parts(parts: &[CompletedPart]) -> String {
    use s3s::crypto::{Checksum as _, Md5};
    let mut md5 = Md5::new();
    for part in parts {
        let hex = part.e_tag().unwrap().trim_matches('"');
        md5.update(&data_encoding::HEXLOWER.decode(hex.as_bytes()).unwrap());
    }
    format!("\"{}-{}\"", data_encoding::HEXLOWER.encode(&md5.finalize()), parts.len())
}

#[tokio::test]
async fn parts_become_one_object() {
    let server = Server::start().await;
    let bytes = pattern(10 * MIB + 11);
    let pieces = [&bytes[..5 * MIB], &bytes[5 * MIB..10 * MIB], &bytes[10 * MIB..]];
    let (upload, parts) = upload_parts(&server, "k", &pieces).await;
    assert!(!server.exists("k").await, "nothing is visible before the upload is completed");

    let done = complete(&server, "k", &upload, parts.clone()).send().await.unwrap();
    assert_eq!(done.e_tag(), Some(etag_of_parts(&parts).as_str()));
    assert_eq!(done.checksum_sha256(), Some(composite_sha256(&pieces).as_str()));
    assert_eq!(done.checksum_type(), Some(&ChecksumType::Composite));

    let head =
        server.client.head_object().bucket(BUCKET).key("k").checksum_mode(ChecksumMode::Enabled);
    let head = head.send().await.unwrap();
    assert_eq!(head.e_tag(), done.e_tag());
    assert_eq!(head.checksum_sha256(), Some(composite_sha256(&pieces).as_str()));
    assert_eq!(head.checksum_type(), Some(&ChecksumType::Composite));
    assert!(server.bytes("k").await == bytes);
}

#[tokio::test]
async fn a_range_may_begin_in_one_part_and_end_in_another() {
    let server = Server::start().await;
    let bytes = pattern(5 * MIB + 1000);
    let (upload, parts) = upload_parts(&server, "k", &[&bytes[..5 * MIB], &bytes[5 * MIB..]]).await;
    complete(&server, "k", &upload, parts).send().await.unwrap();
    let range = format!("bytes={}-{}", 5 * MIB - 10, 5 * MIB + 9);
    let got = server.client.get_object().bucket(BUCKET).key("k").range(range).send().await.unwrap();
    assert_eq!(got.body.collect().await.unwrap().to_vec(), bytes[5 * MIB - 10..5 * MIB + 10]);
}

#[tokio::test]
async fn the_object_has_the_headers_the_upload_began_with() {
    let server = Server::start().await;
    let begin =
        server.client.create_multipart_upload().bucket(BUCKET).key("k").content_type("text/plain");
    let begin = begin.metadata("colour", "green").checksum_algorithm(ChecksumAlgorithm::Sha256);
    let upload = begin.send().await.unwrap().upload_id.unwrap();
    let part = upload_part(&server, "k", &upload, 1, b"hello").await;
    complete(&server, "k", &upload, vec![part]).send().await.unwrap();
    let head = server.client.head_object().bucket(BUCKET).key("k").send().await.unwrap();
    assert_eq!(head.content_type(), Some("text/plain"));
    assert_eq!(head.metadata().unwrap()["colour"], "green");
}

#[tokio::test]
async fn parts_that_are_not_named_are_dropped_with_their_bytes() {
    let server = Server::start().await;
    let (upload, mut parts) = upload_parts(&server, "k", &[b"one", b"two"]).await;
    parts.pop();
    complete(&server, "k", &upload, parts).send().await.unwrap();
    assert_eq!(server.bytes("k").await, b"one");
    assert_eq!(server.blob_files().len(), 1);
}

#[tokio::test]
async fn parts_must_be_in_order() {
    let server = Server::start().await;
    let (upload, mut parts) = upload_parts(&server, "k", &[&pattern(5 * MIB), b"two"]).await;
    parts.reverse();
    let done = complete(&server, "k", &upload, parts).send().await;
    assert_eq!(refusal(done), refused(400, "InvalidPartOrder"));
}

#[tokio::test]
async fn parts_must_be_those_that_were_uploaded() {
    let server = Server::start().await;
    let (upload, parts) = upload_parts(&server, "k", &[b"one"]).await;
    let part = |number, etag: &str, sha: String| {
        CompletedPart::builder().part_number(number).e_tag(etag).checksum_sha256(sha).build()
    };
    let etag = parts[0].e_tag().unwrap();
    for wrong in [
        part(1, "\"00\"", sha256(b"one")),
        part(2, etag, sha256(b"one")),
        part(1, etag, sha256(b"two")),
    ] {
        let done = complete(&server, "k", &upload, vec![wrong]).send().await;
        assert_eq!(refusal(done), refused(400, "InvalidPart"));
    }
    let unsure = CompletedPart::builder().part_number(1).e_tag(etag).build();
    let done = complete(&server, "k", &upload, vec![unsure]).send().await;
    assert_eq!(refusal(done), refused(400, "InvalidRequest"));
    complete(&server, "k", &upload, parts)
        .send()
        .await
        .expect("a refusal leaves the upload as it was");
}

#[tokio::test]
async fn only_the_last_part_may_be_smaller_than_five_mebibytes() {
    let server = Server::start().await;
    let (upload, parts) = upload_parts(&server, "k", &[&pattern(5 * MIB - 1), b"two"]).await;
    let done = complete(&server, "k", &upload, parts).send().await;
    assert_eq!(refusal(done), refused(400, "EntityTooSmall"));
}

#[tokio::test]
async fn a_completed_upload_is_no_more() {
    let server = Server::start().await;
    let (upload, parts) = upload_parts(&server, "k", &[b"one"]).await;
    complete(&server, "k", &upload, parts.clone()).send().await.unwrap();
    let no_such_upload = || refused(404, "NoSuchUpload");
    assert_eq!(refusal(complete(&server, "k", &upload, parts).send().await), no_such_upload());
    let client = &server.client;
    let list = client.list_parts().bucket(BUCKET).key("k").upload_id(&upload);
    assert_eq!(refusal(list.send().await), no_such_upload());
    let abort = client.abort_multipart_upload().bucket(BUCKET).key("k").upload_id(&upload);
    assert_eq!(refusal(abort.send().await), no_such_upload());
}

#[tokio::test]
async fn an_aborted_upload_is_no_more_and_neither_are_its_bytes() {
    let server = Server::start().await;
    let (upload, _) = upload_parts(&server, "k", &[b"one", b"two"]).await;
    let abort = server.client.abort_multipart_upload().bucket(BUCKET).key("k").upload_id(&upload);
    abort.send().await.unwrap();
    assert_eq!(server.blob_files(), [""; 0]);
    let part =
        server.client.upload_part().bucket(BUCKET).key("k").upload_id(&upload).part_number(1);
    let part = part.checksum_sha256(sha256(b"one")).body(b"one".to_vec().into()).send().await;
    assert_eq!(refusal(part), refused(404, "NoSuchUpload"));
    assert_eq!(server.blob_files(), [""; 0]);
}

#[tokio::test]
async fn an_upload_belongs_to_its_key() {
    let server = Server::start().await;
    let (upload, parts) = upload_parts(&server, "k", &[b"one"]).await;
    let done = complete(&server, "other", &upload, parts).send().await;
    assert_eq!(refusal(done), refused(404, "NoSuchUpload"));
}

#[tokio::test]
async fn completing_under_a_condition_does_not_replace_what_is_there() {
    let server = Server::start().await;
    let (upload, parts) = upload_parts(&server, "k", &[b"one"]).await;
    server.put("k", b"before").await;
    let done = complete(&server, "k", &upload, parts.clone()).if_none_match("*").send().await;
    assert_eq!(refusal(done), refused(412, "PreconditionFailed"));
    assert_eq!(server.bytes("k").await, b"before");
    server.client.delete_object().bucket(BUCKET).key("k").send().await.unwrap();
    complete(&server, "k", &upload, parts).if_none_match("*").send().await.unwrap();
    assert_eq!(server.bytes("k").await, b"one");
}

#[tokio::test]
async fn completing_checks_what_the_client_expects_of_the_whole() {
    let server = Server::start().await;
    let (upload, parts) = upload_parts(&server, "k", &[b"one"]).await;
    let done = complete(&server, "k", &upload, parts.clone()).mpu_object_size(4).send().await;
    assert_eq!(refusal(done), refused(400, "InvalidRequest"));
    let done = complete(&server, "k", &upload, parts.clone())
        .checksum_sha256(composite_sha256(&[b"two"]))
        .send()
        .await;
    assert_eq!(refusal(done), refused(400, "BadDigest"));
    let done = complete(&server, "k", &upload, parts)
        .checksum_sha256(composite_sha256(&[b"one"]))
        .mpu_object_size(3);
    done.send().await.unwrap();
}

#[tokio::test]
async fn the_defaults_of_the_sdk_work_too() {
    let server = Server::start().await;
    let bytes = pattern(5 * MIB + 5);
    let begun =
        server.client.create_multipart_upload().bucket(BUCKET).key("k").send().await.unwrap();
    let upload = begun.upload_id.unwrap();
    let mut parts = Vec::new();
    for (number, bytes) in [(1, &bytes[..5 * MIB]), (2, &bytes[5 * MIB..])] {
        let part = server
            .client
            .upload_part()
            .bucket(BUCKET)
            .key("k")
            .upload_id(&upload)
            .part_number(number);
        let part = part.body(bytes.to_vec().into()).send().await.unwrap();
        let part = CompletedPart::builder()
            .part_number(number)
            .set_e_tag(part.e_tag)
            .set_checksum_crc32(part.checksum_crc32)
            .build();
        parts.push(part);
    }
    complete(&server, "k", &upload, parts).send().await.unwrap();
    assert!(server.bytes("k").await == bytes);
}

#[tokio::test]
async fn a_crc64nvme_of_parts_is_that_of_the_full_object() {
    let server = Server::start().await;
    let bytes = pattern(5 * MIB + 5);
    let begin = server.client.create_multipart_upload().bucket(BUCKET).key("k");
    let upload = begin
        .checksum_algorithm(ChecksumAlgorithm::Crc64Nvme)
        .send()
        .await
        .unwrap()
        .upload_id
        .unwrap();
    let mut parts = Vec::new();
    for (number, bytes) in [(1, &bytes[..5 * MIB]), (2, &bytes[5 * MIB..])] {
        let part = server
            .client
            .upload_part()
            .bucket(BUCKET)
            .key("k")
            .upload_id(&upload)
            .part_number(number);
        let part =
            part.checksum_algorithm(ChecksumAlgorithm::Crc64Nvme).body(bytes.to_vec().into());
        let part = part.send().await.unwrap();
        parts.push(CompletedPart::builder().part_number(number).set_e_tag(part.e_tag).build());
    }
    let done = complete(&server, "k", &upload, parts).send().await.unwrap();
    assert_eq!(done.checksum_type(), Some(&ChecksumType::FullObject));
    let put = server.client.put_object().bucket(BUCKET).key("put").body(bytes.into());
    let put = put.checksum_algorithm(ChecksumAlgorithm::Crc64Nvme).send().await.unwrap();
    assert_eq!(done.checksum_crc64_nvme(), put.checksum_crc64_nvme());
    assert!(done.checksum_crc64_nvme().is_some());
}

#[tokio::test]
async fn a_full_object_sha256_of_parts_does_not_exist() {
    let server = Server::start().await;
    let begin = server.client.create_multipart_upload().bucket(BUCKET).key("k");
    let begin =
        begin.checksum_algorithm(ChecksumAlgorithm::Sha256).checksum_type(ChecksumType::FullObject);
    assert_eq!(refusal(begin.send().await), refused(400, "InvalidRequest"));
}

#[tokio::test]
async fn uploads_are_listed_page_by_page_until_they_end() {
    let server = Server::start().await;
    let mut expected = Vec::new();
    for key in ["a", "b", "b", "c", "other"] {
        expected.push((key.to_owned(), begin(&server, key).await));
    }
    let done = expected.pop().unwrap();
    let abort =
        server.client.abort_multipart_upload().bucket(BUCKET).key("other").upload_id(done.1);
    abort.send().await.unwrap();

    let (mut seen, mut markers) = (Vec::new(), (None, None));
    loop {
        let list = server.client.list_multipart_uploads().bucket(BUCKET).max_uploads(2);
        let page =
            list.set_key_marker(markers.0).set_upload_id_marker(markers.1).send().await.unwrap();
        for upload in page.uploads() {
            seen.push((upload.key().unwrap().to_owned(), upload.upload_id().unwrap().to_owned()));
        }
        if page.is_truncated() != Some(true) {
            break;
        }
        markers = (page.next_key_marker, page.next_upload_id_marker);
    }
    assert_eq!(seen, expected);

    let list =
        server.client.list_multipart_uploads().bucket(BUCKET).prefix("b").send().await.unwrap();
    assert_eq!(list.uploads().len(), 2);
    let list =
        server.client.list_multipart_uploads().bucket(BUCKET).key_marker("b").send().await.unwrap();
    assert_eq!(
        list.uploads().iter().map(|upload| upload.key().unwrap()).collect::<Vec<_>>(),
        ["c"]
    );
}
