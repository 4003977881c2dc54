//! Requests to the origin and to where it leads. Redirects are followed one by one, each under the
//! same rules.

use std::path::Path;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{AUTHORIZATION, CONTENT_TYPE, LOCATION, RANGE, USER_AGENT};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::{Client as Pool, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use tokio::time::timeout;
use url::Url;

use super::fetch_policy::FetchPolicy;
use super::tls::client_config;
use crate::error::{CliError, Result};

/// How many redirects lead to an answer.
const MAX_REDIRECTS: usize = 5;
/// The longest document, 256 MiB: some hundred thousand releases.
const MAX_DOCUMENT: usize = 256 << 20;
/// The bytes that are on their way on a connection, beyond what is on the disk: what a mirror that
/// is killed has fetched in vain. Four connections bring 40 MB a second with that, from a server
/// that is 50 ms away.
const IN_FLIGHT: usize = 512 << 10;
/// What the mirror calls itself.
pub const AGENT: &str = concat!("slipway/", env!("CARGO_PKG_VERSION"));

/// Makes requests.
#[derive(Clone)]
pub struct Client {
    pool: Pool<HttpsConnector<HttpConnector>, Full<Bytes>>,
    allowed: FetchPolicy,
    token: Option<String>,
    silence: Duration,
}

/// The head of an answer, and its body to be read.
pub struct FetchResponse {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    body: Incoming,
    silence: Duration,
}

impl Client {
    /// Requests under the rules of `allowed`, with `token` at the origin, to servers that may be
    /// silent for `silence`.
    pub fn new(
        allowed: FetchPolicy,
        token: Option<String>,
        ca_file: Option<&Path>,
        silence: Duration,
    ) -> Result<Self> {
        let mut connector = HttpConnector::new();
        connector.enforce_http(false);
        connector.set_connect_timeout(Some(Duration::from_secs(10)));
        connector.set_recv_buffer_size(Some(IN_FLIGHT));
        let tls = HttpsConnectorBuilder::new().with_tls_config(client_config(ca_file)?);
        let pool = Pool::builder(TokioExecutor::new())
            .build(tls.https_or_http().enable_http1().wrap_connector(connector));
        Ok(Self { pool, allowed, token, silence })
    }

    /// GET, with redirects; from byte `start` on, where one is given.
    pub async fn get(&self, url: &Url, start: Option<u64>) -> Result<FetchResponse> {
        let mut url = url.clone();
        for _ in 0..=MAX_REDIRECTS {
            self.allowed.check(&url)?;
            let mut request = Request::builder().method(Method::GET).uri(url.as_str());
            if let Some(start) = start {
                request = request.header(RANGE, format!("bytes={start}-"));
            }
            let response = self.send(&url, request, Bytes::new()).await?;
            if !response.status.is_redirection() || response.status == StatusCode::NOT_MODIFIED {
                return Ok(response);
            }
            url = redirected(&url, &response.headers)?;
        }
        Err(CliError::RefusedUrl {
            url: FetchPolicy::without_query(&url),
            why: "more than five redirects lead there",
        })
    }

    /// POST of a JSON document to the origin, without redirects.
    pub async fn post(&self, url: &Url, json: Vec<u8>) -> Result<FetchResponse> {
        self.allowed.check(url)?;
        let request = Request::builder()
            .method(Method::POST)
            .uri(url.as_str())
            .header(CONTENT_TYPE, "application/json");
        self.send(url, request, json.into()).await
    }

    async fn send(
        &self,
        url: &Url,
        request: http::request::Builder,
        body: Bytes,
    ) -> Result<FetchResponse> {
        let mut request = request.header(USER_AGENT, AGENT);
        if let Some(token) = self.token.as_ref().filter(|_| self.allowed.is_origin(url)) {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        let request =
            request.body(Full::new(body)).map_err(|error| CliError::Other(error.to_string()))?;
        let host = url.host_str().unwrap_or_default();
        let response = timeout(self.silence, self.pool.request(request)).await;
        let response =
            response.map_err(|_| CliError::Unreachable(format!("{host} does not answer")))?;
        let response = response.map_err(|error| {
            CliError::Unreachable(format!("{host} can't be reached: {}", causes(&error)))
        })?;
        let (parts, body) = response.into_parts();
        Ok(FetchResponse {
            status: parts.status,
            headers: parts.headers,
            body,
            silence: self.silence,
        })
    }
}

impl FetchResponse {
    /// The next bytes of the body; none at its end.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>> {
        loop {
            let frame = timeout(self.silence, self.body.frame())
                .await
                .map_err(|_| CliError::Unreachable("the server has fallen silent".to_owned()))?;
            match frame {
                None => return Ok(None),
                Some(Err(error)) => {
                    return Err(CliError::Unreachable(format!(
                        "the connection broke: {}",
                        causes(&error)
                    )));
                }
                Some(Ok(frame)) => {
                    if let Ok(bytes) = frame.into_data() {
                        return Ok(Some(bytes));
                    }
                }
            }
        }
    }

    /// The whole body.
    pub async fn bytes(mut self) -> Result<Bytes> {
        let mut body = BytesMut::new();
        while let Some(chunk) = self.chunk().await? {
            if body.len() + chunk.len() > MAX_DOCUMENT {
                return Err(CliError::Malformed(format!("it is longer than {MAX_DOCUMENT} bytes")));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    }

    /// A header that is text.
    #[must_use]
    pub fn header(&self, name: http::HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

fn redirected(from: &Url, headers: &HeaderMap) -> Result<Url> {
    let location = headers.get(LOCATION).and_then(|value| value.to_str().ok());
    let location = location.and_then(|location| from.join(location).ok());
    location.ok_or_else(|| {
        CliError::Unreachable(format!(
            "{} redirects to nowhere",
            from.host_str().unwrap_or_default()
        ))
    })
}

/// An error with all its causes: the outermost alone says little.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
