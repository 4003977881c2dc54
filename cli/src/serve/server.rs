//! The server: routes, TLS, and its end.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::middleware::from_fn;
use axum::routing::{get, post};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, timeout};
use tokio_rustls::TlsAcceptor;

use super::documents::Served;
use super::error::ServeError;
use super::identity::TlsIdentity;
use super::stall::StallTimeout;
use super::{artifact, decision, documents, unread_body};
use crate::config::ServeConfig;
use crate::error::{CliError, Result};

/// How long a client may take to say hello or what it wants, and open requests to end when the
/// mirror stops.
pub const GRACE: Duration = Duration::from_secs(10);
/// How often it is told that there are too many connections.
const WARNING_EVERY: Duration = Duration::from_mins(1);

/// What waits to be sent to one client, in the system's memory. It is bounded so that a client that
/// takes some bytes a second is seen to do so: the system tells of progress in pieces of this size.
const SEND_BUFFER: u32 = 256 << 10;
/// What waits to be sent to one client, in the mirror's own memory, and the longest head of a
/// request.
const BUFFER: usize = 64 << 10;

fn routes(contents: Served) -> Router {
    Router::new()
        .route("/v1/snapshots/latest", get(documents::latest))
        .route("/v1/snapshots/{snapshot_id}", get(documents::manifest))
        .route("/v1/snapshots/{snapshot_id}/bundle", get(documents::bundle))
        .route("/v1/keys", get(documents::keys))
        .route("/v1/decision-keys", get(decision::keys))
        .route("/artifacts/{sha256}", get(artifact::artifact))
        .route("/health", get(documents::health))
        .fallback(async || ServeError::NotFound("path"))
        .method_not_allowed_fallback(async || ServeError::ReadOnly)
        .route("/v1/decision", post(decision::decide).fallback(async || ServeError::PostOnly))
        .with_state(contents)
        .layer(from_fn(unread_body::discard))
}

/// Serves `contents` until the process is asked to end, with TLS where there is an identity
/// for it; `started` gets the address.
pub async fn serve(
    contents: Served,
    config: &ServeConfig,
    tls: Option<TlsIdentity>,
    started: impl FnOnce(SocketAddr),
) -> Result<()> {
    let listener = listen(config.listen)
        .map_err(|error| CliError::Other(format!("can't listen on {}: {error}", config.listen)))?;
    started(listener.local_addr().map_err(|error| CliError::Other(error.to_string()))?);
    let server = Server {
        acceptor: tls.map(|identity| TlsAcceptor::from(identity.config)),
        routes: routes(contents),
        client_timeout: config.client_timeout,
    };
    let graceful = GracefulShutdown::new();
    tokio::select! {
        never = server.accept(&listener, config.max_connections, &graceful) => match never {},
        () = interrupted() => {}
    }
    // What is still open after that is cut off: a client can go on where it was.
    drop(timeout(GRACE, graceful.shutdown()).await);
    Ok(())
}

/// A listener whose connections have a bounded send buffer.
fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.set_send_buffer_size(SEND_BUFFER)?;
    socket.bind(address)?;
    socket.listen(1024)
}

/// How each connection is answered.
#[derive(Clone)]
struct Server {
    acceptor: Option<TlsAcceptor>,
    routes: Router,
    client_timeout: Duration,
}

impl Server {
    /// Takes connections, so many at once. Further ones wait in the system's queue until one ends:
    /// none is refused, and silent ones end soon.
    async fn accept(
        &self,
        listener: &TcpListener,
        most: usize,
        graceful: &GracefulShutdown,
    ) -> Infallible {
        let (slots, mut warned) = (Arc::new(Semaphore::new(most)), None);
        loop {
            if slots.available_permits() == 0 && warned.is_none_or(|at| Instant::now() > at) {
                eprintln!("slipway: all {most} connections are in use; further clients wait");
                warned = Some(Instant::now() + WARNING_EVERY);
            }
            let slot = Arc::clone(&slots).acquire_owned().await;
            match listener.accept().await {
                Ok((stream, _)) => {
                    let (server, watcher) = (self.clone(), graceful.watcher());
                    drop(tokio::spawn(async move {
                        server.converse(stream, watcher).await;
                        drop(slot);
                    }));
                }
                // Out of file descriptors, most likely: some will be free in a moment.
                Err(_) => sleep(Duration::from_millis(50)).await,
            }
        }
    }

    async fn converse(self, stream: TcpStream, watcher: Watcher) {
        // Without it answers are slower, not wrong.
        let _ = stream.set_nodelay(true);
        let stream = StallTimeout::new(stream, self.client_timeout);
        match self.acceptor {
            None => answer(stream, self.routes, watcher).await,
            // Whoever does not get through the handshake is no client of ours.
            Some(acceptor) => {
                if let Ok(Ok(stream)) = timeout(GRACE, acceptor.accept(stream)).await {
                    answer(stream, self.routes, watcher).await;
                }
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
    server.timer(TokioTimer::new()).header_read_timeout(GRACE).max_buf_size(BUFFER);
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
