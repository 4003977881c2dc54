//! Asynchronous invocations: messages start the jobs that they are for.

use std::sync::Arc;

use slipway_edge::Services;
use tokio::sync::watch;
use tokio::time::sleep;

use super::deliveries::{PAUSE, deliver_each};
use super::{carry_out, message_name};
use crate::lambda::{InvocationQueue, QueuedInvocation};
use crate::stack::RequestLog;

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
    let handle = |(name, invocation): (String, QueuedInvocation)| {
        let (queue, services) = (queue.clone(), Arc::clone(&services));
        async move {
            handle(&services, &name, invocation, log).await;
            if let Err(error) = queue.remove(&name).await {
                eprintln!("invocations: {error}");
            }
        }
    };
    deliver_each("invocations", || queue.next(), handle, stop).await;
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
        invocation.job,
        message_name::name(&invocation.message)
    );
}
