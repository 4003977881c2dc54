//! What endpoints answer.

use std::marker::PhantomData;

use bytes::Bytes;
use http::StatusCode;
use http::header::{CACHE_CONTROL, HeaderName, LOCATION};
use schemars::{JsonSchema, SchemaGenerator};
use serde::Serialize;
use slipway_domain::{Error, Result};
use slipway_storage::Content;

use crate::input::Json;
use crate::openapi::Answer;

/// A response before the frame has dressed it.
#[derive(Debug, Clone)]
pub struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: Vec<(HeaderName, String)>,
    pub(crate) body: Bytes,
    /// What an idempotent repetition is answered, where that is not the body: secrets are shown once.
    pub(crate) replay: Option<Bytes>,
}

impl Reply {
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
    fn into_reply(self) -> Result<Reply>;

    /// The successful responses that it can become.
    fn describe(schemas: &mut SchemaGenerator) -> Vec<Answer>;
}

/// 200 with a JSON body.
impl<T: Serialize + JsonSchema + Send> Output for Json<T> {
    fn into_reply(self) -> Result<Reply> {
        Reply::json(StatusCode::OK, &self.0)
    }

    fn describe(schemas: &mut SchemaGenerator) -> Vec<Answer> {
        vec![Answer::json(200, "What was asked for.", schemas.subschema_for::<T>())]
    }
}

/// 200 with a JSON body that will never change.
#[derive(Debug)]
pub struct Immutable<T>(pub T);

impl<T: Serialize + JsonSchema + Send> Output for Immutable<T> {
    fn into_reply(self) -> Result<Reply> {
        Ok(Reply::json(StatusCode::OK, &self.0)?.with(CACHE_CONTROL, "private, max-age=31536000, immutable"))
    }

    fn describe(schemas: &mut SchemaGenerator) -> Vec<Answer> {
        vec![Answer::json(200, "What was asked for. It never changes.", schemas.subschema_for::<T>())]
    }
}

