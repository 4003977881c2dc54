//! What endpoints answer. One file for each family of responses.

pub mod accepted;
pub mod created;
pub mod document;
pub mod expiring;
pub mod found;
pub mod issued;
pub mod json;
pub mod json_or_text;
pub mod linked_array;
pub mod no_content;
pub mod sign_off;

use bytes::Bytes;
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName};
use schemars::SchemaGenerator;
use serde::Serialize;
use slipway_domain::{Error, Result, Timestamp};

use crate::caching::Caching;
use crate::describe::ResponseDoc;
use crate::media_type::MediaType;

/// A response before the frame has dressed it. A body whose `Content-Type` is not among the headers
/// is JSON.
#[derive(Debug, Clone)]
pub struct ResponseParts {
    pub(crate) status: StatusCode,
    pub(crate) headers: Vec<(HeaderName, String)>,
    pub(crate) body: Bytes,
    /// What an idempotent repetition is answered, where that is not the body: secrets are shown
    /// once.
    pub(crate) replay: Option<Bytes>,
    /// Until when a repetition is answered the same; `None` for as long as it is kept.
    pub(crate) valid_until: Option<Timestamp>,
    /// Whether it is the result of the request. One that tells to repeat it is not kept for the
    /// repetition.
    pub(crate) is_result: bool,
}

impl ResponseParts {
    /// One with a JSON body.
    pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> Result<Self> {
        let body = serde_json::to_vec(body).map_err(Error::internal)?;
        Ok(Self { body: body.into(), ..Self::empty(status) })
    }

    /// One with a body of the media type `M`.
    pub(crate) fn of<M: MediaType>(status: StatusCode, body: Bytes) -> Self {
        Self { body, ..Self::empty(status) }.with(CONTENT_TYPE, M::NAME)
    }

    /// One without a body.
    pub(crate) fn empty(status: StatusCode) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Bytes::new(),
            replay: None,
            valid_until: None,
            is_result: true,
        }
    }

    /// The same with one more header.
    pub(crate) fn with(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The same, to be kept as `caching` says. A GET of which nothing is said is revalidated.
    pub(crate) fn cached(self, caching: Caching) -> Self {
        self.with(CACHE_CONTROL, caching.header())
    }
}

/// Something that can be answered.
pub trait Output: Send {
    /// Writes it.
    ///
    /// # Errors
    /// `internal` for what can't be written.
    fn to_response_parts(&self) -> Result<ResponseParts>;

    /// The successful responses that it can become.
    fn describe(schemas: &mut SchemaGenerator) -> Vec<ResponseDoc>;
}
