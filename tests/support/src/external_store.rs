//! Object stores that are not the embedded S3: ministack's S3, which shares no code with ours, and
//! ours as Google Cloud Storage.

use std::net::SocketAddr;

use aws_sdk_s3::Client;
use slipway_aws::{Clients, Local, ObjectStore};
use slipway_edge::ArtifactStore;
use slipway_local::artifact_storage::ExternalStore;
use slipway_local_s3::{Credentials, Dialect, Store};
use slipway_storage::{INCOMING, StoreTraits};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::ministack::Ministack;

/// Name of the bucket.
const BUCKET: &str = "artifacts-elsewhere";

/// A store of its own for a test. It ends with this value.
pub struct ExternalStoreServer {
    /// How a stack is told of it.
    pub store: ExternalStore,
    /// A client for it.
    pub client: Client,
    _server: Server,
}

/// What serves it.
enum Server {
    Ministack { _process: Ministack },
    Embedded { task: JoinHandle<()>, _directory: TempDir },
}

impl ExternalStoreServer {
    /// ministack's S3. Nothing, where there is no ministack, which CI has: this says so.
    pub async fn ministack() -> Option<Self> {
        let ministack = Ministack::start("s3")?;
        let store = at(ministack.url.clone(), StoreTraits::S3_COMPATIBLE);
        ministack.answers(async || client(&store).list_buckets().send().await.is_ok()).await;
        Some(Self::with_bucket(store, Server::Ministack { _process: ministack }).await)
    }

    /// The embedded S3 as Google Cloud Storage.
    pub async fn gcs() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let files = Store::open(directory.path(), INCOMING).expect("a store");
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let address: SocketAddr = listener.local_addr().expect("an address");
        let store = at(format!("http://{address}"), StoreTraits::GCS);
        let elsewhere = store.store.elsewhere.clone().expect("a place");
        let credentials = Credentials {
            access_key_id: elsewhere.access_key_id,
            secret_access_key: elsewhere.secret_access_key,
        };
        let serving = slipway_local_s3::serve_dialect(
            Dialect::Gcs,
            listener,
            files,
            credentials,
            std::future::pending(),
        );
        let task = tokio::spawn(async move { serving.await.expect("it serves") });
        Self::with_bucket(store, Server::Embedded { task, _directory: directory }).await
    }

    async fn with_bucket(store: ExternalStore, server: Server) -> Self {
        let client = client(&store);
        client.create_bucket().bucket(BUCKET).send().await.expect("a bucket");
        Self { store, client, _server: server }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Self::Embedded { task, .. } = self {
            task.abort();
        }
    }
}

/// The bucket at `endpoint_url`, in a store that tells nobody of objects that arrive.
fn at(endpoint_url: String, traits: StoreTraits) -> ExternalStore {
    let elsewhere = ObjectStore {
        endpoint_url,
        region: "us-east-1".to_owned(),
        path_style: true,
        // The one pair of keys that ministack knows, and checks signatures of presigned URLs with.
        access_key_id: "test".to_owned(),
        secret_access_key: "test".to_owned(),
    };
    let store = ArtifactStore { traits, elsewhere: Some(elsewhere) };
    ExternalStore { store, bucket: BUCKET.to_owned() }
}

/// The client that functions have for `store`.
fn client(store: &ExternalStore) -> Client {
    // Nothing but S3 is asked.
    let nowhere = Local {
        dynamodb_url: String::new(),
        s3_url: String::new(),
        s3_public_url: None,
        lambda_url: String::new(),
        access_key_id: String::new(),
        secret_access_key: String::new(),
    };
    (*store.store.reached_by(Clients::local(&nowhere)).s3).clone()
}
