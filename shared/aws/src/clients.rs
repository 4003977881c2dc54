//! SDK clients, each made once per function instance, when it is first used.

use std::time::Duration;

use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region, SharedCredentialsProvider};
use aws_sdk_s3::config::RequestChecksumCalculation;
use aws_smithy_http_client::Builder;

use crate::deadlines::{self, ObjectDeadlines};
use crate::function_environment::function_config;
use crate::lazy_client::LazyClient;
use crate::redirected::redirected;

/// Configuration from which SDK clients are created.
pub use aws_types::SdkConfig;

/// SDK clients for the services that Slipway uses. Cheap to clone, and to have without using them.
#[derive(Debug, Clone)]
pub struct Clients {
    /// Client for DynamoDB, which all functions need.
    pub dynamodb: aws_sdk_dynamodb::Client,
    /// Client for S3.
    pub s3: LazyClient<aws_sdk_s3::Client>,
    /// Client for KMS.
    pub kms: LazyClient<aws_sdk_kms::Client>,
    /// Client for Lambda.
    pub lambda: LazyClient<aws_sdk_lambda::Client>,
    /// Client for SSM, with which parameters are read.
    pub parameters: LazyClient<aws_sdk_ssm::Client>,
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
    /// Clients of a function on Lambda, which sets region and credentials in its environment.
    /// `AWS_ENDPOINT_URL`, the same of one service, `AWS_USE_FIPS_ENDPOINT` and
    /// `AWS_USE_DUALSTACK_ENDPOINT` count too; files of the AWS CLI do not.
    #[must_use]
    pub fn from_function_environment() -> Self {
        Self::of(function_config())
    }

    /// Clients of `config`, which has an HTTP client.
    #[must_use]
    pub fn of(config: SdkConfig) -> Self {
        let config = config.into_builder().timeout_config(deadlines::small()).build();
        let s3 = config.clone();
        Self {
            dynamodb: aws_sdk_dynamodb::Client::new(&config),
            s3: LazyClient::new(move || {
                let s3 = s3_config(&s3).timeout_config(deadlines::objects());
                aws_sdk_s3::Client::from_conf(s3.interceptor(ObjectDeadlines).build())
            }),
            kms: lazy(&config, aws_sdk_kms::Client::new),
            lambda: lazy(&config, aws_sdk_lambda::Client::new),
            parameters: lazy(&config, aws_sdk_ssm::Client::new),
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
        let lambda = config.clone().into_builder().endpoint_url(&local.lambda_url).build();
        Self {
            dynamodb: aws_sdk_dynamodb::Client::from_conf(dynamodb),
            s3: LazyClient::new(move || aws_sdk_s3::Client::from_conf(s3.build())),
            kms: lazy(&config, aws_sdk_kms::Client::new),
            lambda: lazy(&lambda, aws_sdk_lambda::Client::new),
            parameters: lazy(&config, aws_sdk_ssm::Client::new),
        }
    }
}

/// The client that `make` makes of `config`.
fn lazy<C: 'static>(config: &SdkConfig, make: fn(&SdkConfig) -> C) -> LazyClient<C> {
    let config = config.clone();
    LazyClient::new(move || make(&config))
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
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    use aws_smithy_http_client::Connector;

    use super::*;
    use crate::http::on_demand;

    /// Clients of nothing that answers, and how many connectors they have made, of which each has a
    /// TLS configuration.
    fn counted() -> (Clients, Arc<AtomicU64>) {
        let made = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&made);
        let http = Builder::new().build_with_connector_fn(move |settings, _| {
            counter.fetch_add(1, Ordering::Relaxed);
            let connector = Connector::builder();
            connector.connector_settings(settings.unwrap().clone()).build_http()
        });
        let nowhere = Local {
            dynamodb_url: String::new(),
            s3_url: String::new(),
            s3_public_url: None,
            lambda_url: String::new(),
            access_key_id: "none".to_owned(),
            secret_access_key: "none".to_owned(),
        };
        let config = nowhere.sdk_config().into_builder().http_client(on_demand(http));
        let once = aws_sdk_dynamodb::config::retry::RetryConfig::disabled();
        let config = config.endpoint_url("http://127.0.0.1:9").retry_config(once);
        (Clients::of(config.build()), made)
    }

    #[tokio::test]
    async fn all_clients_share_one_connector_and_so_one_tls_configuration() {
        let (clients, made) = counted();
        let made = || made.load(Ordering::Relaxed);
        assert!(clients.dynamodb.list_tables().send().await.is_err());
        assert_eq!(made(), 1);
        assert!(clients.s3.list_buckets().send().await.is_err());
        assert!(clients.kms.list_keys().send().await.is_err());
        assert!(clients.lambda.list_functions().send().await.is_err());
        assert!(clients.parameters.describe_parameters().send().await.is_err());
        assert_eq!(made(), 1);
    }

    #[tokio::test]
    async fn a_client_is_made_when_it_is_first_used_and_its_clones_have_it() {
        let (clients, _) = counted();
        let shared = clients.clone();
        assert!(!clients.kms.is_made() && !clients.s3.is_made());
        assert!(!clients.lambda.is_made() && !clients.parameters.is_made());
        assert!(clients.kms.list_keys().send().await.is_err());
        assert!(shared.kms.is_made() && !shared.s3.is_made());
    }
}
