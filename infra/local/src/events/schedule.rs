//! EventBridge: the clock starts the jobs that wait for it.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;
use slipway_edge::clock::Clock;
use slipway_edge::{DynJob, Services, Trigger};
use tokio::sync::watch;
use tokio::time::sleep;

use super::carry_out;
use crate::engines::stopped;
use crate::stack::RequestLog;

/// How often the clock is looked at: it may be one that a test turns.
const LOOK: Duration = Duration::from_millis(250);

/// Calls those of `tasks` that wait for the clock, until `stop` says otherwise. A tick that was
/// missed, because the machine slept or the clock was turned, is made up for once.
pub async fn keep(
    tasks: Vec<Box<dyn DynJob>>,
    clock: Clock,
    services: Arc<Services>,
    log: RequestLog,
    stop: watch::Receiver<bool>,
) {
    let rhythms = tasks.iter().filter_map(|task| match task.trigger() {
        Trigger::Schedule { minutes } => {
            Some(ScheduleRule { task: &**task, minutes, clock: &clock, services: &services, log })
        }
        Trigger::ObjectCreated { .. }
        | Trigger::RowsInserted { .. }
        | Trigger::RowsToDispatch
        | Trigger::RowsDispatched(_)
        | Trigger::Message => None,
    });
    let rhythms: Vec<_> = rhythms.collect();
    futures::future::join_all(rhythms.iter().map(|rhythm| rhythm.keep(stop.clone()))).await;
}

/// One job's schedule.
struct ScheduleRule<'a> {
    task: &'a dyn DynJob,
    minutes: u32,
    clock: &'a Clock,
    services: &'a Arc<Services>,
    log: RequestLog,
}

impl ScheduleRule<'_> {
    async fn keep(&self, stop: watch::Receiver<bool>) {
        // The first one is at once: a stack that is started for an hour a day looks at its clock
        // too.
        let mut ticked = None;
        let mut stopped = std::pin::pin!(stopped(stop));
        loop {
            let tick = self.tick(self.clock.now());
            if ticked != Some(tick) {
                ticked = Some(tick);
                let event = json!({ "source": "aws.events", "detail-type": "Scheduled Event" });
                // EventBridge does not care how it ends either; the next tick comes.
                drop(
                    carry_out(
                        self.task,
                        self.services,
                        event,
                        &format!("tick-{tick}"),
                        "clock",
                        self.quiet(),
                    )
                    .await,
                );
            }
            tokio::select! {
                () = sleep(LOOK) => {}
                () = &mut stopped => return,
            }
        }
    }

    /// How many times it has ticked since 1970.
    fn tick(&self, now: Timestamp) -> i64 {
        now.as_second().div_euclid(60 * i64::from(self.minutes))
    }

    /// A line every minute tells nobody anything.
    fn quiet(&self) -> RequestLog {
        if self.minutes < 10 { RequestLog::Silent } else { self.log }
    }
}
