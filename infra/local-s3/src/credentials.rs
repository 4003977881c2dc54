//! The one key pair the server knows.

use std::fmt;

use s3s::{S3Error, S3ErrorCode, S3Result, auth::S3Auth, auth::SecretKey};

/// The access key every request must be signed with. Its `Debug` form does not show the secret.
#[derive(Clone)]
pub struct Credentials {
    /// The public half, part of every signature's scope.
    pub access_key_id: String,
    /// The secret half, never sent.
    pub secret_access_key: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("access_key_id", &self.access_key_id)
            .finish_non_exhaustive()
    }
}

#[async_trait::async_trait]
impl S3Auth for Credentials {
    async fn get_secret_key(&self, access_key: &str) -> S3Result<SecretKey> {
        if access_key == self.access_key_id {
            return Ok(SecretKey::from(self.secret_access_key.as_str()));
        }
        Err(S3Error::with_message(
            S3ErrorCode::InvalidAccessKeyId,
            "The AWS Access Key Id you provided does not exist in our records.",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_does_not_show_the_secret() {
        let credentials =
            Credentials { access_key_id: "local".to_owned(), secret_access_key: "hush".to_owned() };
        assert!(!format!("{credentials:?}").contains("hush"));
    }
}
