//! The network between a function and DynamoDB, S3 and Lambda, with a hook at each call.

use std::fmt;
use std::sync::Arc;

use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::{RuntimeComponents, SharedHttpClient};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use slipway_aws::Clients;
use slipway_edge::Services;
use slipway_test_support::{TestClock, World};

/// What becomes of a call, which the connector would carry out.
type Hook = Arc<dyn Fn(HttpRequest, SharedHttpConnector) -> HttpConnectorFuture + Send + Sync>;

/// The network of a function.
struct HookedNetwork {
    real: SharedHttpClient,
    hook: Hook,
}

/// A connection over it.
struct HookedConnection {
    real: SharedHttpConnector,
    hook: Hook,
}

/// The services of a function in `world`, whose clock is `test_clock`. Each of its calls to
/// DynamoDB, S3 and Lambda goes through `hook`.
pub fn services_over(
    world: &World,
    test_clock: &TestClock,
    hook: impl Fn(HttpRequest, SharedHttpConnector) -> HttpConnectorFuture + Send + Sync + 'static,
) -> Arc<Services> {
    let real = world.stack.local.sdk_config().http_client().unwrap();
    let http = SharedHttpClient::new(HookedNetwork { real, hook: Arc::new(hook) });
    let healthy = Clients::local(&world.stack.local);
    // Repeating what fails changes nothing about it, but takes time.
    let once = RetryConfig::disabled();
    let dynamodb = healthy.dynamodb.config().to_builder();
    let dynamodb = dynamodb.http_client(http.clone()).retry_config(once.clone()).build();
    let s3 = healthy.s3.config().to_builder();
    let s3 = s3.http_client(http.clone()).retry_config(once.clone()).build();
    let lambda = healthy.lambda.config().to_builder();
    let lambda = lambda.http_client(http).retry_config(once).build();
    let dynamodb = aws_sdk_dynamodb::Client::from_conf(dynamodb);
    let s3 = aws_sdk_s3::Client::from_conf(s3).into();
    let lambda = aws_sdk_lambda::Client::from_conf(lambda).into();
    let clients = Clients { dynamodb, s3, lambda, ..healthy };
    Services::new(&world.stack.settings, &clients, test_clock.clock())
}

impl fmt::Debug for HookedNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HookedNetwork").finish_non_exhaustive()
    }
}

impl fmt::Debug for HookedConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HookedConnection").finish_non_exhaustive()
    }
}

impl HttpClient for HookedNetwork {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let real = self.real.http_connector(settings, components);
        SharedHttpConnector::new(HookedConnection { real, hook: Arc::clone(&self.hook) })
    }
}

impl HttpConnector for HookedConnection {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        (self.hook)(request, self.real.clone())
    }
}
