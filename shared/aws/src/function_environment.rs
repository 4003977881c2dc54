//! SDK configuration of a function: what Lambda sets in its environment, and nothing else. No
//! profile is read, and no metadata address asked.

use std::env;

use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region, SharedCredentialsProvider};
use aws_types::SdkConfig;
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};

use crate::http::amazon_http_client;

/// The environment variable that all of an endpoint's variables begin with.
const ENDPOINT_URL: &str = "AWS_ENDPOINT_URL";

/// Reads a variable.
type Variable = fn(&str) -> Option<String>;

/// The configuration that the environment of a function describes.
pub(crate) fn function_config() -> SdkConfig {
    config(variable)
}

fn config(variable: Variable) -> SdkConfig {
    let mut builder = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(variable("AWS_REGION").map(Region::new))
        .retry_config(RetryConfig::standard())
        .service_config(Endpoints(variable))
        .http_client(amazon_http_client());
    builder.set_credentials_provider(credentials(variable));
    builder.set_endpoint_url(variable(ENDPOINT_URL));
    builder.set_use_fips(flag(variable, "AWS_USE_FIPS_ENDPOINT"));
    builder.set_use_dual_stack(flag(variable, "AWS_USE_DUALSTACK_ENDPOINT"));
    builder.build()
}

/// The credentials of the function's role. Lambda sets them for as long as the instance lives.
fn credentials(variable: Variable) -> Option<SharedCredentialsProvider> {
    let (id, secret) = (variable("AWS_ACCESS_KEY_ID")?, variable("AWS_SECRET_ACCESS_KEY")?);
    let session = variable("AWS_SESSION_TOKEN");
    let credentials = Credentials::new(id, secret, session, None, "function environment");
    Some(SharedCredentialsProvider::new(credentials))
}

fn flag(variable: Variable, name: &str) -> Option<bool> {
    variable(name).map(|text| text.eq_ignore_ascii_case("true"))
}

/// The variables of one service, such as `AWS_ENDPOINT_URL_DYNAMODB`.
#[derive(Debug)]
struct Endpoints(Variable);

impl LoadServiceConfig for Endpoints {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        let service = key.service_id().to_ascii_uppercase().replace(' ', "_");
        let of_service = (self.0)(&format!("{}_{service}", key.env()));
        of_service.or_else(|| (self.0)(key.env()))
    }
}

/// The variable `name`, if it is set to something.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the SDK's own variables")]
fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::config::ProvideCredentials;

    use super::*;

    fn lambda(name: &str) -> Option<String> {
        let value = match name {
            "AWS_REGION" => "eu-central-1",
            "AWS_ACCESS_KEY_ID" => "ASIAEXAMPLE",
            "AWS_SECRET_ACCESS_KEY" => "what nobody may see",
            "AWS_SESSION_TOKEN" => "a token that nobody may see",
            "AWS_ENDPOINT_URL_KMS" => "http://127.0.0.1:1",
            "AWS_USE_FIPS_ENDPOINT" => "true",
            _ => return None,
        };
        Some(value.to_owned())
    }

    #[tokio::test]
    async fn a_function_is_what_its_environment_says() {
        let config = config(lambda);
        assert_eq!(config.region(), Some(&Region::from_static("eu-central-1")));
        assert_eq!((config.use_fips(), config.use_dual_stack()), (Some(true), None));
        let provider = config.credentials_provider().unwrap();
        let credentials = provider.provide_credentials().await.unwrap();
        assert_eq!(credentials.access_key_id(), "ASIAEXAMPLE");
        assert_eq!(credentials.session_token(), Some("a token that nobody may see"));
        let shown = format!("{credentials:?} {config:?}");
        assert!(!shown.contains("nobody may see"), "{shown}");
    }

    #[test]
    fn an_endpoint_is_one_services_or_that_of_all() {
        let find = |service, variable: Variable| {
            let key = ServiceConfigKey::builder().service_id(service).env(ENDPOINT_URL);
            Endpoints(variable).load_config(key.profile("endpoint_url").build().unwrap())
        };
        assert_eq!(find("KMS", lambda).as_deref(), Some("http://127.0.0.1:1"));
        assert_eq!(find("DynamoDB", lambda), None);
        let all: Variable = |name| (name == ENDPOINT_URL).then(|| "http://127.0.0.1:2".to_owned());
        assert_eq!(find("Secrets Manager", all).as_deref(), Some("http://127.0.0.1:2"));
    }

    #[test]
    fn without_credentials_nobody_is_asked_for_any() {
        assert!(config(|_| None).credentials_provider().is_none());
    }
}
