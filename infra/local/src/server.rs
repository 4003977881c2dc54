//! An HTTP server: connections, their number, and their time.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use slipway_edge::Response;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{sleep, timeout};

use crate::engines::stopped;
use crate::gateway::Limits;

/// How long open requests may take when the stack stops.
const GRACE: Duration = Duration::from_secs(5);

/// Has `answer` answer requests until `stop` says otherwise; then those under way are answered.
pub async fn serve<A, F>(
    listener: TcpListener,
    limits: Limits,
    answer: A,
    stop: watch::Receiver<bool>,
) where
    A: Fn(http::Request<Incoming>) -> F + Clone + Send + 'static,
    F: Future<Output = Response> + Send + 'static,
{
    let mut server = auto::Builder::new(TokioExecutor::new());
    server.http1().timer(TokioTimer::new()).header_read_timeout(limits.head);
    let places = Arc::new(Semaphore::new(limits.connections));
    let graceful = GracefulShutdown::new();
    let mut stopped = std::pin::pin!(stopped(stop));
    loop {
        let (stream, peer, place) = tokio::select! {
            connected = connected(&listener, &places) => connected,
            () = &mut stopped => break,
        };
        let answer = answer.clone();
        let service = service_fn(move |mut request: http::Request<Incoming>| {
            request.extensions_mut().insert(peer);
            let response = answer(request);
            async move { Ok::<_, Infallible>(response.await.map(Full::<Bytes>::new)) }
        });
        let connection =
            graceful.watch(server.serve_connection(TokioIo::new(stream), service).into_owned());
        tokio::spawn(async move {
            // A connection that breaks is its client's affair.
            drop(connection.await);
            drop(place);
        });
    }
    if timeout(GRACE, graceful.shutdown()).await.is_err() {
        eprintln!("some connections were still open after {GRACE:?}");
    }
}

/// The next connection, once there is a place for it.
async fn connected(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> (TcpStream, IpAddr, Option<OwnedSemaphorePermit>) {
    // None would mean that the semaphore is closed, which nobody does.
    let place = Arc::clone(places).acquire_owned().await.ok();
    loop {
        if let Ok((stream, peer)) = listener.accept().await {
            // Answers are small: waiting to fill a packet only adds delay. Without it they are
            // slower, not wrong.
            let _ = stream.set_nodelay(true);
            return (stream, peer.ip(), place);
        }
        // Out of file descriptors, most likely: some will be free in a moment.
        sleep(Duration::from_millis(50)).await;
    }
}
