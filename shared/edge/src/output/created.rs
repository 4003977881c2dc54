//! 201 with what was created, or 200 with what had been there.

use http::StatusCode;
use http::header::LOCATION;
use schemars::{JsonSchema, SchemaGenerator};
use serde::Serialize;
use slipway_domain::{Error, Result};

use crate::caching::Caching;
use crate::describe::ResponseDoc;
use crate::output::{Output, ResponseParts};

/// 201 with the new resource, and where it is.
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

    /// The new resource.
    pub fn resource(&self) -> &T {
        &self.body
    }
}

impl<T: Serialize + JsonSchema + Send> Output for Created<T> {
    fn to_response_parts(&self) -> Result<ResponseParts> {
        let response = ResponseParts::json(StatusCode::CREATED, &self.body)?;
        Ok(response.with(LOCATION, &self.location))
    }

    fn describe(schemas: &mut SchemaGenerator) -> Vec<ResponseDoc> {
        vec![ResponseDoc::json(
            201,
            "The resource was created; `Location` is its path.",
            schemas.subschema_for::<T>(),
        )]
    }
}

/// 201 with the new resource, or 200 with one of the same content that existed already.
#[derive(Debug)]
pub enum CreatedOrExisting<T> {
    /// It is new.
    Created(Created<T>),
    /// It existed.
    Existing(T),
}

impl<T: Serialize + JsonSchema + Send> Output for CreatedOrExisting<T> {
    fn to_response_parts(&self) -> Result<ResponseParts> {
        match self {
            Self::Created(created) => created.to_response_parts(),
            Self::Existing(body) => ResponseParts::json(StatusCode::OK, body),
        }
    }

    fn describe(schemas: &mut SchemaGenerator) -> Vec<ResponseDoc> {
        let mut responses = Created::<T>::describe(schemas);
        responses.push(ResponseDoc::json(
            200,
            "The resource exists with the same content; nothing was changed.",
            schemas.subschema_for::<T>(),
        ));
        responses
    }
}

/// 201 with a secret that is shown once: an idempotent repetition is answered without it.
#[derive(Debug)]
pub struct CreatedWithSecret<T> {
    /// What is shown once.
    pub shown: Created<T>,
    /// What is shown from then on.
    pub kept: T,
}

impl<T: Serialize + JsonSchema + Send> Output for CreatedWithSecret<T> {
    fn to_response_parts(&self) -> Result<ResponseParts> {
        let replay = serde_json::to_vec(&self.kept).map_err(Error::internal)?;
        Ok(ResponseParts { replay: Some(replay.into()), ..self.shown.to_response_parts()? }
            .cached(Caching::Never))
    }

    fn describe(schemas: &mut SchemaGenerator) -> Vec<ResponseDoc> {
        Created::<T>::describe(schemas)
    }
}
