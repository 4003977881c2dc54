//! What stands between a mirror and its vendor, as a network does: it passes requests on and counts
//! what comes back. Where a test asks for it, it lies, as an attacker would or a broken server.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use futures::stream::{self, StreamExt};
use http::header::{AUTHORIZATION, CONTENT_LENGTH, HOST, LOCATION, TRANSFER_ENCODING};
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Empty, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use slipway_test_support::{Stack, Value};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpSocket};

use crate::certificates::Certificate;

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

type Body = UnsyncBoxBody<Bytes, std::io::Error>;

/// The way between a mirror and its vendor.
pub struct TamperingProxy {
    /// Where the mirror finds it.
    pub url: String,
    /// The address of its host.
    pub ip: IpAddr,
    shared: Arc<Shared>,
}

/// A lie about an answer.
pub enum Tampering {
    /// The JSON is another.
    Edit(Box<dyn Fn(&mut Value) + Send + Sync>),
    /// The bytes are these, and the length is theirs.
    Bytes(Vec<u8>),
    /// Nothing but a status.
    Status(u16),
    /// It is elsewhere.
    Redirect(String),
    /// The connection breaks after so many bytes of the body.
    BreaksAfter(usize),
    /// These bytes, whatever part was asked for, and no length is told.
    Cut(Vec<u8>),
    /// The body never ends, and no length is told.
    Endless,
    /// The body never ends: so many bytes of it come each tenth of a second, and no length is told.
    Trickle(usize),
    /// No answer comes.
    Silence,
}

struct Shared {
    url: String,
    http: reqwest::Client,
    /// The vendor's API and storage.
    origin: OnceLock<Origin>,
    lies: Mutex<Vec<(String, Arc<Tampering>)>>,
    artifact_bytes: Arc<AtomicU64>,
    requests: AtomicUsize,
}

/// Where the vendor is.
struct Origin {
    api: String,
    s3: String,
    /// The name that S3's URLs have, and that their signatures cover.
    s3_public: String,
}

impl TamperingProxy {
    /// One that is reached without TLS.
    pub fn plain() -> Self {
        Self::start("localhost", LOOPBACK, None)
    }

    /// One that is reached at `ip`.
    pub fn at(ip: IpAddr) -> Self {
        Self::start(&ip.to_string(), ip, None)
    }

    /// One that shows `certificate`.
    pub fn with_tls(certificate: &Certificate) -> Self {
        Self::start("localhost", LOOPBACK, Some(certificate))
    }

    fn start(name: &str, ip: IpAddr, certificate: Option<&Certificate>) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        // What waits to be sent counts as sent here: so there is little of it.
        socket.set_send_buffer_size(64 << 10).unwrap();
        socket.bind((ip, 0).into()).unwrap();
        let listener = socket.listen(1024).unwrap();
        let scheme = if certificate.is_some() { "https" } else { "http" };
        let url = format!("{scheme}://{name}:{}", listener.local_addr().unwrap().port());
        let http =
            reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let (origin, lies) = (OnceLock::new(), Mutex::default());
        let shared = Shared {
            url: url.clone(),
            http,
            origin,
            lies,
            artifact_bytes: Arc::default(),
            requests: AtomicUsize::default(),
        };
        let shared = Arc::new(shared);
        tokio::spawn(accept(listener, certificate.map(Certificate::acceptor), Arc::clone(&shared)));
        Self { url, ip, shared }
    }

    /// Leads to the API and the storage of `stack`.
    pub fn lead_to(&self, stack: &Stack) {
        let (api, s3) = (stack.base_url.clone(), stack.local.s3_url.clone());
        let s3_public = stack.local.s3_public_url.clone().unwrap();
        assert!(self.shared.origin.set(Origin { api, s3, s3_public }).is_ok());
    }

    /// Lies from now on about what has `part` in its path.
    pub fn tamper_with(&self, part: &str, lie: Tampering) {
        self.shared.lies.lock().unwrap().push((part.to_owned(), Arc::new(lie)));
    }

    /// Tells the truth again.
    pub fn stop_tampering(&self) {
        self.shared.lies.lock().unwrap().clear();
    }

    /// How many bytes of artifacts have come from storage so far.
    pub fn artifact_bytes(&self) -> u64 {
        self.shared.artifact_bytes.load(Ordering::SeqCst)
    }

    /// How many requests have come so far.
    pub fn requests(&self) -> usize {
        self.shared.requests.load(Ordering::SeqCst)
    }
}

async fn accept(
    listener: TcpListener,
    acceptor: Option<tokio_rustls::TlsAcceptor>,
    shared: Arc<Shared>,
) {
    while let Ok((stream, _)) = listener.accept().await {
        let (acceptor, shared) = (acceptor.clone(), Arc::clone(&shared));
        tokio::spawn(async move {
            match acceptor {
                None => converse(stream, shared).await,
                Some(acceptor) => {
                    // A client that does not trust the certificate goes away.
                    if let Ok(stream) = acceptor.accept(stream).await {
                        converse(stream, shared).await;
                    }
                }
            }
        });
    }
}

async fn converse(stream: impl AsyncRead + AsyncWrite + Unpin, shared: Arc<Shared>) {
    let service = service_fn(move |request| {
        let shared = Arc::clone(&shared);
        async move { Ok::<_, Infallible>(shared.answer(request).await) }
    });
    // A connection that is cut off is what some tests are about.
    drop(
        hyper::server::conn::http1::Builder::new()
            .serve_connection(TokioIo::new(stream), service)
            .await,
    );
}

