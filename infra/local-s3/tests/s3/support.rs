//! A server of its own for every test.

use std::{fmt::Debug, fs, future::Future, net::SocketAddr, path::Path, time::Duration};

use aws_sdk_s3::{
    Client,
    config::{BehaviorVersion, Credentials, Region, retry::RetryConfig},
    error::{ProvideErrorMetadata, SdkError},
    primitives::ByteStream,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha256};
use slipway_local_s3::{Store, serve};
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

pub const BUCKET: &str = "bucket";
pub const ACCESS_KEY: &str = "local-access-key";
pub const SECRET_KEY: &str = "local-secret-key";
pub const MIB: usize = 1024 * 1024;

/// A running server and a client for it.
pub struct Server {
    pub client: Client,
    pub address: SocketAddr,
    pub store: Store,
    pub dir: TempDir,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Server {
    /// Starts with the one bucket that most tests want.
    pub async fn start() -> Self {
        let server = Self::start_in(TempDir::new().unwrap()).await;
        server.client.create_bucket().bucket(BUCKET).send().await.unwrap();
        server
    }

    pub async fn start_in(dir: TempDir) -> Self {
        let store = open(dir.path()).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let served = serve(listener, store.clone(), credentials(), async {
            let _ = stopped.await;
        });
        let task = tokio::spawn(async { served.await.unwrap() });
        Self { client: client(address), address, store, dir, stop, task }
    }

    /// Stops, and starts again from what is on disk.
    pub async fn restart(self) -> Self {
        let Self { client, store, dir, stop, task, .. } = self;
        drop((client, store));
        stop.send(()).unwrap();
        task.await.unwrap();
        Self::start_in(dir).await
    }

    pub async fn put(&self, key: &str, bytes: &[u8]) -> String {
        let put = self
            .client
            .put_object()
            .bucket(BUCKET)
            .key(key)
            .body(body(bytes))
            .send()
            .await
            .unwrap();
        put.e_tag.unwrap()
    }

    pub async fn bytes(&self, key: &str) -> Vec<u8> {
        let got = self.client.get_object().bucket(BUCKET).key(key).send().await.unwrap();
        got.body.collect().await.unwrap().to_vec()
    }

    pub async fn exists(&self, key: &str) -> bool {
        match self.client.head_object().bucket(BUCKET).key(key).send().await {
            Ok(_) => true,
            Err(error) if status(&error) == 404 => false,
            Err(error) => panic!("{error:?}"),
        }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}/{BUCKET}/{path}", self.address)
    }

    /// The files that hold bytes, whole or not.
    pub fn blob_files(&self) -> Vec<String> {
        blob_files(self.dir.path())
    }
}

pub fn blob_files(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir.join("blobs")).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// Opens the store, giving one that is being closed a moment to let go.
pub async fn open(dir: &Path) -> Store {
    for _ in 0..100 {
        match Store::open(dir, "incoming/") {
            Ok(store) => return store,
            Err(slipway_local_s3::Error::InUse(_)) => {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            Err(error) => panic!("{error}"),
        }
    }
    panic!("the store stayed in use");
}

pub fn credentials() -> slipway_local_s3::Credentials {
    slipway_local_s3::Credentials {
        access_key_id: ACCESS_KEY.to_owned(),
        secret_access_key: SECRET_KEY.to_owned(),
    }
}

/// A client that asks nobody but the server: credentials, region and endpoint are given.
pub fn client(address: SocketAddr) -> Client {
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new(ACCESS_KEY, SECRET_KEY, None, None, "test"))
        .endpoint_url(format!("http://{address}"))
        .force_path_style(true)
        .retry_config(RetryConfig::disabled())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    Client::from_conf(config)
}

pub fn http() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

pub fn body(bytes: &[u8]) -> ByteStream {
    ByteStream::from(bytes.to_vec())
}

/// Bytes that differ from one another, so that a wrong offset shows.
pub fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|index| u8::try_from((index * 31 + index / 251) % 256).unwrap()).collect()
}

pub fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

pub fn sha256(bytes: &[u8]) -> String {
    base64(&Sha256::digest(bytes))
}

/// The composite SHA-256 of an upload in parts.
pub fn composite_sha256(parts: &[&[u8]]) -> String {
    let digests: Vec<u8> = parts.iter().flat_map(|part| Sha256::digest(part).to_vec()).collect();
    format!("{}-{}", sha256(&digests), parts.len())
}

/// The status and the code of what must be a refusal.
pub fn refusal<T: Debug, E: ProvideErrorMetadata + Debug>(
    result: Result<T, SdkError<E>>,
) -> (u16, String) {
    let error = result.expect_err("this must be refused");
    (status(&error), error.code().unwrap_or_default().to_owned())
}

pub fn refused(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

pub fn status<E: Debug>(error: &SdkError<E>) -> u16 {
    error.raw_response().unwrap_or_else(|| panic!("no answer: {error:?}")).status().as_u16()
}

/// Fails instead of hanging.
pub async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(10), future).await.expect("this must not take so long")
}
