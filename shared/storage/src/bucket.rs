//! The bucket, and the translation of its failures.

use aws_sdk_s3::Client;
use aws_sdk_s3::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use slipway_aws::{LazyClient, Meter, is_unavailable};
use slipway_domain::{Code, Error};

use crate::store_traits::StoreTraits;

/// The artifact bucket, with a meter that counts its calls.
#[derive(Debug, Clone)]
pub struct Bucket {
    pub(crate) client: LazyClient<Client>,
    pub(crate) name: String,
    pub(crate) meter: Meter,
    pub(crate) traits: StoreTraits,
}

impl Bucket {
    /// The bucket `name` of Amazon S3.
    #[must_use]
    pub fn new(
        client: impl Into<LazyClient<Client>>,
        name: impl Into<String>,
        meter: Meter,
    ) -> Self {
        let client = client.into();
        Self { client, name: name.into(), meter, traits: StoreTraits::AWS }
    }

    /// The same bucket in a store with `traits`.
    #[must_use]
    pub fn with_traits(self, traits: StoreTraits) -> Self {
        Self { traits, ..self }
    }

    /// The same bucket with another meter.
    #[must_use]
    pub fn metered(&self, meter: &Meter) -> Self {
        Self { meter: meter.clone(), ..self.clone() }
    }
}

/// The HTTP status of a failed call; `None` if S3 did not respond.
pub(crate) fn status<E>(error: &SdkError<E>) -> Option<u16> {
    error.raw_response().map(|response| response.status().as_u16())
}

/// The error for a failed call: `unavailable` if S3 is unreachable or overloaded, else `internal`.
#[expect(clippy::needless_pass_by_value, reason = "it is what map_err hands over")]
pub(crate) fn failed<E>(error: SdkError<E>) -> Error
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let is_contended = status(&error) == Some(409);
    let source = format!("S3: {}", DisplayErrorContext(&error));
    if is_contended || is_unavailable(&error) {
        return Error::new(Code::Unavailable, "the artifact storage does not answer; try again")
            .because(source);
    }
    Error::internal(source)
}
