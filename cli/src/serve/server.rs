//! The server: routes, TLS, and its end.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use super::error::ServeError;
use super::identity::TlsIdentity;
use super::{artifact, documents};
use crate::error::{CliError, Result};
use crate::store::Store;

/// How long a client may take to say hello or what it wants, and open requests to end when the
/// mirror stops.
const GRACE: Duration = Duration::from_secs(10);

/// How connections are made.
pub enum Transport {
    /// With TLS.
    Https(TlsIdentity),
    /// Without: something in front of the mirror does that.
    Http,
}

fn routes(store: Store) -> Router {
    Router::new()
        .route("/v1/snapshots/latest", get(documents::latest))
        .route("/v1/snapshots/{snapshot_id}", get(documents::manifest))
        .route("/v1/snapshots/{snapshot_id}/bundle", get(documents::bundle))
        .route("/v1/keys", get(documents::keys))
        .route("/artifacts/{sha256}", get(artifact::artifact))
        .route("/health", get(documents::health))
        .fallback(async || ServeError::NotFound("path"))
        .method_not_allowed_fallback(async || ServeError::ReadOnly)
        .with_state(store)
}

/// Serves what is in `store` until the process is asked to end; `started` gets the address.
pub async fn serve(
    store: Store,
    listen: SocketAddr,
    transport: Transport,
    started: impl FnOnce(SocketAddr),
) -> Result<()> {
    let listener = TcpListener::bind(listen)
        .await
        .map_err(|error| CliError::Other(format!("can't listen on {listen}: {error}")))?;
    started(listener.local_addr().map_err(|error| CliError::Other(error.to_string()))?);
    let acceptor = match transport {
        Transport::Https(identity) => Some(TlsAcceptor::from(identity.config)),
        Transport::Http => None,
    };
    let (routes, graceful) = (routes(store), GracefulShutdown::new());
    let mut interrupted = std::pin::pin!(interrupted());
    loop {
        let stream = tokio::select! {
            verified = listener.accept() => verified,
            () = &mut interrupted => break,
        };
        match stream {
            Ok((stream, _)) => drop(tokio::spawn(converse(
                stream,
                acceptor.clone(),
                routes.clone(),
                graceful.watcher(),
            ))),
            // Out of file descriptors, most likely: some will be free in a moment.
            Err(_) => sleep(Duration::from_millis(50)).await,
        }
    }
    // What is still open after that is cut off: a client can go on where it was.
    drop(timeout(GRACE, graceful.shutdown()).await);
    Ok(())
}

async fn converse(
    stream: TcpStream,
    acceptor: Option<TlsAcceptor>,
    routes: Router,
    watcher: Watcher,
) {
    // Without it answers are slower, not wrong.
    let _ = stream.set_nodelay(true);
    match acceptor {
        None => answer(stream, routes, watcher).await,
        // Whoever does not get through the handshake is no client of ours.
        Some(acceptor) => {
            if let Ok(Ok(stream)) = timeout(GRACE, acceptor.accept(stream)).await {
                answer(stream, routes, watcher).await;
            }
        }
    }
}

async fn answer(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    routes: Router,
    watcher: Watcher,
) {
    // HTTP/1.1 and nothing else: its timer runs from the first moment, also for who never says a
    // word.
    let mut server = http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(GRACE);
    let connection =
        server.serve_connection(TokioIo::new(stream), TowerToHyperService::new(routes));
    // A connection that breaks is its client's affair.
    drop(watcher.watch(connection).await);
}

/// Resolves when the process is asked to end.
async fn interrupted() {
    #[cfg(unix)]
    if let Ok(mut terminate) =
        tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
    {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
        return;
    }
    drop(tokio::signal::ctrl_c().await);
}
