use aws_sdk_s3::types::{Delete, ObjectIdentifier};

use crate::support::{BUCKET, Server, refusal, refused};

#[tokio::test]
async fn a_deleted_object_and_its_bytes_are_gone() {
    let server = Server::start().await;
    server.put("k", b"hello").await;
    server.client.delete_object().bucket(BUCKET).key("k").send().await.unwrap();
    assert!(!server.exists("k").await);
    assert_eq!(server.blob_files(), [""; 0]);
}

#[tokio::test]
async fn deleting_what_is_not_there_succeeds() {
    let server = Server::start().await;
    server.client.delete_object().bucket(BUCKET).key("k").send().await.unwrap();
}

#[tokio::test]
async fn a_delete_under_a_condition_spares_other_versions() {
    let server = Server::start().await;
    server.put("k", b"hello").await;
    let delete = server.client.delete_object().bucket(BUCKET).key("k").if_match("\"00\"");
    assert_eq!(refusal(delete.send().await), refused(412, "PreconditionFailed"));
    assert!(server.exists("k").await);
}

#[tokio::test]
async fn many_keys_are_deleted_at_once() {
    let server = Server::start().await;
    for key in ["a", "b", "c"] {
        server.put(key, b"hello").await;
    }
    let named =
        ["a", "c", "absent"].map(|key| ObjectIdentifier::builder().key(key).build().unwrap());
    let delete = Delete::builder().set_objects(Some(named.to_vec())).build().unwrap();
    let answer = server.client.delete_objects().bucket(BUCKET).delete(delete).send().await.unwrap();
    let deleted: Vec<_> = answer.deleted().iter().filter_map(|object| object.key()).collect();
    assert_eq!(deleted, ["a", "c", "absent"]);
    assert!(answer.errors().is_empty());
    assert!(!server.exists("a").await && server.exists("b").await && !server.exists("c").await);
}
