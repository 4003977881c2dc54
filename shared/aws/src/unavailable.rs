//! What it means that a call to AWS failed.

use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;

/// Codes of services that ask for patience with status 400: DynamoDB, KMS, Lambda and SSM do.
const OVERLOADED: [&str; 3] =
    ["ProvisionedThroughputExceededException", "RequestLimitExceeded", "ThrottlingException"];

/// Whether a call failed because the service did not answer in time, or answered that it can't: the
/// same call may succeed later. Everything else is a fault of ours, or an answer.
#[must_use]
pub fn is_unavailable<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> bool {
    let is_unreachable = matches!(
        error,
        SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_)
    );
    let status = error.raw_response().map(|response| response.status().as_u16());
    let is_overloaded = error.code().is_some_and(|code| OVERLOADED.contains(&code));
    is_unreachable || is_overloaded || matches!(status, Some(429 | 500..=599))
}
