//! Requests. Redirects are followed one by one, each under the same rules.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, LOCATION, RANGE, USER_AGENT};
use http::{HeaderMap, HeaderValue, Method, Request};
use http_body_util::Full;
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::{Client as Pool, Error as PoolError};
use hyper_util::rt::TokioExecutor;
use tokio::time::Instant;
use url::Url;

use crate::connector::{Connector, Dialer, InternalAddress, Resolve, SystemResolver};
use crate::error::{Error, Result, causes};
use crate::fetch::Fetch;
use crate::limits::Limits;
use crate::policy::FetchPolicy;
use crate::proxy::Proxy;
use crate::response::Response;
use crate::timer::{Stage, Timer};
use crate::tls::{TrustRoots, client_config};

/// A credential for the origin (RFC 6750). It shows nowhere.
#[derive(Clone)]
pub struct BearerToken(HeaderValue);

impl BearerToken {
    /// The token as a header has it.
    ///
    /// # Errors
    /// [`Error::Invalid`], where it has characters that no header may have.
    pub fn new(token: &str) -> Result<Self> {
        let mut value = HeaderValue::from_str(&format!("Bearer {token}"))
            .map_err(|_| Error::Invalid("a token is printable ASCII without blanks".to_owned()))?;
        value.set_sensitive(true);
        Ok(Self(value))
    }
}

impl fmt::Debug for BearerToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("BearerToken(..)")
    }
}

/// What a client is made of.
pub struct ClientBuilder {
    policy: FetchPolicy,
    limits: Limits,
    user_agent: HeaderValue,
    token: Option<BearerToken>,
    ca_file: Option<PathBuf>,
    trust_roots: TrustRoots,
    proxy: Option<Proxy>,
    resolver: Arc<dyn Resolve>,
}

/// Makes requests, under a policy and within limits. Cheap to clone; clones share connections.
#[derive(Clone)]
pub struct Client {
    pool: Pool<Connector, Full<Bytes>>,
    policy: Arc<FetchPolicy>,
    limits: Arc<Limits>,
    user_agent: HeaderValue,
    token: Option<BearerToken>,
}

impl ClientBuilder {
    /// The name that servers are told; `slipway` by default.
    #[must_use]
    pub fn user_agent(self, user_agent: &'static str) -> Self {
        Self { user_agent: HeaderValue::from_static(user_agent), ..self }
    }

    /// A credential for the policy's origin, and for nobody else.
    #[must_use]
    pub fn token(self, token: Option<BearerToken>) -> Self {
        Self { token, ..self }
    }

    /// Which certificates are trusted; the system's by default.
    #[must_use]
    pub fn trust_roots(self, trust_roots: TrustRoots) -> Self {
        Self { trust_roots, ..self }
    }

    /// The proxy that https goes through; none by default.
    #[must_use]
    pub fn proxy(self, proxy: Option<Proxy>) -> Self {
        Self { proxy, ..self }
    }

    /// PEM certificates to trust beside the trust roots.
    #[must_use]
    pub fn ca_file(self, path: Option<&Path>) -> Self {
        Self { ca_file: path.map(Path::to_owned), ..self }
    }

    /// Who resolves names; the system by default.
    #[must_use]
    pub fn resolver(self, resolver: impl Resolve) -> Self {
        Self { resolver: Arc::new(resolver), ..self }
    }

    /// The client.
    ///
    /// # Errors
    /// [`Error::CaFile`]; [`Error::Proxy`], where the policy refuses internal addresses: with a
    /// proxy, nobody here sees what a name resolves to.
    pub fn build(self) -> Result<Client> {
        let policy = Arc::new(self.policy);
        if let Some(proxy) = self.proxy.as_ref().filter(|_| !policy.allows_internal_addresses()) {
            let cause = "it resolves names, so that internal addresses could not be refused";
            return Err(Error::Proxy { proxy: proxy.to_string(), cause: cause.to_owned() });
        }
        let buffer = self.limits.receive_buffer;
        let dialer = Dialer::new(&self.resolver, Arc::clone(&policy), self.proxy, buffer);
        let tls = client_config(&self.trust_roots, self.ca_file.as_deref())?;
        let tls = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .wrap_connector(dialer);
        let connector = Connector { tls, limit: self.limits.connect };
        Ok(Client {
            pool: Pool::builder(TokioExecutor::new()).build(connector),
            policy,
            limits: Arc::new(self.limits),
            user_agent: self.user_agent,
            token: self.token,
        })
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Client").field("policy", &self.policy).finish_non_exhaustive()
    }
}

