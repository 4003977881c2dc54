//! What a failure means to whoever runs the command: what is wrong, where, and what would be right.

use std::error::Error as StdError;

use slipway_aws::Clients;
use slipway_edge::Error;

/// What AWS or its SDK says, and what that means. The first that fits counts.
const MEANINGS: &[(&str, &str)] = &[
    (
        "ResourceNotFoundException",
        "there is no table {table} in {region}: --table is the stack's output TableName, and AWS_REGION its region",
    ),
    (
        "CredentialsNotLoaded",
        "there are no AWS credentials: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, as for the AWS CLI",
    ),
    ("ExpiredToken", "the AWS credentials have expired: log in again"),
    (
        "UnrecognizedClientException",
        "AWS does not know these credentials: look at AWS_PROFILE, or AWS_ACCESS_KEY_ID",
    ),
    (
        "InvalidSignatureException",
        "AWS refuses the signature: AWS_SECRET_ACCESS_KEY does not belong to AWS_ACCESS_KEY_ID, or the clock of this machine is wrong",
    ),
    (
        "AccessDenied",
        "these AWS credentials may not do that to table {table} in {region}; which action it was is said below",
    ),
    (
        "NotFoundException",
        "there is no such KMS key in {region}: --envelope is the stack's output EnvelopeKeyArn",
    ),
    (
        "dispatch failure",
        "AWS does not answer in {region}: look at AWS_REGION, AWS_ENDPOINT_URL* and the network",
    ),
];

/// Without one the SDK can't tell where AWS is, whatever it then says.
const NO_REGION: &str = "no region is set: set AWS_REGION to the stack's, as for the AWS CLI";

/// The lines for standard error.
pub fn explain(error: &Error, table: &str, clients: &Clients) -> String {
    // What the caller of a function must not see, its deployer has to.
    let Some(cause) = StdError::source(error).map(ToString::to_string) else {
        return error.to_string();
    };
    let Some(region) = clients.dynamodb.config().region() else {
        return format!("{NO_REGION}\n  because: {cause}");
    };
    let meaning = MEANINGS.iter().find(|(said, _)| cause.contains(said));
    let message = meaning.map_or_else(
        || error.to_string(),
        |(_, meaning)| meaning.replace("{table}", table).replace("{region}", region.as_ref()),
    );
    format!("{message}\n  because: {cause}")
}
