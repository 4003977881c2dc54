//! An object store that is not Amazon S3 of the functions' own account.

use std::fmt;

use aws_sdk_s3::config::{
    BehaviorVersion, Credentials, Region, RequestChecksumCalculation, ResponseChecksumValidation,
};

use crate::clients::Clients;
use crate::deadlines::{self, ObjectDeadlines};
use crate::http::system_http_client;
use crate::lazy_client::LazyClient;

/// Where an object store with the API of S3 is, and who may use it.
#[derive(Clone, PartialEq, Eq)]
pub struct ObjectStore {
    /// Its base URL, such as `https://storage.googleapis.com`.
    pub endpoint_url: String,
    /// The region that requests are signed for; stores that know none take any.
    pub region: String,
    /// Whether the bucket is in the path of URLs, rather than in the name of the host.
    pub path_style: bool,
    /// Access key id: of GCS, that of an HMAC key.
    pub access_key_id: String,
    /// Secret access key.
    pub secret_access_key: String,
}

/// Without the secret.
impl fmt::Debug for ObjectStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ObjectStore")
            .field("endpoint_url", &self.endpoint_url)
            .field("region", &self.region)
            .field("path_style", &self.path_style)
            .field("access_key_id", &self.access_key_id)
            .finish_non_exhaustive()
    }
}

impl Clients {
    /// The same clients, of which that for S3 is one for `store`. It trusts the certificates that
    /// the system trusts, and sends no checksum that a request does not ask for: other stores
    /// refuse them.
    #[must_use]
    pub fn with_object_store(self, store: &ObjectStore) -> Self {
        let store = store.clone();
        Self { s3: LazyClient::new(move || client(&store)), ..self }
    }
}

fn client(store: &ObjectStore) -> aws_sdk_s3::Client {
    let ObjectStore { access_key_id, secret_access_key, .. } = store;
    let credentials =
        Credentials::new(access_key_id, secret_access_key, None, None, "object store");
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(system_http_client())
        .region(Region::new(store.region.clone()))
        .endpoint_url(&store.endpoint_url)
        .force_path_style(store.path_style)
        .credentials_provider(credentials)
        .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
        .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
        .timeout_config(deadlines::objects())
        .interceptor(ObjectDeadlines)
        .build();
    aws_sdk_s3::Client::from_conf(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_log_shows_the_secret() {
        let store = ObjectStore {
            endpoint_url: "https://s3.example.com".to_owned(),
            region: "us-east-1".to_owned(),
            path_style: true,
            access_key_id: "access".to_owned(),
            secret_access_key: "what nobody may see".to_owned(),
        };
        let shown = format!("{store:?}");
        assert!(shown.contains("https://s3.example.com") && !shown.contains("nobody"), "{shown}");
    }
}
