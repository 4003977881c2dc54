use crate::{
    multipart::{begin, complete, upload_part, upload_parts},
    support::{BUCKET, MIB, Server, composite_sha256, pattern, refusal, refused, sha256},
};

#[tokio::test]
async fn a_part_with_a_wrong_checksum_is_not_kept() {
    let server = Server::start().await;
    let upload = begin(&server, "k").await;
    let part =
        server.client.upload_part().bucket(BUCKET).key("k").upload_id(&upload).part_number(1);
    let part = part.checksum_sha256(sha256(b"other")).body(b"one".to_vec().into()).send().await;
    assert_eq!(refusal(part), refused(400, "BadDigest"));
    let listed =
        server.client.list_parts().bucket(BUCKET).key("k").upload_id(&upload).send().await.unwrap();
    assert!(listed.parts().is_empty());
    assert_eq!(server.blob_files(), [""; 0]);
}

#[tokio::test]
async fn a_part_must_bring_the_checksum_its_upload_is_about() {
    let server = Server::start().await;
    let upload = begin(&server, "k").await;
    // The SDK sends a CRC32 of its own accord.
    let part =
        server.client.upload_part().bucket(BUCKET).key("k").upload_id(&upload).part_number(1);
    let part = part.body(b"one".to_vec().into()).send().await;
    assert_eq!(refusal(part), refused(400, "InvalidRequest"));
}

#[tokio::test]
async fn a_part_replaces_the_one_of_its_number() {
    let server = Server::start().await;
    let (upload, _) = upload_parts(&server, "k", &[b"one"]).await;
    let part = upload_part(&server, "k", &upload, 1, b"other").await;
    assert_eq!(server.blob_files().len(), 1);
    complete(&server, "k", &upload, vec![part]).send().await.unwrap();
    assert_eq!(server.bytes("k").await, b"other");
}

#[tokio::test]
async fn part_numbers_are_one_to_ten_thousand() {
    let server = Server::start().await;
    let upload = begin(&server, "k").await;
    for number in [0, 10_001] {
        let part = server
            .client
            .upload_part()
            .bucket(BUCKET)
            .key("k")
            .upload_id(&upload)
            .part_number(number);
        let part = part.checksum_sha256(sha256(b"one")).body(b"one".to_vec().into()).send().await;
        assert_eq!(refusal(part), refused(400, "InvalidArgument"));
    }
    upload_part(&server, "k", &upload, 10_000, b"one").await;
}

#[tokio::test]
async fn parts_are_listed_page_by_page() {
    let server = Server::start().await;
    let (upload, _) = upload_parts(&server, "k", &[b"1", b"22", b"333", b"4444", b"55555"]).await;
    let (mut seen, mut marker) = (Vec::new(), None);
    loop {
        let list =
            server.client.list_parts().bucket(BUCKET).key("k").upload_id(&upload).max_parts(2);
        let page = list.set_part_number_marker(marker).send().await.unwrap();
        assert!(page.parts().len() <= 2);
        seen.extend(
            page.parts().iter().map(|part| (part.part_number().unwrap(), part.size().unwrap())),
        );
        assert!(
            page.parts()
                .iter()
                .all(|part| part.checksum_sha256().is_some() && part.e_tag().is_some())
        );
        if page.is_truncated() != Some(true) {
            break;
        }
        marker = page.next_part_number_marker;
    }
    assert_eq!(seen, [(1, 1), (2, 2), (3, 3), (4, 4), (5, 5)]);
}

#[tokio::test]
async fn parts_are_copied_from_ranges_without_copying_bytes() {
    let server = Server::start().await;
    let bytes = pattern(6 * MIB);
    server.put("from", &bytes).await;
    let upload = begin(&server, "to").await;
    let cut = 5 * MIB;
    let mut parts = Vec::new();
    for (number, range) in
        [(1, format!("bytes=0-{}", cut - 1)), (2, format!("bytes={cut}-{}", 6 * MIB - 1))]
    {
        let copy = server
            .client
            .upload_part_copy()
            .bucket(BUCKET)
            .key("to")
            .upload_id(&upload)
            .part_number(number);
        let copied = copy.copy_source("bucket/from").copy_source_range(range).send().await.unwrap();
        let result = copied.copy_part_result().unwrap();
        let part = aws_sdk_s3::types::CompletedPart::builder().part_number(number);
        let part = part
            .set_e_tag(result.e_tag.clone())
            .set_checksum_sha256(result.checksum_sha256.clone());
        parts.push(part.build());
    }
    assert_eq!(server.blob_files().len(), 1);
    let done = complete(&server, "to", &upload, parts).send().await.unwrap();
    assert_eq!(
        done.checksum_sha256(),
        Some(composite_sha256(&[&bytes[..cut], &bytes[cut..]]).as_str())
    );
    server.client.delete_object().bucket(BUCKET).key("from").send().await.unwrap();
    assert!(server.bytes("to").await == bytes);
}

#[tokio::test]
async fn a_part_may_be_a_whole_object() {
    let server = Server::start().await;
    server.put("from", b"hello").await;
    let upload = begin(&server, "to").await;
    let copy =
        server.client.upload_part_copy().bucket(BUCKET).key("to").upload_id(&upload).part_number(1);
    let copied = copy.copy_source("bucket/from").send().await.unwrap();
    assert_eq!(
        copied.copy_part_result().unwrap().checksum_sha256(),
        Some(sha256(b"hello").as_str())
    );
}

#[tokio::test]
async fn a_part_is_copied_only_from_the_known_version_and_from_inside_it() {
    let server = Server::start().await;
    server.put("from", b"hello").await;
    let upload = begin(&server, "to").await;
    let copy = || {
        let copy = server.client.upload_part_copy().bucket(BUCKET).key("to").upload_id(&upload);
        copy.part_number(1).copy_source("bucket/from")
    };
    let changed = copy().copy_source_if_match("\"00\"").send().await;
    assert_eq!(refusal(changed), refused(412, "PreconditionFailed"));
    for range in ["bytes=0-5", "bytes=2-", "0-1"] {
        let outside = copy().copy_source_range(range).send().await;
        assert_eq!(refusal(outside), refused(400, "InvalidArgument"), "{range}");
    }
    let listed = server
        .client
        .list_parts()
        .bucket(BUCKET)
        .key("to")
        .upload_id(&upload)
        .send()
        .await
        .unwrap();
    assert!(listed.parts().is_empty());
}
