//! The HTTP API, with one credential.

use std::time::{Duration, Instant};

use reqwest::header::HeaderMap;
use reqwest::{Client, Method, Response, StatusCode, redirect};
use serde_json::Value;

/// How long something that a job does may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// How long an answer may take: as long as API Gateway waits for a function.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The API with a credential. Redirects are answers: it follows none.
#[derive(Debug, Clone)]
pub struct Api {
    client: Client,
    base_url: String,
    token: Option<String>,
}

/// What the API answered.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body; null, where it is no JSON.
    pub body: Value,
}

impl Api {
    /// The API at `base_url`, called with `token`.
    #[must_use]
    pub fn new(base_url: &str, token: &str) -> Self {
        let client = Client::builder().redirect(redirect::Policy::none()).timeout(TIMEOUT).build();
        Self {
            client: client.expect("a client"),
            base_url: base_url.to_owned(),
            token: Some(token.to_owned()),
        }
    }

    /// The same API, called by who holds `token`.
    #[must_use]
    pub fn as_holder(&self, token: &Value) -> Self {
        let token = token.as_str().expect("a token").to_owned();
        Self { token: Some(token), ..self.clone() }
    }

    /// The same API, called by anybody.
    #[must_use]
    pub fn as_anybody(&self) -> Self {
        Self { token: None, ..self.clone() }
    }

    /// Where it is.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Sends a request and gives whatever is answered.
    pub async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let mut request = self.client.request(method, format!("{}{path}", self.base_url));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        Answer::of(request.send().await.expect("an answer")).await
    }

    /// GETs what is there.
    pub async fn get(&self, path: &str) -> Value {
        self.send(Method::GET, path, None).await.success(path)
    }

    /// GETs where the bytes are.
    pub async fn location(&self, path: &str) -> String {
        let answer = self.send(Method::GET, path, None).await;
        assert!(answer.status.is_redirection(), "{path}: {answer:?}");
        answer.headers["location"].to_str().expect("a URL").to_owned()
    }

    /// POSTs `body`; null is no body.
    pub async fn post(&self, path: &str, body: Value) -> Value {
        self.change(Method::POST, path, body).await
    }

    /// PUTs `body`.
    pub async fn put(&self, path: &str, body: Value) -> Value {
        self.change(Method::PUT, path, body).await
    }

    /// Sends a PATCH with `body`.
    pub async fn patch(&self, path: &str, body: Value) -> Value {
        self.change(Method::PATCH, path, body).await
    }

    /// Deletes.
    pub async fn delete(&self, path: &str) {
        self.send(Method::DELETE, path, None).await.success(path);
    }

    /// POSTs `body`, which is refused with the error `code`.
    pub async fn refused(&self, path: &str, body: Value, code: &str) {
        let answer = self.send(Method::POST, path, Some(&body)).await;
        assert_eq!(answer.body["error"]["code"], code, "{path}: {answer:?}");
    }

    /// What `path` says once it `holds`, at the latest after a minute.
    pub async fn eventually(&self, path: &str, holds: impl Fn(&Value) -> bool) -> Value {
        let start = Instant::now();
        loop {
            let answer = self.send(Method::GET, path, None).await;
            if answer.status.is_success() && holds(&answer.body) {
                return answer.body;
            }
            assert!(start.elapsed() < PATIENCE, "{path} still says {answer:?}");
            std::thread::sleep(Duration::from_millis(250));
        }
    }

    /// PUTs bytes to a presigned URL.
    pub async fn upload(&self, url: &Value, headers: &Value, bytes: Vec<u8>) -> StatusCode {
        let mut request = self.client.put(url.as_str().expect("a URL")).body(bytes);
        for (name, value) in headers.as_object().into_iter().flatten() {
            request = request.header(name, value.as_str().expect("a header's value"));
        }
        request.send().await.expect("an answer").status()
    }

    /// The bytes at `url`, which needs no credential.
    pub async fn download(&self, url: &str) -> Vec<u8> {
        let answer = self.client.get(url).send().await.expect("an answer");
        assert!(answer.status().is_success(), "{url}: {answer:?}");
        answer.bytes().await.expect("bytes").to_vec()
    }

    async fn change(&self, method: Method, path: &str, body: Value) -> Value {
        let body = (!body.is_null()).then_some(&body);
        self.send(method, path, body).await.success(path)
    }
}

impl Answer {
    async fn of(response: Response) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = response.bytes().await.expect("a body");
        let body = serde_json::from_slice(&bytes).unwrap_or_default();
        Self { status, headers, body }
    }

    fn success(self, path: &str) -> Value {
        let ok = self.status.is_success() || self.status.is_redirection();
        assert!(ok, "{path}: {} {}", self.status, self.body);
        self.body
    }
}
