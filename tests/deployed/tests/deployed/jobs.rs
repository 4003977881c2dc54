//! The scheduled jobs, started by the events that EventBridge sends.

use std::path::Path;

use serde_json::Value;
use slipway_tests_deployed::Stack;

/// Each job that the clock starts, and its sample event.
const SCHEDULED: [(&str, &str); 6] = [
    ("AdvanceRolloutsFunction", "advance-rollouts"),
    ("CheckDigestsFunction", "check-digests"),
    ("DeliverWebhookEventsFunction", "deliver-webhook-events"),
    ("RetentionFunction", "retention"),
    ("SnapshotOnScheduleFunction", "snapshot-on-schedule"),
    ("SweepUploadsFunction", "sweep-uploads"),
];

#[tokio::test]
async fn a_job_that_the_clock_starts_twice_ends_well_twice() {
    let Some(stack) = Stack::find() else { return };
    for (function, name) in SCHEDULED {
        for _ in 0..2 {
            stack.invoke(function, &sample(name)).await;
        }
    }
}

#[tokio::test]
async fn a_job_that_is_told_twice_of_what_is_gone_ends_well_twice() {
    let Some(stack) = Stack::find() else { return };
    for (function, name) in [
        ("SnapshotOnChangeFunction", "snapshot-on-change"),
        ("DispatchRowsFunction", "dispatch-rows"),
        ("HaltReleasesFunction", "halt-releases"),
        ("QueueWebhookEventsFunction", "queue-webhook-events"),
        ("SnapshotForTenantFunction", "snapshot-for-tenant"),
        ("VerifyArtifactFunction", "verify-artifact"),
        ("FinishUploadFunction", "finish-upload"),
    ] {
        let first = stack.invoke(function, &sample(name)).await;
        assert_eq!(stack.invoke(function, &sample(name)).await, first, "{function}");
    }
}

/// The sample event of a job.
fn sample(name: &str) -> Value {
    let events = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events");
    let text = std::fs::read_to_string(events.join(format!("{name}.json"))).unwrap();
    serde_json::from_str(&text).unwrap()
}
