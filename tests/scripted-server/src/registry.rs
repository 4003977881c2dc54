//! A container registry that a test fills, and that may lose its patience.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use url::Url;

use crate::{Reply, Server};

/// How many tags are on a page.
const PAGE: usize = 10;

/// What becomes of requests for manifests, once there were too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// No answer.
    Silence,
    /// 500.
    Failure,
    /// This status, with these header lines, each with its end.
    Status(&'static str, &'static str),
}

/// What the registry has.
struct Content {
    tags: BTreeMap<String, u64>,
    /// How many manifests are told from now on, and what is done then.
    patience: (usize, Then),
    asked: usize,
    /// How long answers about manifests are on their way.
    delay: Duration,
}

/// The registry.
pub struct ScriptedRegistry {
    server: Server,
    content: Arc<Mutex<Content>>,
}

impl ScriptedRegistry {
    /// One with these tags, each with the number of its digest, in every repository.
    ///
    /// # Panics
    /// If there is no port to listen at.
    pub async fn start(tags: impl IntoIterator<Item = (String, u64)>) -> Self {
        let patience = (usize::MAX, Then::Silence);
        let content =
            Content { tags: tags.into_iter().collect(), patience, asked: 0, delay: Duration::ZERO };
        let content = Arc::new(Mutex::new(content));
        let shared = Arc::clone(&content);
        let server = Server::start(move |path| shared.lock().unwrap().answer(path)).await;
        Self { server, content }
    }

    /// Where it is.
    #[must_use]
    pub fn url(&self) -> Url {
        self.server.url("/")
    }

    /// Lets a tag stand for a digest from now on.
    ///
    /// # Panics
    /// If answering a request has panicked.
    pub fn tag(&self, tag: &str, digest: u64) {
        self.content.lock().unwrap().tags.insert(tag.to_owned(), digest);
    }

    /// Tells so many manifests more.
    ///
    /// # Panics
    /// If answering a request has panicked.
    pub fn set_patience(&self, manifests: usize, then: Then) {
        let mut content = self.content.lock().unwrap();
        (content.patience, content.asked) = ((manifests, then), 0);
    }

    /// Lets what is answered about manifests from now on, which is what holds when they are asked
    /// for, arrive after this time.
    ///
    /// # Panics
    /// If answering a request has panicked.
    pub fn set_delay(&self, delay: Duration) {
        self.content.lock().unwrap().delay = delay;
    }

    /// How many manifests were asked for since.
    ///
    /// # Panics
    /// If answering a request has panicked.
    #[must_use]
    pub fn asked(&self) -> usize {
        self.content.lock().unwrap().asked
    }
}

impl Content {
    fn answer(&mut self, path: &str) -> Reply {
        if let Some((_, query)) = path.split_once("/tags/list") {
            return self.page(query);
        }
        match path.rsplit_once("/manifests/") {
            Some((_, tag)) => match self.manifest(tag) {
                Reply::Raw(bytes) if !self.delay.is_zero() => Reply::Late(self.delay, bytes),
                reply => reply,
            },
            None => reply("200 OK", "", "{}"),
        }
    }

    fn page(&self, query: &str) -> Reply {
        let last = query.split_once("last=").map_or("", |(_, last)| last);
        let after: Vec<_> = self.tags.keys().filter(|tag| tag.as_str() > last).collect();
        let page: Vec<_> = after.iter().take(PAGE).map(|tag| format!("\"{tag}\"")).collect();
        let link = match after.get(PAGE - 1).filter(|_| after.len() > PAGE) {
            Some(last) => format!("link: <list?last={last}>; rel=\"next\"\r\n"),
            None => String::new(),
        };
        reply("200 OK", &link, &format!("{{\"tags\":[{}]}}", page.join(",")))
    }

    fn manifest(&mut self, tag: &str) -> Reply {
        self.asked += 1;
        if self.asked > self.patience.0 {
            return match self.patience.1 {
                Then::Silence => Reply::Silence,
                Then::Failure => reply("500 Internal Server Error", "", ""),
                Then::Status(status, headers) => reply(status, headers, ""),
            };
        }
        let Some(digest) = self.tags.get(tag) else {
            return reply("404 Not Found", "", r#"{"errors":[{"code":"MANIFEST_UNKNOWN"}]}"#);
        };
        reply("200 OK", &format!("docker-content-digest: sha256:{digest:064x}\r\n"), "")
    }
}

fn reply(status: &str, headers: &str, body: &str) -> Reply {
    let length = body.len();
    Reply::raw(&format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\n\r\n{body}"))
}
