//! What starts jobs: objects that arrive in S3, rows that are inserted into the table, the clock,
//! and messages of other functions.

mod deliveries;
mod invocations;
mod message_name;
mod objects;
mod rows;
mod schedule;
mod stream_checkpoints;
mod stream_reader;
mod stream_watcher;

use std::sync::Arc;

use serde_json::Value;
use slipway_domain::Result;
use slipway_edge::{DynJob, Invocation, Services, frame};

pub use self::{
    stream_checkpoints::StreamCheckpoints, stream_reader::StreamReader,
    stream_watcher::StreamWatcher,
};
use crate::stack::RequestLog;

pub(crate) use self::{
    invocations::deliver as deliver_invocations, objects::deliver as deliver_objects,
    rows::deliver as deliver_rows, schedule::keep as keep_schedule,
};

/// Carries out `task` for `event`, and tells of it: `about` is what happened.
async fn carry_out(
    task: &dyn DynJob,
    services: &Arc<Services>,
    event: Value,
    request_id: &str,
    about: &str,
    log: RequestLog,
) -> Result<()> {
    let invocation =
        Invocation { request_id: request_id.to_owned(), ends_at: services.end_of(task.size()) };
    let (outcome, record) = frame::perform(task, services, event, &invocation).await;
    if log == RequestLog::Lines {
        let error = record.error.map(|error| format!("  {error}")).unwrap_or_default();
        eprintln!(
            "{:>6} {about:<40} {:>11.1} ms  {}{error}",
            "event", record.duration_ms, record.op
        );
    }
    outcome
}
