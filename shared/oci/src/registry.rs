//! One registry, until a deadline.

use std::collections::HashMap;
use std::time::Duration;

use bytes::Bytes;
use http::header::RETRY_AFTER;
use http::{HeaderValue, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use slipway_composition::ImageRepository;
use slipway_outbound::{Backoff, Client, Fetch, FetchPolicy, Limits, Response};
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep, timeout_at};
use url::Url;

use crate::credentials::Credentials;
use crate::error::{Error, Result};

/// How often a request is made that the network or a server's fault spoils.
const ATTEMPTS: u32 = 3;
/// The pause before the second attempt; the next one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// How long is waited after a 429 at the least, and where it does not say how long. Twice as long
/// after each further one of the same request: a server that says too little is not asked each
/// second for as long as there is time.
const SHORTEST_WAIT: Duration = Duration::from_secs(1);

/// The limits of a client for registries: manifests have at most 4 MiB (OCI distribution API 1.1,
/// "Pushing Manifests"), and 10,000 tags that come at once have less.
#[must_use]
pub fn limits() -> Limits {
    Limits {
        connect: Duration::from_secs(5),
        silence: Duration::from_secs(10),
        total: Some(Duration::from_secs(20)),
        document_bytes: 4 << 20,
        redirects: 3,
        ..Limits::default()
    }
}

/// A registry, as it is asked in one operation.
#[derive(Debug)]
pub struct Registry {
    http: Client,
    pub(crate) endpoint: Url,
    pub(crate) credentials: Credentials,
    /// The token server that may have the credentials beside the registry itself.
    pub(crate) token_server: Option<Url>,
    deadline: Instant,
    /// What let the last request to a repository in; under none, what no repository is needed for.
    authorizations: Mutex<HashMap<Option<ImageRepository>, HeaderValue>>,
}

impl Registry {
    /// The registry at `endpoint`, which is scheme, host and port alone, asked until `deadline`.
    /// Whether it may be asked at all is up to the policy of `http`.
    ///
    /// # Errors
    /// [`Error::Endpoint`].
    pub fn new(
        http: Client,
        endpoint: Url,
        credentials: Credentials,
        deadline: Instant,
    ) -> Result<Self> {
        let is_origin = endpoint.host().is_some()
            && matches!(endpoint.scheme(), "https" | "http")
            && endpoint.path() == "/"
            && endpoint.query().is_none()
            && endpoint.fragment().is_none()
            && endpoint.username().is_empty()
            && endpoint.password().is_none();
        if !is_origin {
            return Err(Error::Endpoint { endpoint: redacted(&endpoint) });
        }
        let authorizations = Mutex::default();
        Ok(Self { http, endpoint, credentials, token_server: None, deadline, authorizations })
    }

    /// The same, where the credentials go to the registry's token server at the origin of `server`
    /// too, as to `https://auth.docker.io` for `registry-1.docker.io`. Without this they go to the
    /// registry's own host alone.
    #[must_use]
    pub fn with_token_server(self, server: Option<Url>) -> Self {
        Self { token_server: server, ..self }
    }

    /// Makes sure that the registry is one and lets these credentials in (`GET /v2/`).
    ///
    /// # Errors
    /// All of [`Error`].
    pub async fn ping(&self) -> Result<()> {
        let response = self.send(None, &Fetch::get(self.own_url("/v2/")?)).await?;
        match response.status {
            StatusCode::OK => Ok(()),
            status => Err(Error::Status { host: self.host().to_owned(), status }),
        }
    }

    /// The host, as errors name it.
    pub(crate) fn host(&self) -> &str {
        self.endpoint.host_str().unwrap_or_default()
    }

    /// A URL of the registry itself.
    pub(crate) fn own_url(&self, path_and_query: &str) -> Result<Url> {
        let url = self.endpoint.join(path_and_query).ok();
        url.filter(|url| url.origin() == self.endpoint.origin())
            .ok_or_else(|| self.malformed("a list that goes on elsewhere".to_owned()))
    }

    pub(crate) fn malformed(&self, what: String) -> Error {
        Error::Malformed { host: self.host().to_owned(), what }
    }

