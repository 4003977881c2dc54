//! The door: HTTP/1.1 on a given listener.

use std::{future::Future, pin::pin, time::Duration};

use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use s3s::{
    HttpError, HttpResponse,
    service::{S3Service, S3ServiceBuilder},
};
use tokio::net::{TcpListener, TcpStream};

use crate::{
    Credentials, Dialect, Error, Store,
    service::{Service, StatusOverride},
    signed_headers,
};

/// How long requests in flight may go on after the shutdown was asked for. Cutting them off loses
/// nothing acknowledged.
const GRACE: Duration = Duration::from_secs(5);

/// How long to wait before accepting again after the system refused, for instance for want of file
/// descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves the store as Amazon S3: [`serve_dialect`].
///
/// # Errors
/// As [`serve_dialect`].
pub async fn serve(
    listener: TcpListener,
    store: Store,
    credentials: Credentials,
    shutdown: impl Future<Output = ()>,
) -> Result<(), Error> {
    serve_dialect(Dialect::S3, listener, store, credentials, shutdown).await
}

/// Serves the store in `dialect` on the listener until `shutdown` completes, then lets requests in flight
/// finish, for a few seconds at most.
///
/// Every request must be signed (`SigV4`, by header or by query) with `credentials`. Buckets are
/// addressed by path, so give clients `force_path_style`.
///
/// # Errors
/// None today: a connection that fails ends alone. The result leaves room for a listener that
/// cannot go on.
pub async fn serve_dialect(
    dialect: Dialect,
    listener: TcpListener,
    store: Store,
    credentials: Credentials,
    shutdown: impl Future<Output = ()>,
) -> Result<(), Error> {
    let protocol = protocol(store, credentials);
    let connections = GracefulShutdown::new();
    let mut shutdown = pin!(shutdown);
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => attend(stream, (dialect, protocol.clone()), &connections),
                Err(error) => {
                    tracing::warn!(%error, "connection not accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
            () = &mut shutdown => break,
        }
    }
    drop(listener);
    // Elapsed or not, the process may end now.
    let _ = tokio::time::timeout(GRACE, connections.shutdown()).await;
    Ok(())
}

fn protocol(store: Store, credentials: Credentials) -> S3Service {
    let mut builder = S3ServiceBuilder::new(Service::new(store));
    builder.set_auth(credentials);
    builder.build()
}

fn attend(
    stream: TcpStream,
    (dialect, protocol): (Dialect, S3Service),
    connections: &GracefulShutdown,
) {
    // Small answers must not wait for the client's delayed acknowledgement; a socket that cannot be
    // told works anyway.
    let _ = stream.set_nodelay(true);
    let connection = http1::Builder::new().timer(TokioTimer::new()).serve_connection(
        TokioIo::new(stream),
        service_fn(move |request| answer(dialect, protocol.clone(), request)),
    );
    let watched = connections.watch(connection);
    tokio::spawn(async move {
        if let Err(error) = watched.await {
            tracing::debug!(%error, "connection ended early");
        }
    });
}

async fn answer(
    dialect: Dialect,
    protocol: S3Service,
    request: http::Request<Incoming>,
) -> Result<HttpResponse, HttpError> {
    match signed_headers::check(&request).and_then(|()| dialect.check(&request)) {
        Ok(()) => protocol.call(request.map(s3s::Body::from)).await.map(with_status),
        Err(refusal) => refusal.to_http_response().map_err(|error| HttpError::new(Box::new(error))),
    }
}

fn with_status(mut response: HttpResponse) -> HttpResponse {
    if let Some(StatusOverride(status)) = response.extensions_mut().remove() {
        *response.status_mut() = status;
    }
    response
}
