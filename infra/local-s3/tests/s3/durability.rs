//! What a killed process leaves behind. The killing is real: the server runs in a child process,
//! which is this test binary.

use std::{
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use slipway_local_s3::{Error, Store, serve};
use tempfile::TempDir;
use tokio::net::TcpListener;

use crate::{
    multipart::{complete, upload_parts},
    support::{BUCKET, Server, blob_files, body, client, credentials, open, pattern, soon},
};

const DIR: &str = "SLIPWAY_LOCAL_S3_TEST_DIR";

/// The child process.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "started by the tests that kill it"]
async fn child_that_serves_until_it_is_killed() {
    let Some(dir) = std::env::var_os(DIR) else { return };
    let store = open(Path::new(&dir)).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("\nlistening {}", listener.local_addr().unwrap());
    serve(listener, store, credentials(), std::future::pending()).await.unwrap();
}

fn start_child(dir: &Path) -> (Child, SocketAddr) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--ignored",
            "--exact",
            "--nocapture",
            "durability::child_that_serves_until_it_is_killed",
        ])
        .env(DIR, dir)
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let address = lines.find_map(|line| {
        line.unwrap().strip_prefix("listening ").map(|text| text.parse().unwrap())
    });
    (child, address.unwrap())
}

fn kill(mut child: Child) {
    // SIGKILL on Unix.
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Of every object, its length tells its bytes.
fn bytes_of(length: usize) -> Vec<u8> {
    pattern(length)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killing_the_server_loses_nothing_acknowledged_and_shows_nothing_half_written() {
    let dir = TempDir::new().unwrap();
    let (child, address) = start_child(dir.path());
    client(address).create_bucket().bucket(BUCKET).send().await.unwrap();
    let acknowledged = Arc::new(Mutex::new(Vec::new()));
    let writers: Vec<_> = (0..4)
        .map(|writer| {
            let acknowledged = Arc::clone(&acknowledged);
            tokio::spawn(async move {
                let client = client(address);
                for number in 0.. {
                    let key = format!("incoming/{writer}/{number}");
                    let length = (number * 7919 + writer * 1013) % 700_000;
                    let put =
                        client.put_object().bucket(BUCKET).key(&key).body(body(&bytes_of(length)));
                    match put.send().await {
                        Ok(_) => acknowledged.lock().unwrap().push((key, length)),
                        Err(_) => break,
                    }
                }
            })
        })
        .collect();
    soon(async {
        while acknowledged.lock().unwrap().len() < 60 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    kill(child);
    for writer in writers {
        writer.await.unwrap();
    }

    let server = Server::start_in(dir).await;
    let acknowledged = acknowledged.lock().unwrap().clone();
    for (key, length) in &acknowledged {
        assert!(server.bytes(key).await == bytes_of(*length), "{key}");
    }
    let listed = server.client.list_objects_v2().bucket(BUCKET).send().await.unwrap();
    assert!(listed.contents().len() >= acknowledged.len());
    for object in listed.contents() {
        let length = usize::try_from(object.size().unwrap()).unwrap();
        assert!(server.bytes(object.key().unwrap()).await == bytes_of(length), "{object:?}");
    }
    assert_eq!(server.blob_files().len(), listed.contents().len(), "no file belongs to nothing");
    for _ in listed.contents() {
        soon(server.store.next_event()).await.expect("every object is announced");
    }
}

#[tokio::test]
async fn a_body_in_flight_when_the_server_is_killed_leaves_nothing() {
    let dir = TempDir::new().unwrap();
    let (child, address) = start_child(dir.path());
    let client = client(address);
    client.create_bucket().bucket(BUCKET).send().await.unwrap();
    let put = client.put_object().bucket(BUCKET).key("k").body(body(&pattern(64 * 1024 * 1024)));
    let put = tokio::spawn(put.send());
    soon(async {
        while blob_files(dir.path()).is_empty() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    })
    .await;
    kill(child);
    let outcome = put.await.unwrap();
    assert_eq!(
        blob_files(dir.path()).len(),
        1,
        "the kill must come in the middle for this test to mean anything"
    );

    let server = Server::start_in(dir).await;
    assert_eq!(server.exists("k").await, outcome.is_ok());
    assert_eq!(server.blob_files().len(), usize::from(outcome.is_ok()));
}

#[tokio::test]
async fn everything_is_there_after_a_restart() {
    let server = Server::start().await;
    server.put("a", b"hello").await;
    let (upload, parts) = upload_parts(&server, "b", &[b"one"]).await;
    let server = server.restart().await;
    assert_eq!(server.bytes("a").await, b"hello");
    complete(&server, "b", &upload, parts).send().await.unwrap();
    assert_eq!(server.bytes("b").await, b"one");
}

#[tokio::test]
async fn files_that_belong_to_nothing_are_swept_at_the_opening() {
    let server = Server::start().await;
    server.put("k", b"hello").await;
    for name in ["0123.tmp", "0123"] {
        std::fs::write(server.dir.path().join("blobs").join(name), "left behind").unwrap();
    }
    let server = server.restart().await;
    assert_eq!(server.blob_files().len(), 1);
    assert_eq!(server.bytes("k").await, b"hello");
}

#[tokio::test]
async fn a_directory_is_open_in_one_place_at_a_time() {
    let server = Server::start().await;
    assert!(matches!(Store::open(server.dir.path(), "incoming/"), Err(Error::InUse(_))));
}

#[tokio::test]
async fn a_shutdown_lets_requests_in_flight_finish() {
    let server = Server::start().await;
    let bytes = pattern(8 * 1024 * 1024);
    server.put("k", &bytes).await;
    let mut reading = server.client.get_object().bucket(BUCKET).key("k").send().await.unwrap().body;
    let mut read = reading.next().await.unwrap().unwrap().to_vec();
    let restarted = tokio::spawn(server.restart());
    while let Some(chunk) = reading.next().await {
        read.extend_from_slice(&chunk.unwrap());
    }
    assert!(read == bytes);
    soon(restarted).await.unwrap();
}