impl Client {
    /// A client under the rules of `policy` and within `limits`.
    #[must_use]
    pub fn builder(policy: FetchPolicy, limits: Limits) -> ClientBuilder {
        ClientBuilder {
            policy,
            limits,
            user_agent: HeaderValue::from_static("slipway"),
            token: None,
            ca_file: None,
            trust_roots: TrustRoots::System,
            proxy: None,
            resolver: Arc::new(SystemResolver),
        }
    }

    /// GET, with redirects; from byte `start` on, where one is given. Any status is an answer.
    ///
    /// # Errors
    /// All of [`Error`] but those about bodies.
    pub async fn get(&self, url: &Url, start: Option<u64>) -> Result<Response> {
        let mut fetch = Fetch::get(url.clone());
        if let Some(start) = start {
            let range = HeaderValue::from_str(&format!("bytes={start}-"))
                .map_err(|error| Error::Invalid(error.to_string()))?;
            fetch = fetch.header(RANGE, range);
        }
        self.fetch(&fetch).await
    }

    /// Makes a request without a body, with redirects. Any status is an answer.
    ///
    /// # Errors
    /// All of [`Error`] but those about bodies.
    pub async fn fetch(&self, fetch: &Fetch) -> Result<Response> {
        let (mut url, mut timer) = (fetch.url.clone(), Timer::new(&self.limits));
        for _ in 0..=self.limits.redirects {
            let response = self.send(&url, fetch.request_to(&url), Bytes::new(), timer).await?;
            if !response.status.is_redirection() || response.status.as_u16() == 304 {
                return Ok(response);
            }
            url = redirected(&url, &response.headers)?;
            timer = response.timer;
        }
        // Where the last one leads is told only if it could be fetched at all.
        self.policy.check(&url)?;
        let most = self.limits.redirects;
        Err(Error::TooManyRedirects { url: FetchPolicy::without_query(&url), most })
    }

    /// POST of a JSON document, without redirects. Any status is an answer.
    ///
    /// # Errors
    /// All of [`Error`] but those about bodies and redirects.
    pub async fn post_json(&self, url: &Url, json: Vec<u8>) -> Result<Response> {
        self.post_json_with(url, json, &[]).await
    }

    /// The same with more headers. [`Error::Invalid`] where a value is none that a header may have.
    ///
    /// # Errors
    /// All of [`Error`] but those about bodies and redirects.
    pub async fn post_json_with(
        &self,
        url: &Url,
        json: Vec<u8>,
        headers: &[(&str, &str)],
    ) -> Result<Response> {
        let mut request =
            Request::builder().method(Method::POST).header(CONTENT_TYPE, "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(url, request, json.into(), Timer::new(&self.limits)).await
    }

    async fn send(
        &self,
        url: &Url,
        request: http::request::Builder,
        body: Bytes,
        mut timer: Timer,
    ) -> Result<Response> {
        self.policy.check(url)?;
        let mut request = request.uri(url.as_str()).header(USER_AGENT, &self.user_agent);
        if let Some(token) = self.token.as_ref().filter(|_| self.policy.is_origin(url)) {
            request = request.header(AUTHORIZATION, &token.0);
        }
        let request =
            request.body(Full::new(body)).map_err(|error| Error::Invalid(error.to_string()))?;
        url.host_str().unwrap_or_default().clone_into(&mut timer.host);
        let sent_at = Instant::now();
        let response = timer.wait(Stage::Head, self.pool.request(request)).await?;
        let (parts, body) = response.map_err(|error| failed(&timer.host, &error))?.into_parts();
        Ok(Response {
            status: parts.status,
            headers: parts.headers,
            sent_at,
            body,
            timer,
            document_bytes: self.limits.document_bytes,
        })
    }
}

/// What a request that brought no answer means.
fn failed(host: &str, error: &PoolError) -> Error {
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        if let Some(refused) = cause.downcast_ref::<InternalAddress>() {
            return Error::InternalAddress(refused.clone());
        }
        source = cause.source();
    }
    Error::Unreachable { host: host.to_owned(), cause: causes(error) }
}

fn redirected(from: &Url, headers: &HeaderMap) -> Result<Url> {
    let location = headers.get(LOCATION).and_then(|value| value.to_str().ok());
    location.and_then(|location| from.join(location).ok()).ok_or_else(|| Error::RedirectToNowhere {
        host: from.host_str().unwrap_or_default().to_owned(),
    })
}
