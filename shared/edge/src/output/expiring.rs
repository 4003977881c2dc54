//! A response that has a URL which expires.

use schemars::SchemaGenerator;
use slipway_domain::{Result, Timestamp};

use crate::describe::ResponseDoc;
use crate::output::{Output, ResponseParts};

/// A response with a URL that works until a time. A repetition by the idempotency key is answered
/// the same before it, and is refused from then on: `stale_state` (409).
#[derive(Debug)]
pub struct Expiring<O> {
    output: O,
    valid_until: Timestamp,
}

impl<O> Expiring<O> {
    /// `output`, whose URL works until `valid_until`.
    pub fn at(valid_until: Timestamp, output: O) -> Self {
        Self { output, valid_until }
    }
}

impl<O: Output> Output for Expiring<O> {
    fn to_response_parts(&self) -> Result<ResponseParts> {
        let response = self.output.to_response_parts()?;
        Ok(ResponseParts { valid_until: Some(self.valid_until), ..response })
    }

    fn describe(schemas: &mut SchemaGenerator) -> Vec<ResponseDoc> {
        O::describe(schemas)
    }
}
