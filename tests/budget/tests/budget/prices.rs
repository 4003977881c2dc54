//! What the counted requests and units come to in dollars: the end of docs/COSTS.md.

use std::fmt::Write as _;

use slipway_edge::telemetry::LogRecord;

/// What stands above the table.
const HEAD: &str = "
## In money

Computed from the lines above with the list prices of `us-east-1` on demand, as they were in November 2026, in US dollars and without any free tier: the first million
requests to Lambda, 400,000 GB-seconds, 25 GB of DynamoDB and ten alarms of a month are free, which is more than an idle stack takes.

| what | price |
|---|--:|
| DynamoDB, a million read units | 0.125 |
| DynamoDB, a million write units | 0.625 |
| S3, a million writes | 5.00 |
| KMS, a million `Sign` with a key of an elliptic curve | 15.00 |
| API Gateway, a million requests to an HTTP API | 1.00 |
| Lambda, a million invocations | 0.20 |
| Lambda on arm64, a million GB-seconds | 13.33 |
| CloudWatch Logs, a million lines of 1 KB | 0.50 |
| CloudWatch, a metric of one's own, a month | 0.30 |

What is not counted is estimated, and on the high side: a function of 256 MB runs for 2 ms, and for 10 ms more with each call that it makes; a call of S3 is a write; a request leaves 2 KB in the logs, a job 1 KB. Traffic to the
internet (0.09 a GB) and what is stored (0.45 a GB and month in DynamoDB with point-in-time recovery, 0.023 in S3) are not in it. A key in KMS is a dollar a month; with `AlarmTopicArn` the alarms are two dollars, and with `PublishMetrics` each operation or job that is used all month is 2.10, of which an idle stack uses six.

| | of it DynamoDB | of it API Gateway and Lambda | of it logs | dollars |
|---|--:|--:|--:|--:|
";

/// Dollars for one of each.
const READ_UNIT: f64 = 0.125e-6;
const WRITE_UNIT: f64 = 0.625e-6;
const S3_CALL: f64 = 5e-6;
const KMS_SIGNATURE: f64 = 15e-6;
const API_REQUEST: f64 = 1e-6;
const INVOCATION: f64 = 0.2e-6;
const GB_SECOND: f64 = 13.33e-6;
const KB_OF_LOGS: f64 = 0.5e-6;

/// GB of memory of most functions, and seconds that one runs, without and for each call.
const MEMORY: f64 = 0.25;
const SECONDS: f64 = 0.002;
const SECONDS_PER_CALL: f64 = 0.010;

/// What happens how often: a request that a line of the table counts, or a job.
enum Part {
    Request(f64, &'static str),
    Job(f64, &'static str),
    /// Signatures by a key in KMS, of which the table counts none: its keys are files.
    Signatures(f64),
}

use Part::{Job, Request, Signatures};

/// What is computed, and of what. A month has 30 days.
const SCENARIOS: &[(&str, &[Part])] = &[
    (
        "A million decisions, one in a hundred cold",
        &[
            Request(990_000.0, "decision, 1 product, warm"),
            Request(10_000.0, "decision, 1 product, cold"),
        ],
    ),
    (
        "A thousand releases of an installer: uploaded, verified, published",
        &[
            Request(1_000.0, "upload-initiate"),
            Job(1_000.0, "finish-upload, 1 MiB checked by S3"),
            Request(1_000.0, "release-create, published, 1 artifact"),
        ],
    ),
    (
        "A thousand release bundles of 50 components",
        &[Request(1_000.0, "bundle-create-from-latest, all of 50 components")],
    ),
    (
        "A tenant for a month: a snapshot a day, a mirror that asks every five minutes and reports every hour",
        &[
            Job(30.0, "snapshot-for-tenant, 1 stream"),
            Signatures(30.0),
            Request(8_640.0, "snapshot-latest"),
            Request(720.0, "mirror-report"),
        ],
    ),
    (
        "An idle stack for a month: its scheduled jobs",
        &[
            Job(43_200.0, "advance-rollouts, nothing is due"),
            Job(43_200.0, "snapshot-on-schedule, not due"),
            Job(43_200.0, "deliver-webhook-events, nothing is due"),
            Job(1_440.0, "sweep-uploads, nothing rests"),
            Job(720.0, "retention, the first tick"),
            Job(120.0, "check-digests, 5 releases, registry out of reach"),
        ],
    ),
];

/// Dollars, by where they go.
#[derive(Default)]
struct Bill {
    dynamodb: f64,
    compute: f64,
    logs: f64,
    other: f64,
}

impl Bill {
    fn total(&self) -> f64 {
        self.dynamodb + self.compute + self.logs + self.other
    }

    /// Adds what `cost` comes to `times`, with `kb` of logs each time.
    fn add(&mut self, cost: &LogRecord, times: f64, kb: f64) {
        let calls =
            [cost.dynamodb_requests, cost.s3_requests, cost.kms_requests, cost.lambda_requests];
        let calls = calls.into_iter().map(as_f64).sum::<f64>();
        let seconds = SECONDS + SECONDS_PER_CALL * calls;
        let units = cost.dynamodb_read_units * READ_UNIT + cost.dynamodb_write_units * WRITE_UNIT;
        self.dynamodb += times * units;
        self.compute += times * (INVOCATION + seconds * MEMORY * GB_SECOND);
        self.logs += times * kb * KB_OF_LOGS;
        self.other += times * as_f64(cost.s3_requests) * S3_CALL;
    }
}

fn as_f64(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap())
}

/// The section of the document, computed from the lines of the table.
pub fn section(lines: &[(String, LogRecord)]) -> String {
    let mut text = HEAD.to_owned();
    for (name, parts) in SCENARIOS {
        let bill = bill(parts, lines);
        let Bill { dynamodb, compute, logs, .. } = &bill;
        let total = bill.total();
        writeln!(text, "| {name} | {dynamodb:.3} | {compute:.3} | {logs:.3} | **{total:.2}** |")
            .unwrap();
    }
    text
}

/// What `parts` come to.
fn bill(parts: &[Part], lines: &[(String, LogRecord)]) -> Bill {
    let cost = |name: &str| {
        let line = lines.iter().find(|(line, _)| line == name);
        &line.unwrap_or_else(|| panic!("the table has no line {name}")).1
    };
    let mut bill = Bill::default();
    for part in parts {
        match part {
            Request(times, name) => {
                bill.add(cost(name), *times, 2.0);
                bill.compute += times * API_REQUEST;
            }
            Job(times, name) => bill.add(cost(name), *times, 1.0),
            Signatures(times) => bill.other += times * KMS_SIGNATURE,
        }
    }
    bill
}