/// 200 with a JSON document that is compiled in.
#[derive(Debug)]
pub struct Document(pub &'static str);

impl Output for Document {
    fn into_reply(self) -> Result<Reply> {
        Ok(Reply { body: Bytes::from_static(self.0.as_bytes()), ..Reply::empty(StatusCode::OK) })
    }

    fn describe(schemas: &mut SchemaGenerator) -> Vec<Answer> {
        vec![Answer::json(200, "The document.", schemas.subschema_for::<serde_json::Map<String, serde_json::Value>>())]
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
    fn into_reply(self) -> Result<Reply> {
        Ok(Reply::json(StatusCode::CREATED, &self.body)?.with(LOCATION, self.location))
    }

    fn describe(schemas: &mut SchemaGenerator) -> Vec<Answer> {
        vec![Answer::json(201, "It was created.", schemas.subschema_for::<T>())]
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
    fn into_reply(self) -> Result<Reply> {
        match self {
            Self::Created(created) => created.into_reply(),
            Self::Existing(body) => Reply::json(StatusCode::OK, &body),
        }
    }

    fn describe(schemas: &mut SchemaGenerator) -> Vec<Answer> {
        let mut answers = Created::<T>::describe(schemas);
        answers.push(Answer::json(200, "The very same thing exists; nothing was changed.", schemas.subschema_for::<T>()));
        answers
    }
}

/// 201 with something that is shown once: an idempotent repetition is answered without it.
#[derive(Debug)]
pub struct Redacted<T> {
    /// What is shown once.
    pub shown: Created<T>,
    /// What is shown from then on.
    pub kept: T,
}

impl<T: Serialize + JsonSchema + Send> Output for Redacted<T> {
    fn into_reply(self) -> Result<Reply> {
        let replay = serde_json::to_vec(&self.kept).map_err(Error::internal)?;
        Ok(Reply { replay: Some(replay.into()), ..self.shown.into_reply()? }.with(CACHE_CONTROL, "no-store"))
    }

    fn describe(schemas: &mut SchemaGenerator) -> Vec<Answer> {
        Created::<T>::describe(schemas)
    }
}

/// 201 with the new thing, 200 with the one that stands, or 202 with what is under way.
#[derive(Debug)]
pub enum Made<T, U> {
    /// It is new.
    Created(Created<T>),
    /// What there was stands.
    Standing(T),
    /// Others are at work.
    Underway(U),
}

impl<T: Serialize + JsonSchema + Send, U: Serialize + JsonSchema + Send> Output for Made<T, U> {
    fn into_reply(self) -> Result<Reply> {
        match self {
            Self::Created(created) => created.into_reply(),
            Self::Standing(body) => Reply::json(StatusCode::OK, &body),
            Self::Underway(body) => Reply::json(StatusCode::ACCEPTED, &body),
        }
    }

    fn describe(schemas: &mut SchemaGenerator) -> Vec<Answer> {
        let mut answers = Created::<T>::describe(schemas);
        answers.push(Answer::json(200, "Nothing has changed; this is what stands.", schemas.subschema_for::<T>()));
        answers.push(Answer::json(202, "It is under way.", schemas.subschema_for::<U>()));
        answers
    }
}

/// 200 with a stored JSON document as it was written, or 303 to where it is, if it is longer than a function can answer.
#[derive(Debug)]
pub struct Delivered<T> {
    content: Content,
    caching: &'static str,
    document: PhantomData<fn() -> T>,
}

impl<T> Delivered<T> {
    /// A document that will never change.
    #[must_use]
    pub fn immutable(content: Content) -> Self {
        Self { content, caching: "private, max-age=31536000, immutable", document: PhantomData }
    }

    /// A document in whose place another may be in a moment.
    #[must_use]
    pub fn current(content: Content) -> Self {
        Self { content, caching: "no-cache", document: PhantomData }
    }
}

impl<T: JsonSchema> Output for Delivered<T> {
    fn into_reply(self) -> Result<Reply> {
        Ok(match self.content {
            Content::Inline(body) => Reply { body, ..Reply::empty(StatusCode::OK) }.with(CACHE_CONTROL, self.caching),
            // The URL bears a credential that ends soon.
            Content::At(url) => Reply::empty(StatusCode::SEE_OTHER).with(LOCATION, url).with(CACHE_CONTROL, "no-store"),
        })
    }

    fn describe(schemas: &mut SchemaGenerator) -> Vec<Answer> {
        vec![
            Answer::json(200, "The document, as it was written.", schemas.subschema_for::<T>()),
            Answer::empty(303, "It is longer than 5 MiB: its bytes are at `Location`, for a quarter of an hour."),
        ]
    }
}

/// 200 when it is done, 202 while it is under way.
#[derive(Debug)]
pub enum Accepted<T> {
    /// Done.
    Done(T),
    /// Under way.
    Underway(T),
}

impl<T: Serialize + JsonSchema + Send> Output for Accepted<T> {
    fn into_reply(self) -> Result<Reply> {
        match self {
            Self::Done(body) => Reply::json(StatusCode::OK, &body),
            Self::Underway(body) => Reply::json(StatusCode::ACCEPTED, &body),
        }
    }

    fn describe(schemas: &mut SchemaGenerator) -> Vec<Answer> {
        vec![
            Answer::json(200, "It is done.", schemas.subschema_for::<T>()),
            Answer::json(202, "It is under way; ask again.", schemas.subschema_for::<T>()),
        ]
    }
}

/// 302 to somewhere else, for now.
#[derive(Debug)]
pub struct Found(pub String);

impl Output for Found {
    fn into_reply(self) -> Result<Reply> {
        // The URL bears a credential that ends soon.
        Ok(Reply::empty(StatusCode::FOUND).with(LOCATION, self.0).with(CACHE_CONTROL, "no-store"))
    }

    fn describe(_: &mut SchemaGenerator) -> Vec<Answer> {
        vec![Answer::empty(302, "The bytes are at `Location`, for a quarter of an hour.")]
    }
}

/// 204
#[derive(Debug)]
pub struct NoContent;

impl Output for NoContent {
    fn into_reply(self) -> Result<Reply> {
        Ok(Reply::empty(StatusCode::NO_CONTENT))
    }

    fn describe(_: &mut SchemaGenerator) -> Vec<Answer> {
        vec![Answer::empty(204, "It is done.")]
    }
}
