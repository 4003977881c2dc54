//! The head of an answer, and its body to be read.

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, StatusCode};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::time::Instant;

use crate::error::{Error, Result, causes};
use crate::timer::{Stage, Timer};

/// An answer. Its body is read piece by piece ([`chunk`](Self::chunk)) or whole
/// ([`bytes`](Self::bytes)).
#[derive(Debug)]
pub struct Response {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// When the request was sent: of several, that which brought this answer.
    pub sent_at: Instant,
    pub(crate) body: Incoming,
    pub(crate) timer: Timer,
    pub(crate) document_bytes: usize,
}

impl Response {
    /// The next bytes of the body; none at its end.
    ///
    /// # Errors
    /// [`Error::Broken`], also where the body is shorter than announced, [`Error::Silent`],
    /// [`Error::TooSlow`], [`Error::Deadline`].
    pub async fn chunk(&mut self) -> Result<Option<Bytes>> {
        loop {
            let Some(frame) = self.timer.wait(Stage::Body, self.body.frame()).await? else {
                return Ok(None);
            };
            let frame = frame.map_err(|error| Error::Broken {
                host: self.timer.host.clone(),
                cause: causes(&error),
            })?;
            if let Ok(bytes) = frame.into_data() {
                self.timer.received(bytes.len())?;
                return Ok(Some(bytes));
            }
        }
    }

    /// The whole body.
    ///
    /// # Errors
    /// [`Error::TooLarge`], where it is longer than the limit, and those of
    /// [`chunk`](Self::chunk).
    pub async fn bytes(mut self) -> Result<Bytes> {
        let mut body = BytesMut::new();
        while let Some(chunk) = self.chunk().await? {
            if body.len() + chunk.len() > self.document_bytes {
                return Err(Error::TooLarge { host: self.timer.host, most: self.document_bytes });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    }

    /// A header that is text; none, where it is missing or is not.
    #[must_use]
    pub fn header(&self, name: http::HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}
