//! Functions that die in the middle of their work.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use slipway_edge::Services;
use slipway_test_support::{TestClock, World};
use tokio::sync::Notify;

use crate::network::services_over;

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
        let fate = self.clone();
        services_over(world, test_clock, move |request, real| fate.call(request, &real))
    }

    /// What `work` comes to; `None` where it was killed.
    pub async fn live<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            done = work => Some(done),
            () = self.0.killed.notified() => None,
        }
    }

    /// A call, which may be the last one.
    fn call(&self, request: HttpRequest, real: &SharedHttpConnector) -> HttpConnectorFuture {
        if !self.strikes() {
            return real.call(request);
        }
        let fate = self.clone();
        match self.0.death {
            CrashPoint::BeforeSending => HttpConnectorFuture::new(async move { fate.kill().await }),
            CrashPoint::BeforeTheAnswer => {
                let answer = real.call(request);
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

/// The services of a function in `world`, whose clock is `test_clock`, that lets no call through
/// whose body has `text`.
pub fn without_calls_about(
    text: &'static str,
    world: &World,
    test_clock: &TestClock,
) -> Arc<Services> {
    services_over(world, test_clock, move |request, real| {
        let body = request.body().bytes().unwrap_or_default();
        if String::from_utf8_lossy(body).contains(text) {
            return HttpConnectorFuture::ready(Err(ConnectorError::io("it is lost".into())));
        }
        real.call(request)
    })
}