impl Shared {
    async fn answer(&self, request: Request<Incoming>) -> Response<Body> {
        self.requests.fetch_add(1, Ordering::SeqCst);
        let path = request.uri().path().to_owned();
        let lie = self
            .lies
            .lock()
            .unwrap()
            .iter()
            .rev()
            .find(|(part, _)| path.contains(part))
            .map(|(_, lie)| Arc::clone(lie));
        let answer = self.passed_on(request).await;
        match lie {
            None => answer,
            Some(lie) => told(&lie, answer).await,
        }
    }

    /// The origin's own answer.
    async fn passed_on(&self, request: Request<Incoming>) -> Response<Body> {
        let Origin { api, s3, s3_public } = self.origin.get().unwrap();
        let target = request.uri().path_and_query().unwrap().as_str().to_owned();
        let is_artifact = target.starts_with("/s3/");
        let url = target
            .strip_prefix("/s3")
            .filter(|_| is_artifact)
            .map_or_else(|| format!("{api}{target}"), |rest| format!("{s3}{rest}"));
        let (parts, body) = request.into_parts();
        let mut headers = parts.headers;
        headers.remove(HOST);
        if is_artifact {
            // For a mirror, storage has the API's origin here. S3 takes one credential, and its
            // URLs have theirs.
            headers.remove(AUTHORIZATION);
            headers.insert(HOST, s3_public.trim_start_matches("http://").parse().unwrap());
        }
        let body = body.collect().await.unwrap().to_bytes();
        // The vendor may be gone.
        let Ok(answer) =
            self.http.request(parts.method, url).headers(headers).body(body).send().await
        else {
            return status(502);
        };
        let mut response =
            Response::builder().status(answer.status()).body(Body::default()).unwrap();
        *response.headers_mut() = answer.headers().clone();
        response.headers_mut().remove(TRANSFER_ENCODING);
        self.lead_here(&mut response, s3_public);
        *response.body_mut() =
            if is_artifact { self.counted(answer) } else { whole(answer.bytes().await.unwrap()) };
        response
    }

    /// Storage is behind the meddler too.
    fn lead_here(&self, response: &mut Response<Body>, s3: &str) {
        let location = response.headers().get(LOCATION).and_then(|location| location.to_str().ok());
        if let Some(rest) = location.and_then(|location| location.strip_prefix(s3)) {
            let here = HeaderValue::from_str(&format!("{}/s3{rest}", self.url)).unwrap();
            response.headers_mut().insert(LOCATION, here);
        }
    }

    /// The bytes of an artifact, counted as they go.
    fn counted(&self, answer: reqwest::Response) -> Body {
        let counter = Arc::clone(&self.artifact_bytes);
        let chunks = answer.bytes_stream().map(move |chunk| {
            let chunk = chunk.map_err(std::io::Error::other)?;
            counter.fetch_add(chunk.len() as u64, Ordering::SeqCst);
            Ok(Frame::data(chunk))
        });
        BodyExt::boxed_unsync(StreamBody::new(chunks))
    }
}

/// What becomes of an answer.
async fn told(lie: &Tampering, answer: Response<Body>) -> Response<Body> {
    match lie {
        Tampering::Edit(edit) => {
            let bytes = answer.into_body().collect().await.unwrap().to_bytes();
            let mut document = serde_json::from_slice(&bytes).unwrap();
            edit(&mut document);
            Response::new(whole(document.to_string()))
        }
        Tampering::Bytes(bytes) => Response::new(whole(bytes.clone())),
        Tampering::Status(code) => status(*code),
        Tampering::Redirect(url) => {
            let mut response = status(302);
            response.headers_mut().insert(LOCATION, HeaderValue::from_str(url).unwrap());
            response
        }
        Tampering::BreaksAfter(length) => broken(answer, *length).await,
        Tampering::Cut(bytes) => {
            let once = stream::iter([Ok(Frame::data(bytes.clone().into()))]);
            Response::new(BodyExt::boxed_unsync(StreamBody::new(once)))
        }
        Tampering::Endless => {
            let forever = stream::repeat(Bytes::from(vec![0x5a; 1 << 16]))
                .map(|chunk| Ok(Frame::data(chunk)));
            Response::new(BodyExt::boxed_unsync(StreamBody::new(forever)))
        }
        Tampering::Trickle(length) => {
            let piece = Bytes::from(vec![b' '; *length]);
            let pieces = stream::repeat(piece).then(|piece| async {
                tokio::time::sleep(Duration::from_millis(100)).await;
                Ok(Frame::data(piece))
            });
            Response::new(BodyExt::boxed_unsync(StreamBody::new(pieces)))
        }
        Tampering::Silence => {
            tokio::time::sleep(Duration::from_hours(1)).await;
            answer
        }
    }
}

/// The beginning of an answer, whose head promises the whole.
async fn broken(answer: Response<Body>, length: usize) -> Response<Body> {
    let (mut parts, body) = answer.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(bytes.len()));
    if bytes.len() <= length {
        return Response::from_parts(parts, whole(bytes));
    }
    // The beginning is on its way before the connection breaks.
    let broken =
        stream::iter([Ok(Frame::data(bytes.slice(..length)))]).chain(stream::once(async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            Err(std::io::Error::other("cut off"))
        }));
    Response::from_parts(parts, BodyExt::boxed_unsync(StreamBody::new(broken)))
}

fn status(code: u16) -> Response<Body> {
    let body = BodyExt::boxed_unsync(Empty::new().map_err(|never: Infallible| match never {}));
    Response::builder().status(StatusCode::from_u16(code).unwrap()).body(body).unwrap()
}

fn whole(bytes: impl Into<Bytes>) -> Body {
    BodyExt::boxed_unsync(Full::new(bytes.into()).map_err(|never: Infallible| match never {}))
}
