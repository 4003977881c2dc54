//! S3's event notification: objects that have arrived start the jobs that wait for them.

use std::sync::Arc;

use slipway_edge::{DynJob, Services, Trigger};
use slipway_local_s3::{Event, Store};
use tokio::sync::watch;
use tokio::time::sleep;

use super::carry_out;
use super::deliveries::{PAUSE, deliver_each};
use crate::stack::RequestLog;

/// Delivers events until `stop` says otherwise. An event counts as delivered when its job has
/// succeeded: what was under way at a crash is delivered again.
pub async fn deliver(
    store: Store,
    services: Arc<Services>,
    log: RequestLog,
    stop: watch::Receiver<bool>,
) {
    let handle = |event| {
        let (store, services) = (store.clone(), Arc::clone(&services));
        async move { handle(&store, &services, event, log).await }
    };
    deliver_each("S3 events", || store.next_event(), handle, stop).await;
}

async fn handle(store: &Store, services: &Arc<Services>, event: Event, log: RequestLog) {
    let wanted = |task: &dyn DynJob| match task.trigger() {
        Trigger::ObjectCreated { prefix } => event.key.starts_with(prefix),
        Trigger::RowsInserted { .. }
        | Trigger::RowsToDispatch
        | Trigger::RowsDispatched(_)
        | Trigger::Message
        | Trigger::Schedule { .. } => false,
    };
    let mut done = true;
    for task in slipway_registry::jobs().iter().filter(|task| wanted(&***task)) {
        let request_id = format!("s3-event-{:?}", event.id);
        done &=
            carry_out(&**task, services, event.notification.clone(), &request_id, &event.key, log)
                .await
                .is_ok();
    }
    if done {
        if let Err(error) = store.delivered(event.id).await {
            eprintln!("S3 events: {error}");
        }
    } else {
        sleep(PAUSE).await;
        store.retry(event.id);
    }
}
