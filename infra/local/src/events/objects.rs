//! S3's event notification: objects that have arrived start the jobs that wait for them.

use std::sync::Arc;
use std::time::Duration;

use slipway_edge::{DynJob, Services, Trigger};
use slipway_local_s3::{Event, Store};
use tokio::sync::{Semaphore, watch};
use tokio::time::sleep;

use super::carry_out;
use crate::engines::stopped;
use crate::stack::RequestLog;

/// Jobs under way at once.
const AT_ONCE: usize = 4;
/// The pause before a failed delivery is repeated. Lambda waits a minute; who sits before a local
/// stack has less time.
const PAUSE: Duration = Duration::from_secs(2);

/// Delivers events until `stop` says otherwise. An event counts as delivered when its job has
/// succeeded: what was under way at a crash is delivered again.
pub async fn deliver(
    store: Store,
    services: Arc<Services>,
    log: RequestLog,
    stop: watch::Receiver<bool>,
) {
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let deliver = async {
        while let Ok(place) = Arc::clone(&places).acquire_owned().await {
            match store.next_event().await {
                Ok(event) => {
                    let (store, services) = (store.clone(), Arc::clone(&services));
                    tokio::spawn(async move {
                        handle(&store, &services, event, log).await;
                        drop(place);
                    });
                }
                Err(error) => {
                    eprintln!("S3 events: {error}");
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

async fn handle(store: &Store, services: &Arc<Services>, event: Event, log: RequestLog) {
    let wanted = |task: &dyn DynJob| match task.trigger() {
        Trigger::ObjectCreated { prefix } => event.key.starts_with(prefix),
        Trigger::RowsInserted { .. } | Trigger::Message | Trigger::Schedule { .. } => false,
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
