//! What endpoints answer.

use std::marker::PhantomData;

use bytes::Bytes;
use http::StatusCode;
use http::header::{CACHE_CONTROL, HeaderName, LOCATION};
use schemars::{JsonSchema, SchemaGenerator};
use serde::Serialize;
use slipway_domain::{Error, Result};
use slipway_storage::DocumentBody;

use crate::input::Json;
use crate::openapi::ResponseDoc;

/// A response before the frame has dressed it.
#[derive(Debug, Clone)]
pub struct ResponseParts {
    pub(crate) status: StatusCode,
    pub(crate) headers: Vec<(HeaderName, String)>,
    pub(crate) body: Bytes,
    /// What an idempotent repetition is answered, where that is not the body: secrets are shown
    /// once.
    pub(crate) replay: Option<Bytes>,
}

impl ResponseParts {
    fn json(status: StatusCode, body: &impl Serialize) -> Result<Self> {
        let body = serde_json::to_vec(body).map_err(Error::internal)?.into();
        Ok(Self { status, headers: Vec::new(), body, replay: None })
    }

    fn empty(status: StatusCode) -> Self {
        Self { status, headers: Vec::new(), body: Bytes::new(), replay: None }
    }

    fn with(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// Something that can be answered.
pub trait Output: Send {
    /// Writes it.
    fn into_response_parts(self) -> Result<ResponseParts>;

    /// The successful responses that it can become.
    fn describe(schemas: &mut SchemaGenerator) -> Vec<ResponseDoc>;
}

/// 200 with a JSON body.
impl<T: Serialize + JsonSchema + Send> Output for Json<T> {
    fn into_response_parts(self) -> Result<ResponseParts> {
        ResponseParts::json(StatusCode::OK, &self.0)
    }

    fn describe(schemas: &mut SchemaGenerator) -> Vec<ResponseDoc> {
        vec![ResponseDoc::json(200, "The request succeeded.", schemas.subschema_for::<T>())]
    }
}

/// 200 with a JSON body that will never change.
#[derive(Debug)]
pub struct Immutable<T>(pub T);

impl<T: Serialize + JsonSchema + Send> Output for Immutable<T> {
    fn into_response_parts(self) -> Result<ResponseParts> {
        Ok(ResponseParts::json(StatusCode::OK, &self.0)?
            .with(CACHE_CONTROL, "private, max-age=31536000, immutable"))
    }

    fn describe(schemas: &mut SchemaGenerator) -> Vec<ResponseDoc> {
        vec![ResponseDoc::json(
            200,
            "The resource, which is immutable.",
            schemas.subschema_for::<T>(),
        )]
    }
}

/// 200 with a JSON document that is compiled in.
#[derive(Debug)]
pub struct StaticDocument(pub &'static str);

impl Output for StaticDocument {
    fn into_response_parts(self) -> Result<ResponseParts> {
        Ok(ResponseParts {
            body: Bytes::from_static(self.0.as_bytes()),
            ..ResponseParts::empty(StatusCode::OK)
        })
    }

    fn describe(schemas: &mut SchemaGenerator) -> Vec<ResponseDoc> {
        vec![ResponseDoc::json(
            200,
            "The document.",
            schemas.subschema_for::<serde_json::Map<String, serde_json::Value>>(),
        )]
    }
}

/// 201 with the new thing, and where it is.
#[derive(Debug)]
pub struct Created<T> {
    location: String,
    body: T,
}

impl<T> Created<T> {
    /// `body`, which is at `location`.
    pub fn at(location: impl Into<String>, body: T) -> Self {
        Self { location: location.into(), body }
    }
}

impl<T: Serialize + JsonSchema + Send> Output for Created<T> {
    fn into_response_parts(self) -> Result<ResponseParts> {
        Ok(ResponseParts::json(StatusCode::CREATED, &self.body)?.with(LOCATION, self.location))
    }

    fn describe(schemas: &mut SchemaGenerator) -> Vec<ResponseDoc> {
        vec![ResponseDoc::json(
            201,
            "The resource was created; `Location` is its path.",
            schemas.subschema_for::<T>(),
        )]
    }
}

/// 201 with the new thing, or 200 with the very same thing that was there already.
#[derive(Debug)]
pub enum CreatedOrExisting<T> {
    /// It is new.
    Created(Created<T>),
    /// It was there.
    Existing(T),
}

impl<T: Serialize + JsonSchema + Send> Output for CreatedOrExisting<T> {
    fn into_response_parts(self) -> Result<ResponseParts> {
        match self {
            Self::Created(created) => created.into_response_parts(),
            Self::Existing(body) => ResponseParts::json(StatusCode::OK, &body),
        }
    }

    fn describe(schemas: &mut SchemaGenerator) -> Vec<ResponseDoc> {
        let mut answers = Created::<T>::describe(schemas);
        answers.push(ResponseDoc::json(
            200,
            "The resource exists with the same content; nothing was changed.",
            schemas.subschema_for::<T>(),
        ));
        answers
    }
}

/// 201 with something that is shown once: an idempotent repetition is answered without it.
#[derive(Debug)]
pub struct CreatedWithSecret<T> {
    /// What is shown once.
    pub shown: Created<T>,
    /// What is shown from then on.
    pub kept: T,
}

impl<T: Serialize + JsonSchema + Send> Output for CreatedWithSecret<T> {
    fn into_response_parts(self) -> Result<ResponseParts> {
        let replay = serde_json::to_vec(&self.kept).map_err(Error::internal)?;
        Ok(ResponseParts { replay: Some(replay.into()), ..self.shown.into_response_parts()? }
            .with(CACHE_CONTROL, "no-store"))
    }

    fn describe(schemas: &mut SchemaGenerator) -> Vec<ResponseDoc> {
        Created::<T>::describe(schemas)
    }
}

/// 201 with the new thing, 200 with the one that stands, or 202 with what is under way.
#[derive(Debug)]
pub enum CreateOutcome<T, U> {
    /// It is new.
    Created(Created<T>),
    /// What there was stands.
    Unchanged(T),
    /// Others are at work.
    Accepted(U),
}

impl<T: Serialize + JsonSchema + Send, U: Serialize + JsonSchema + Send> Output
    for CreateOutcome<T, U>
{
    fn into_response_parts(self) -> Result<ResponseParts> {
        match self {
            Self::Created(created) => created.into_response_parts(),
            Self::Unchanged(body) => ResponseParts::json(StatusCode::OK, &body),
            Self::Accepted(body) => ResponseParts::json(StatusCode::ACCEPTED, &body),
        }
    }

    fn describe(schemas: &mut SchemaGenerator) -> Vec<ResponseDoc> {
        let mut answers = Created::<T>::describe(schemas);
        answers.push(ResponseDoc::json(
            200,
            "Nothing has changed since; this is the current resource.",
            schemas.subschema_for::<T>(),
        ));
        answers.push(ResponseDoc::json(
            202,
            "The request was accepted; the work continues.",
            schemas.subschema_for::<U>(),
        ));
        answers
    }
}

/// 200 with a stored JSON document as it was written, or 303 to where it is, if it is longer than a
/// function can answer.
#[derive(Debug)]
pub struct StoredDocument<T> {
    content: DocumentBody,
    caching: &'static str,
    document: PhantomData<fn() -> T>,
}

impl<T> StoredDocument<T> {
    /// A document that will never change.
    #[must_use]
    pub fn immutable(content: DocumentBody) -> Self {
        Self { content, caching: "private, max-age=31536000, immutable", document: PhantomData }
    }

    /// A document in whose place another may be in a moment.
    #[must_use]
    pub fn current(content: DocumentBody) -> Self {
        Self { content, caching: "no-cache", document: PhantomData }
    }
}

impl<T: JsonSchema> Output for StoredDocument<T> {
    fn into_response_parts(self) -> Result<ResponseParts> {
        Ok(match self.content {
            DocumentBody::Inline(body) => {
                ResponseParts { body, ..ResponseParts::empty(StatusCode::OK) }
                    .with(CACHE_CONTROL, self.caching)
            }
            // The URL bears a credential that ends soon.
            DocumentBody::At(url) => ResponseParts::empty(StatusCode::SEE_OTHER)
                .with(LOCATION, url)
                .with(CACHE_CONTROL, "no-store"),
        })
    }

    fn describe(schemas: &mut SchemaGenerator) -> Vec<ResponseDoc> {
        vec![
            ResponseDoc::json(
                200,
                "The document, byte for byte as it was written.",
                schemas.subschema_for::<T>(),
            ),
            ResponseDoc::empty(
                303,
                "The document is larger than 5 MiB: `Location` is a URL of its bytes that expires after 15 minutes.",
            ),
        ]
    }
}

/// 200 when it is done, 202 while it is under way.
#[derive(Debug)]
pub enum CompletedOrAccepted<T> {
    /// Done.
    Completed(T),
    /// Under way.
    Accepted(T),
}

impl<T: Serialize + JsonSchema + Send> Output for CompletedOrAccepted<T> {
    fn into_response_parts(self) -> Result<ResponseParts> {
        match self {
            Self::Completed(body) => ResponseParts::json(StatusCode::OK, &body),
            Self::Accepted(body) => ResponseParts::json(StatusCode::ACCEPTED, &body),
        }
    }

    fn describe(schemas: &mut SchemaGenerator) -> Vec<ResponseDoc> {
        vec![
            ResponseDoc::json(200, "The work is complete.", schemas.subschema_for::<T>()),
            ResponseDoc::json(
                202,
                "The request was accepted; the work continues. Poll for the result.",
                schemas.subschema_for::<T>(),
            ),
        ]
    }
}

/// 302 to somewhere else, for now.
#[derive(Debug)]
pub struct Found(pub String);

impl Output for Found {
    fn into_response_parts(self) -> Result<ResponseParts> {
        // The URL bears a credential that ends soon.
        Ok(ResponseParts::empty(StatusCode::FOUND)
            .with(LOCATION, self.0)
            .with(CACHE_CONTROL, "no-store"))
    }

    fn describe(_: &mut SchemaGenerator) -> Vec<ResponseDoc> {
        vec![ResponseDoc::empty(
            302,
            "`Location` is a URL of the bytes; a presigned one expires after 15 minutes.",
        )]
    }
}

/// 204
#[derive(Debug)]
pub struct NoContent;

impl Output for NoContent {
    fn into_response_parts(self) -> Result<ResponseParts> {
        Ok(ResponseParts::empty(StatusCode::NO_CONTENT))
    }

    fn describe(_: &mut SchemaGenerator) -> Vec<ResponseDoc> {
        vec![ResponseDoc::empty(204, "The request succeeded.")]
    }
}
