//! A receiver of webhooks over HTTPS, which verifies signatures with another implementation of HMAC
//! than Slipway signs with.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use data_encoding::BASE64;
use ring::hmac;
use serde_json::{Value, json};
use slipway_edge::ExternalAccess;
use slipway_edge::services::webhooks;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

use crate::tls_host::TlsHost;
use crate::{World, rows_inserted};

/// Its name.
const NAME: &str = "hooks.example.com";

/// The receiver. It answers 204 to everything, unless it is told otherwise.
pub struct WebhookReceiver {
    host: TlsHost,
    state: Arc<Mutex<State>>,
}

/// How it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebhookReply {
    /// With this status.
    Status(u16),
    /// With this status and one header.
    With(u16, &'static str, &'static str),
    /// With this status, after so long.
    Late(u16, Duration),
    /// Not at all: the connection ends.
    Cut,
}

/// A message, as it came.
#[derive(Debug, Clone)]
pub struct WebhookRequest {
    /// The path.
    pub path: String,
    /// The headers, in lower case.
    pub headers: HashMap<String, String>,
    /// The body, as it is signed.
    pub body: Vec<u8>,
    /// How it was answered.
    pub reply: WebhookReply,
}

struct State {
    standing: WebhookReply,
    next: VecDeque<WebhookReply>,
    requests: Vec<WebhookRequest>,
}

impl WebhookReceiver {
    /// Starts it.
    pub async fn start() -> Self {
        let state = State {
            standing: WebhookReply::Status(204),
            next: VecDeque::new(),
            requests: Vec::new(),
        };
        let state = Arc::new(Mutex::new(state));
        let served = Arc::clone(&state);
        let host = TlsHost::start(NAME, move |stream| serve(stream, Arc::clone(&served))).await;
        Self { host, state }
    }

    /// The URL of `path`.
    pub fn url(&self, path: &str) -> String {
        self.host.url(path)
    }

    /// Access of webhooks to `hosts`, in a network where every name is this host, and internal
    /// addresses are fine.
    pub fn access(&self, hosts: &[&str]) -> ExternalAccess {
        self.public_access(hosts).with_internal_addresses()
    }

    /// The same as a deployment has it: this host's address is an internal one.
    pub fn public_access(&self, hosts: &[&str]) -> ExternalAccess {
        self.host.reached_by(webhooks(hosts.iter().map(|host| (*host).to_owned()).collect()))
    }

    /// Answers so from now on.
    pub fn answers(&self, reply: WebhookReply) {
        let mut state = self.state.lock().expect("nobody panics");
        state.standing = reply;
        state.next.clear();
    }

    /// Answers the next requests so, one each.
    pub fn answers_next(&self, replies: &[WebhookReply]) {
        self.state.lock().expect("nobody panics").next.extend(replies);
    }

    /// All that came, in this order.
    pub fn requests(&self) -> Vec<WebhookRequest> {
        self.state.lock().expect("nobody panics").requests.clone()
    }

    /// Those that were answered 2xx.
    pub fn taken(&self) -> Vec<WebhookRequest> {
        let mut requests = self.requests();
        requests.retain(WebhookRequest::is_taken);
        requests
    }
}

impl WebhookRequest {
    fn is_taken(&self) -> bool {
        matches!(
            self.reply,
            WebhookReply::Status(200..=299)
                | WebhookReply::With(200..=299, ..)
                | WebhookReply::Late(200..=299, _)
        )
    }

    /// The header, which has to be there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap_or_else(|| panic!("no {name} in {:?}", self.headers))
    }

    /// The body.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    /// Whether the message is signed with `secret`, as Standard Webhooks says.
    pub fn is_signed_with(&self, secret: &str) -> bool {
        let key = secret.strip_prefix("whsec_").expect("a secret");
        let key =
            hmac::Key::new(hmac::HMAC_SHA256, &BASE64.decode(key.as_bytes()).expect("base64"));
        let (id, at) = (self.header("webhook-id"), self.header("webhook-timestamp"));
        let content = [format!("{id}.{at}.").as_bytes(), &self.body].concat();
        self.header("webhook-signature").split(' ').any(|signature| {
            let tag = signature.strip_prefix("v1,").expect("version 1");
            let tag = BASE64.decode(tag.as_bytes()).expect("base64");
            hmac::verify(&key, &content, &tag).is_ok()
        })
    }
}

async fn serve(mut stream: TlsStream<TcpStream>, state: Arc<Mutex<State>>) {
    let Some((path, headers, body)) = read(&mut stream).await else { return };
    let reply = {
        let mut state = state.lock().expect("nobody panics");
        let reply = state.next.pop_front().unwrap_or(state.standing);
        state.requests.push(WebhookRequest { path, headers, body, reply });
        reply
    };
    let (status, header) = match reply {
        WebhookReply::Status(status) => (status, String::new()),
        WebhookReply::With(status, name, value) => (status, format!("{name}: {value}\r\n")),
        WebhookReply::Late(status, pause) => {
            tokio::time::sleep(pause).await;
            (status, String::new())
        }
        WebhookReply::Cut => return,
    };
    let head =
        format!("HTTP/1.1 {status} Any\r\n{header}content-length: 0\r\nconnection: close\r\n\r\n");
    // A client that goes away is what some tests are about.
    drop(stream.write_all(head.as_bytes()).await);
    drop(stream.shutdown().await);
}

/// Path, headers and body of a request.
async fn read(
    stream: &mut TlsStream<TcpStream>,
) -> Option<(String, HashMap<String, String>, Vec<u8>)> {
    let (mut bytes, mut some) = (Vec::new(), [0; 4096]);
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        let length = stream.read(&mut some).await.ok().filter(|length| *length > 0)?;
        bytes.extend_from_slice(&some[..length]);
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.lines();
    let path = lines.next()?.split(' ').nth(1)?.to_owned();
    let headers: HashMap<_, _> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let length: usize = headers.get("content-length")?.parse().ok()?;
    let mut body = bytes.split_off(end + 4);
    while body.len() < length {
        let read = stream.read(&mut some).await.ok().filter(|length| *length > 0)?;
        body.extend_from_slice(&some[..read]);
    }
    Some((path, headers, body))
}

impl World {
    /// A webhook with this URL, and what `more` says.
    pub async fn webhook(&self, url: &str, more: Value) -> Value {
        let mut body = json!({ "url": url });
        let members = body.as_object_mut().expect("an object");
        members.extend(more.as_object().expect("an object").clone());
        self.post("/v1/webhooks", body).await.expect(201)
    }

    /// Hands all audit events that there are to the job that queues them for webhooks, and answers
    /// what came of it.
    pub async fn queue_webhook_events(&self) -> slipway_edge::Result<()> {
        let rows = self.rows().await;
        let events = rows.iter().filter(|((pk, _), _)| pk.starts_with("AUDIT#"));
        let events: Vec<Value> = events.map(|(_, doc)| doc.clone()).collect();
        rows_inserted(&self.stack.services, "queue-webhook-events", &events).await.0
    }
}
