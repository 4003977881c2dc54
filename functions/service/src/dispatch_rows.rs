//! The table's stream brings new rows: starts the jobs that they are for.

use futures::stream::{self, TryStreamExt};
use serde::Deserialize;
use serde_json::Value;
use slipway_edge::{Capabilities, Ctx, Job, JobDispatcher, Result, Trigger};

use crate::dispatch_messages::{DispatchMessage, messages};

/// Messages on their way at once.
const AT_ONCE: usize = 16;

/// Hands new rows to the jobs that wait for them, by asynchronous invocations. Where one can't be
/// started the stream delivers again, and what was started before is started twice.
pub struct DispatchRows;

/// An event of the table's stream, whose records are handed on as they are.
#[derive(Debug, Deserialize)]
pub struct StreamRecords {
    #[serde(rename = "Records")]
    records: Vec<Value>,
}

impl Job for DispatchRows {
    const NAME: &'static str = "dispatch-rows";
    const TRIGGER: Trigger = Trigger::RowsToDispatch;
    type Capabilities = Capabilities<(), (), (), JobDispatcher>;
    type Event = StreamRecords;

    async fn handle(ctx: &Ctx<Self::Capabilities>, event: Self::Event) -> Result<()> {
        let messages = stream::iter(messages(event.records)?.into_iter().map(Ok));
        messages
            .try_for_each_concurrent(AT_ONCE, |DispatchMessage { rows, message }| async move {
                ctx.invoker().start(rows, &message).await
            })
            .await
    }
}
