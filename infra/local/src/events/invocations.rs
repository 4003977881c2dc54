//! Asynchronous invocations: messages start the jobs that they are for.

use std::sync::Arc;
use std::time::Duration;

use slipway_edge::Services;
use tokio::sync::{Semaphore, watch};
use tokio::time::sleep;

use super::carry_out;
use crate::engines::stopped;
use crate::lambda::{InvocationQueue, QueuedInvocation};
use crate::stack::RequestLog;

/// Jobs under way at once.
const AT_ONCE: usize = 4;
/// The pause before a failed delivery is repeated. Lambda waits a minute, then two.
const PAUSE: Duration = Duration::from_secs(2);
/// How often it is repeated, as Lambda does; then AWS puts the message into the queue of failures,
/// and this stack says so.
const RETRIES: usize = 2;

/// Delivers messages until `stop` says otherwise. A message counts as delivered when its job has
/// succeeded, or was given up: what was under way at a crash is delivered again.
pub async fn deliver(
    queue: InvocationQueue,
    services: Arc<Services>,
    log: RequestLog,
    stop: watch::Receiver<bool>,
) {
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let deliver = async {
        while let Ok(place) = Arc::clone(&places).acquire_owned().await {
            match queue.next().await {
                Ok((name, invocation)) => {
                    let (queue, services) = (queue.clone(), Arc::clone(&services));
                    tokio::spawn(async move {
                        handle(&services, &name, invocation, log).await;
                        if let Err(error) = queue.remove(&name).await {
                            eprintln!("invocations: {error}");
                        }
                        drop(place);
                    });
                }
                Err(error) => {
                    eprintln!("invocations: {error}");
                    sleep(PAUSE).await;
                }
            }
        }
    };
    tokio::select! {
        () = deliver => {}
        () = stopped(stop) => {}
    }
    // Every place free again means that no job is under way.
    drop(places.acquire_many(u32::try_from(AT_ONCE).unwrap_or(u32::MAX)).await);
}

async fn handle(
    services: &Arc<Services>,
    name: &str,
    invocation: QueuedInvocation,
    log: RequestLog,
) {
    let jobs = slipway_registry::jobs();
    let Some(job) = jobs.iter().find(|job| job.name() == invocation.job) else {
        eprintln!("invocations: there is no job {}", invocation.job);
        return;
    };
    for _ in 0..=RETRIES {
        let message = invocation.message.clone();
        if carry_out(&**job, services, message, name, "message", log).await.is_ok() {
            return;
        }
        sleep(PAUSE).await;
    }
    eprintln!(
        "{}: gave up on {} after {RETRIES} retries; AWS would put it into the queue of failures",
        invocation.job, invocation.message
    );
}