    /// Makes a request of the registry, for what concerns `repository`. What it answers is neither
    /// 401, 429 nor a server's fault.
    pub(crate) async fn send(
        &self,
        repository: Option<&ImageRepository>,
        fetch: &Fetch,
    ) -> Result<Response> {
        let known = self.authorizations.lock().await.get(&repository.cloned()).cloned();
        let response = self.exchange(&authorized(fetch, known)).await?;
        if response.status != StatusCode::UNAUTHORIZED {
            return Ok(response);
        }
        let authorization = self.authorize(repository, &response).await?;
        let response = self.exchange(&authorized(fetch, Some(authorization.clone()))).await?;
        if response.status == StatusCode::UNAUTHORIZED {
            let cause = "it does not take these credentials".to_owned();
            return Err(Error::Unauthorized { host: self.host().to_owned(), cause });
        }
        self.authorizations.lock().await.insert(repository.cloned(), authorization);
        Ok(response)
    }

    /// Makes a request, again where it is spoilt or the server asks for patience, as long as there
    /// is time.
    pub(crate) async fn exchange(&self, fetch: &Fetch) -> Result<Response> {
        let mut backoff = Backoff::new(ATTEMPTS, FIRST_PAUSE);
        let mut shortest_wait = SHORTEST_WAIT;
        self.in_time(async {
            loop {
                match self.attempt(fetch).await {
                    Err(Error::TooManyRequests { host, retry_after }) => {
                        self.wait(host, retry_after, shortest_wait).await?;
                        shortest_wait = shortest_wait.saturating_mul(2);
                    }
                    Err(error) => backoff.pause(error).await?,
                    answered => return answered,
                }
            }
        })
        .await
    }

    async fn attempt(&self, fetch: &Fetch) -> Result<Response> {
        let response = self.http.fetch(fetch).await?;
        let host = || fetch.host().to_owned();
        match response.status {
            StatusCode::TOO_MANY_REQUESTS => {
                Err(Error::TooManyRequests { host: host(), retry_after: retry_after(&response) })
            }
            status if status.is_server_error() => Err(Error::Status { host: host(), status }),
            _ => Ok(response),
        }
    }

    /// Waits as long as the server asks to, if there is time for it.
    async fn wait(
        &self,
        host: String,
        retry_after: Option<Duration>,
        shortest: Duration,
    ) -> Result<()> {
        let pause = retry_after.unwrap_or_default().max(shortest);
        if Instant::now() + pause >= self.deadline {
            return Err(Error::TooManyRequests { host, retry_after });
        }
        sleep(pause).await;
        Ok(())
    }

    /// The body of an answer, within the client's limits.
    pub(crate) async fn body(&self, response: Response) -> Result<Bytes> {
        self.in_time(async { Ok(response.bytes().await?) }).await
    }

    /// A document, which is `what`.
    pub(crate) async fn json<T: DeserializeOwned>(
        &self,
        response: Response,
        what: &str,
    ) -> Result<T> {
        let bytes = self.body(response).await?;
        serde_json::from_slice(&bytes)
            .map_err(|error| self.malformed(format!("what is not {what}: {}", place_of(&error))))
    }

    async fn in_time<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        let late = |_| Error::OutOfTime { host: self.host().to_owned() };
        timeout_at(self.deadline, work).await.map_err(late)?
    }
}

fn authorized(fetch: &Fetch, authorization: Option<HeaderValue>) -> Fetch {
    match authorization {
        Some(value) => fetch.clone().authorization(value),
        None => fetch.clone(),
    }
}

/// How long the server asks to wait, in seconds (RFC 9110, 10.2.3). Dates are not read: a registry
/// that sends one is waited for as one that says nothing.
fn retry_after(response: &Response) -> Option<Duration> {
    let seconds: u32 = response.header(RETRY_AFTER)?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds.into()))
}

/// Where a document is wrong. What stands there is not told: it can be long, or a credential.
pub(crate) fn place_of(error: &serde_json::Error) -> String {
    let fault = match error.classify() {
        Category::Io | Category::Eof => "it ends too early",
        Category::Syntax => "it is no JSON",
        Category::Data => "it has another form",
    };
    format!("{fault}, line {}, column {}", error.line(), error.column())
}

/// The endpoint without what may be secret of it.
fn redacted(endpoint: &Url) -> String {
    let mut redacted = endpoint.clone();
    // Neither fails where there is a host, and where there is none there is nothing to hide.
    let _ = (redacted.set_username(""), redacted.set_password(None));
    FetchPolicy::without_query(&redacted)
}
