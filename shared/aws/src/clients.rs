//! SDK clients, created once per function instance.

use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region};
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};
use aws_sdk_s3::config::{RequestChecksumCalculation, SharedHttpClient};
use aws_smithy_http_client::{Builder, tls};

use crate::deadlines::{self, ObjectDeadlines};
use crate::redirected::redirected;

/// Configuration from which SDK clients are created.
pub use aws_config::SdkConfig;

/// Root certificates of AWS endpoints (<https://www.amazontrust.com/repository/>). Loading the
/// system's trust store would take most of an SDK client's start-up.
const AMAZON_ROOTS: &[u8] = include_bytes!("../roots/amazon.pem");

/// SDK clients for the services that Slipway uses. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Clients {
    /// Client for DynamoDB.
    pub dynamodb: aws_sdk_dynamodb::Client,
    /// Client for S3.
    pub s3: aws_sdk_s3::Client,
    /// Client for KMS.
    pub kms: aws_sdk_kms::Client,
    /// What makes a client for Lambda: see [`lambda_client`].
    pub lambda: SdkConfig,
    /// What parameters are read with: see [`read_parameter`](crate::read_parameter).
    pub parameters: SdkConfig,
}

/// Local servers that emulate AWS.
#[derive(Debug, Clone)]
pub struct Local {
    /// Base URL of DynamoDB.
    pub dynamodb_url: String,
    /// Base URL of S3, at which it is dialled.
    pub s3_url: String,
    /// Base URL at which clients reach S3, which presigned URLs begin with; `s3_url`, where it is
    /// not set.
    pub s3_public_url: Option<String>,
    /// Base URL of Lambda.
    pub lambda_url: String,
    /// Access key id that the servers accept.
    pub access_key_id: String,
    /// Secret access key.
    pub secret_access_key: String,
}

impl Clients {
    /// Clients for AWS, with region, credentials and endpoints from the SDK's standard environment
    /// variables.
    pub async fn from_environment() -> Self {
        let config = aws_config::defaults(BehaviorVersion::latest())
            .http_client(http_client())
            .timeout_config(deadlines::small())
            .load()
            .await;
        let s3 =
            s3_config(&config).timeout_config(deadlines::objects()).interceptor(ObjectDeadlines);
        Self {
            dynamodb: aws_sdk_dynamodb::Client::new(&config),
            s3: aws_sdk_s3::Client::from_conf(s3.build()),
            kms: aws_sdk_kms::Client::new(&config),
            lambda: config.clone(),
            parameters: config,
        }
    }

    /// Clients for local servers.
    #[must_use]
    pub fn local(local: &Local) -> Self {
        let config = local.sdk_config();
        let dynamodb = aws_sdk_dynamodb::config::Builder::from(&config)
            .endpoint_url(&local.dynamodb_url)
            .build();
        let s3 = s3_config(&config).force_path_style(true);
        let s3 = match &local.s3_public_url {
            None => s3.endpoint_url(&local.s3_url),
            Some(public) => s3.endpoint_url(public).http_client(redirected(
                Builder::new().build_http(),
                public,
                &local.s3_url,
            )),
        };
        Self {
            dynamodb: aws_sdk_dynamodb::Client::from_conf(dynamodb),
            s3: aws_sdk_s3::Client::from_conf(s3.build()),
            kms: aws_sdk_kms::Client::new(&config),
            lambda: config.clone().into_builder().endpoint_url(&local.lambda_url).build(),
            parameters: config,
        }
    }
}

/// A client for Lambda of `config`. Few functions need one, and making it takes time at the start of
/// all.
#[must_use]
pub fn lambda_client(config: &SdkConfig) -> aws_sdk_lambda::Client {
    aws_sdk_lambda::Client::new(config)
}

impl Local {
    /// SDK configuration for the local servers, without endpoints.
    #[must_use]
    pub fn sdk_config(&self) -> SdkConfig {
        let credentials =
            Credentials::new(&self.access_key_id, &self.secret_access_key, None, None, "local");
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static("us-east-1"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .http_client(Builder::new().build_http())
            .timeout_config(connect_timeout())
            .build()
    }
}

fn http_client() -> SharedHttpClient {
    let roots = tls::TrustStore::empty().with_pem_certificate(AMAZON_ROOTS);
    let provider = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring);
    match tls::TlsContext::builder().with_trust_store(roots).build() {
        Ok(context) => Builder::new().tls_provider(provider).tls_context(context).build_https(),
        // The certificates are compiled in, and a test builds this context: the system's roots are
        // a slower start, not a hole.
        Err(_) => Builder::new().tls_provider(provider).build_https(),
    }
}

/// Presigned URLs must not include a checksum of the empty body that the presigner sees.
fn s3_config(config: &SdkConfig) -> aws_sdk_s3::config::Builder {
    aws_sdk_s3::config::Builder::from(config)
        .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
}

/// Local servers have all the time: debug builds are slow.
fn connect_timeout() -> TimeoutConfig {
    TimeoutConfig::builder().connect_timeout(Duration::from_secs(2)).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_five_amazon_roots_make_a_trust_store() {
        assert_eq!(
            AMAZON_ROOTS
                .windows(27)
                .filter(|window| window == b"-----BEGIN CERTIFICATE-----")
                .count(),
            5
        );
        let roots = tls::TrustStore::empty().with_pem_certificate(AMAZON_ROOTS);
        assert!(tls::TlsContext::builder().with_trust_store(roots).build().is_ok());
    }
}
