//! Functions that die in the middle of their work.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::{RuntimeComponents, SharedHttpClient};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use slipway_aws::Clients;
use slipway_edge::Services;
use slipway_test_support::{TestClock, World};
use tokio::sync::Notify;

/// How a function ends at a call to DynamoDB or S3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CrashPoint {
    /// It is killed just before it sends the call.
    BeforeSending,
    /// It is killed when the call has had its effect, and never learns of it.
    BeforeTheAnswer,
    /// It lives on, but neither this call nor any later one gets through.
    WithoutNetwork,
}

impl CrashPoint {
    /// Each of them.
    pub const ALL: [Self; 3] = [Self::BeforeSending, Self::BeforeTheAnswer, Self::WithoutNetwork];
}

/// A function's fate: death at its call number `at`, counted from 1 over all services.
#[derive(Debug, Clone)]
pub struct CrashPlan(Arc<Plan>);

#[derive(Debug)]
struct Plan {
    death: CrashPoint,
    at: u64,
    calls: AtomicU64,
    killed: Notify,
}

impl CrashPlan {
    /// Death at call number `at`.
    pub fn new(death: CrashPoint, at: u64) -> Self {
        Self(Arc::new(Plan { death, at, calls: AtomicU64::new(0), killed: Notify::new() }))
    }

    /// The services of a function with this fate, in `world`, whose clock is `test_clock`.
    pub fn services(&self, world: &World, test_clock: &TestClock) -> Arc<Services> {
        let real = world.stack.local.sdk_config().http_client().unwrap();
        let http = SharedHttpClient::new(Network { real, fate: self.clone() });
        services_over(http, world, test_clock)
    }

    /// What `work` comes to; `None` where it was killed.
    pub async fn live<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            done = work => Some(done),
            () = self.0.killed.notified() => None,
        }
    }

    /// Whether its time has come. To be asked before each call, once.
    fn strikes(&self) -> bool {
        self.0.calls.fetch_add(1, Ordering::SeqCst) + 1 >= self.0.at
    }

    /// The end: nothing that waits for this goes on.
    async fn kill<T>(&self) -> T {
        self.0.killed.notify_one();
        std::future::pending().await
    }
}

/// The services of a function that reaches DynamoDB, S3 and Lambda over `http`.
pub fn services_over(
    http: SharedHttpClient,
    world: &World,
    test_clock: &TestClock,
) -> Arc<Services> {
    let healthy = Clients::local(&world.stack.local);
    // Repeating what fails changes nothing about it, but takes time.
    let once = RetryConfig::disabled();
    let dynamodb = healthy.dynamodb.config().to_builder();
    let dynamodb = dynamodb.http_client(http.clone()).retry_config(once.clone()).build();
    let s3 = healthy.s3.config().to_builder();
    let s3 = s3.http_client(http.clone()).retry_config(once.clone()).build();
    let lambda = healthy.lambda.to_builder().http_client(http).retry_config(once).build();
    let (dynamodb, s3) =
        (aws_sdk_dynamodb::Client::from_conf(dynamodb), aws_sdk_s3::Client::from_conf(s3));
    let clients = Clients { dynamodb, s3, lambda, ..healthy };
    Services::new(&world.stack.settings, &clients, test_clock.clock())
}

/// The network between a function and AWS.
#[derive(Debug)]
struct Network {
    real: SharedHttpClient,
    fate: CrashPlan,
}

/// A connection over it.
#[derive(Debug)]
struct Connection {
    real: SharedHttpConnector,
    fate: CrashPlan,
}

impl HttpClient for Network {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(Connection {
            real: self.real.http_connector(settings, components),
            fate: self.fate.clone(),
        })
    }
}

impl HttpConnector for Connection {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        if !self.fate.strikes() {
            return self.real.call(request);
        }
        let fate = self.fate.clone();
        match fate.0.death {
            CrashPoint::BeforeSending => HttpConnectorFuture::new(async move { fate.kill().await }),
            CrashPoint::BeforeTheAnswer => {
                let answer = self.real.call(request);
                HttpConnectorFuture::new(async move {
                    drop(answer.await);
                    fate.kill().await
                })
            }
            CrashPoint::WithoutNetwork => {
                HttpConnectorFuture::ready(Err(ConnectorError::io("the network is gone".into())))
            }
        }
    }
}

/// A network that lets no call through whose body has `text`.
#[derive(Debug, Clone)]
pub struct FilteringNetwork {
    real: SharedHttpClient,
    text: &'static str,
}

/// A connection over it.
#[derive(Debug)]
struct FilteringConnection {
    real: SharedHttpConnector,
    text: &'static str,
}

impl FilteringNetwork {
    /// The services of a function whose calls about `text` all fail, in `world`, whose clock is
    /// `test_clock`.
    pub fn services(text: &'static str, world: &World, test_clock: &TestClock) -> Arc<Services> {
        let real = world.stack.local.sdk_config().http_client().unwrap();
        services_over(SharedHttpClient::new(Self { real, text }), world, test_clock)
    }
}

impl HttpClient for FilteringNetwork {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let real = self.real.http_connector(settings, components);
        SharedHttpConnector::new(FilteringConnection { real, text: self.text })
    }
}

impl HttpConnector for FilteringConnection {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let body = request.body().bytes().unwrap_or_default();
        if String::from_utf8_lossy(body).contains(self.text) {
            return HttpConnectorFuture::ready(Err(ConnectorError::io("it is lost".into())));
        }
        self.real.call(request)
    }
}
