//! API Gateway: finds the function for a request and hands the request to its handler.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use data_encoding::HEXLOWER;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use slipway_domain::Error;
use slipway_edge::clock::entropy;
use slipway_edge::frame::{self, Handled, MAX_BODY};
use slipway_edge::telemetry::LogRecord;
use slipway_edge::{HttpCode, Operation, Request, Response, Services};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use crate::engines::stopped;
use crate::stack::RequestLog;

/// How long open requests may take when the stack stops.
const GRACE: Duration = Duration::from_secs(5);

/// The functions behind an address.
pub struct Gateway {
    operations: Vec<Box<dyn Operation>>,
    services: Arc<Services>,
    log: RequestLog,
}

impl Gateway {
    /// All functions.
    #[must_use]
    pub fn new(services: Arc<Services>, log: RequestLog) -> Self {
        let mut operations = slipway_registry::operations();
        // As API Gateway has it, a path that is spelt out wins over one with parameters.
        operations.sort_by_key(|operation| operation.route().parameters().count());
        Self { operations, services, log }
    }

    async fn answer(&self, request: http::Request<Incoming>) -> Response {
        let request_id = entropy::<16>().map(|bytes| HEXLOWER.encode(&bytes)).unwrap_or_default();
        let request = match self.read(request, request_id.clone()).await {
            Ok(request) => request,
            Err(error) => return frame::reject(&error.into(), &request_id),
        };
        match self.find(&request) {
            Ok(operation) => {
                let Handled { response, record } =
                    frame::answer(operation, &self.services, &request).await;
                self.tell(&request, &record);
                response
            }
            Err(error) => frame::reject(&error.into(), &request_id),
        }
    }

    async fn read(
        &self,
        request: http::Request<Incoming>,
        request_id: String,
    ) -> Result<Request, Error<HttpCode>> {
        let (parts, body) = request.into_parts();
        let body = Limited::new(body, MAX_BODY).collect().await.map_err(|error| {
            if error.is::<LengthLimitError>() {
                return Error::new(
                    HttpCode::BodyTooLarge,
                    format!("the body is too large; at most {MAX_BODY} bytes are taken"),
                );
            }
            Error::new(HttpCode::MalformedJson, "the body ended early").because(error)
        })?;
        Ok(Request {
            method: parts.method.to_string(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            headers: parts.headers,
            body: body.to_bytes(),
            request_id,
            gateway_url: None,
        })
    }

    fn find(&self, request: &Request) -> Result<&dyn Operation, Error<HttpCode>> {
        let mut others = Vec::new();
        for operation in &self.operations {
            let route = operation.route();
            match route.match_path(&request.path) {
                Some(_) if route.verb.as_str() == request.method => return Ok(&**operation),
                Some(_) => others.push(route.verb.as_str()),
                None => {}
            }
        }
        if others.is_empty() {
            return Err(Error::new(
                HttpCode::NoSuchRoute,
                format!("there is nothing at {}; see /openapi.json", request.path),
            ));
        }
        Err(Error::new(
            HttpCode::MethodNotAllowed,
            format!("{} takes {}, not {}", request.path, others.join(", "), request.method),
        ))
    }

    fn tell(&self, request: &Request, record: &LogRecord) {
        if self.log == RequestLog::Lines {
            let status = record.status.unwrap_or_default();
            let error = record.error.as_ref().map(|error| format!("  {error}")).unwrap_or_default();
            eprintln!(
                "{:>6} {:<40} {status} {:>7.1} ms  {}{error}",
                request.method, request.path, record.duration_ms, record.op
            );
        }
    }
}

/// Serves requests until `stop` says otherwise; then those under way are answered.
pub async fn serve(listener: TcpListener, gateway: Arc<Gateway>, stop: watch::Receiver<bool>) {
    let server = auto::Builder::new(TokioExecutor::new());
    let graceful = GracefulShutdown::new();
    let stopped = stopped(stop);
    tokio::pin!(stopped);
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stopped => break,
        };
        let Ok((stream, _)) = stream else {
            // Out of file descriptors, most likely: some will be free in a moment.
            sleep(Duration::from_millis(50)).await;
            continue;
        };
        // Answers are small: waiting to fill a packet only adds delay. Without it they are slower,
        // not wrong.
        let _ = stream.set_nodelay(true);
        let gateway = Arc::clone(&gateway);
        let service = hyper::service::service_fn(move |request| {
            let gateway = Arc::clone(&gateway);
            async move {
                Ok::<_, std::convert::Infallible>(
                    gateway.answer(request).await.map(Full::<Bytes>::new),
                )
            }
        });
        let connection =
            graceful.watch(server.serve_connection(TokioIo::new(stream), service).into_owned());
        // A connection that breaks is its client's affair.
        tokio::spawn(async move { drop(connection.await) });
    }
    if timeout(GRACE, graceful.shutdown()).await.is_err() {
        eprintln!("some connections were still open after {GRACE:?}");
    }
}
