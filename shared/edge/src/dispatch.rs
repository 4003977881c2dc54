//! The jobs that the table's stream starts through one dispatcher: a DynamoDB stream takes two
//! readers a shard, and a job that is listed here needs none of its own.

use std::sync::Arc;

use serde::Serialize;
use slipway_aws::Meter;
use slipway_catalog::{AUDIT_EVENTS, HALT_CHECKS, WORK};
use slipway_domain::{Principal, Result};

use crate::capabilities::FromServices;
use crate::job_invoker::start_job;
use crate::permissions::Grant;
use crate::services::Services;

/// New rows that the dispatcher hands to a job, in messages of the form of a stream's event.
#[derive(Debug, PartialEq, Eq)]
pub struct DispatchedRows {
    /// The name of the job.
    pub job: &'static str,
    /// The beginning of the rows' partition keys. None begins with another one.
    pub prefix: &'static str,
    /// How many rows make a message.
    pub batch: BatchMode,
}

/// How many rows make a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatchMode {
    /// Those that the dispatcher gets at once, in the order of the stream.
    Together,
    /// One.
    Single,
}

/// Pieces of work: the snapshots of one tenant each.
pub const WORK_ITEMS: DispatchedRows =
    DispatchedRows { job: "snapshot-for-tenant", prefix: WORK, batch: BatchMode::Single };
/// Releases of which clients have reported.
pub const REPORTED_RELEASES: DispatchedRows =
    DispatchedRows { job: "halt-releases", prefix: HALT_CHECKS, batch: BatchMode::Together };

/// What was changed, for the webhooks that are told of it.
pub const AUDITED_CHANGES: DispatchedRows = DispatchedRows {
    job: "queue-webhook-events",
    prefix: AUDIT_EVENTS,
    batch: BatchMode::Together,
};

/// All that the dispatcher hands on.
pub const DISPATCHED: [&DispatchedRows; 3] = [&WORK_ITEMS, &REPORTED_RELEASES, &AUDITED_CHANGES];

impl DispatchedRows {
    /// Whose rows those with the partition key `key` are.
    #[must_use]
    pub fn of_key(key: &str) -> Option<&'static Self> {
        DISPATCHED.into_iter().find(|rows| key.starts_with(rows.prefix))
    }
}

/// Starts the jobs of [`DISPATCHED`].
#[derive(Debug)]
pub struct JobDispatcher {
    services: Arc<Services>,
    meter: Meter,
}

impl JobDispatcher {
    /// Starts the job of `rows` with `message`, and does not wait for it. Lambda delivers a message
    /// at least once.
    ///
    /// # Errors
    /// `unavailable` where Lambda does not take it, `internal` where the deployment does not say
    /// how its functions are called.
    pub async fn start(&self, rows: &DispatchedRows, message: &impl Serialize) -> Result<()> {
        start_job(&self.services, &self.meter, rows.job, message).await
    }
}

impl FromServices for JobDispatcher {
    const GRANTS: &'static [Grant] = &[Grant::DispatchRows];

    fn from_services(services: &Arc<Services>, _: &Arc<Principal>, meter: &Meter) -> Self {
        Self { services: Arc::clone(services), meter: meter.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_for_one_job() {
        for rows in DISPATCHED {
            let own = format!("{}1", rows.prefix);
            let takers: Vec<_> =
                DISPATCHED.iter().filter(|one| own.starts_with(one.prefix)).collect();
            assert_eq!(takers, [&rows], "{own}");
        }
        assert_eq!(DispatchedRows::of_key("OUTBOX#1"), None);
    }
}
