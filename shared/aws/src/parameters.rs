//! Parameters of SSM's Parameter Store, and through it secrets of Secrets Manager.

use aws_sdk_ssm::Client;
use aws_sdk_ssm::error::DisplayErrorContext;

use crate::unavailable::is_unavailable;

/// Why a parameter was not read. The cause is for the log.
#[derive(Debug)]
pub enum ParameterError {
    /// AWS does not answer, or asks for patience.
    Unavailable(String),
    /// It does not exist, or the function may not read it.
    Refused(String),
}

/// The decrypted value of the parameter `name`, which may be an ARN. The name
/// `/aws/reference/secretsmanager/` and that of a secret in Secrets Manager is that secret.
///
/// # Errors
/// [`ParameterError`].
pub async fn read_parameter(client: &Client, name: &str) -> Result<String, ParameterError> {
    let request = client.get_parameter().name(name).with_decryption(true);
    match request.send().await {
        Ok(answer) => answer
            .parameter
            .and_then(|parameter| parameter.value)
            .ok_or_else(|| ParameterError::Refused("SSM answers no value".to_owned())),
        Err(error) => {
            let cause = format!("SSM: {}", DisplayErrorContext(&error));
            Err(if is_unavailable(&error) {
                ParameterError::Unavailable(cause)
            } else {
                ParameterError::Refused(cause)
            })
        }
    }
}
