//! Callers whose credentials are none of Slipway's.

use std::sync::Arc;

use futures::future::BoxFuture;
use slipway_aws::Meter;
use slipway_domain::{Principal, Result};

use crate::permissions::Grant;
use crate::request::Request;
use crate::services::Services;

/// Finds out who the caller of an endpoint is.
pub trait Authenticator: Send + Sync {
    /// What IAM has to allow for it.
    fn grants(&self) -> &'static [Grant];

    /// The caller.
    ///
    /// # Errors
    /// `unauthenticated`, without a word about what there is.
    fn authenticate<'a>(
        &'a self,
        services: &'a Arc<Services>,
        request: &'a Request,
        meter: &'a Meter,
    ) -> BoxFuture<'a, Result<Principal>>;
}
