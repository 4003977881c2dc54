//! One structured line per request, with its metrics in the CloudWatch embedded metric format.

use std::error::Error as StdError;
use std::time::Instant;

use serde::Serialize;
use serde_json::{Value, json};
use slipway_aws::{Cost, Meter};
use slipway_domain::Timestamp;

use crate::error::ErrorCode;

/// What is logged of a request. Credentials, bodies and query strings are not.
#[derive(Debug, Clone, Serialize)]
pub struct LogRecord {
    /// Arrival of the request, RFC 3339, UTC.
    pub time: Timestamp,
    /// Id of the request, as in `X-Request-Id`.
    pub request_id: String,
    /// Name of the operation or job.
    pub op: &'static str,
    /// HTTP status of the response; absent for jobs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Actor: `bootstrap`, `anonymous`, a token's id, or a job's name.
    pub actor: String,
    /// Wall-clock time from arrival to response, in milliseconds.
    pub duration_ms: f64,
    /// Code of the error; absent on success.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_code: Option<ErrorCode>,
    /// The error with its causes, which the caller does not see; absent on success.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Number of calls to DynamoDB.
    pub dynamodb_requests: u64,
    /// Read capacity units.
    pub dynamodb_read_units: f64,
    /// Write capacity units.
    pub dynamodb_write_units: f64,
    /// Number of calls to S3.
    pub s3_requests: u64,
    /// Bytes read from objects in S3.
    pub s3_read_bytes: u64,
    /// Number of calls to KMS.
    pub kms_requests: u64,
    /// Number of jobs started.
    pub lambda_requests: u64,
}

/// A request that is being served.
#[derive(Debug)]
pub(crate) struct Stopwatch {
    time: Timestamp,
    start: Instant,
}

impl Stopwatch {
    #[expect(clippy::disallowed_methods, reason = "measures how long a request takes")]
    pub(crate) fn start(time: Timestamp) -> Self {
        Self { time, start: Instant::now() }
    }

    pub(crate) fn record(
        &self,
        op: &'static str,
        request_id: &str,
        actor: &str,
        meter: &Meter,
        error: Option<(ErrorCode, &dyn StdError)>,
    ) -> LogRecord {
        let Cost {
            dynamodb_requests,
            read_units,
            write_units,
            s3_requests,
            s3_bytes_read,
            kms_requests,
            lambda_requests,
        } = meter.cost();
        LogRecord {
            time: self.time,
            request_id: request_id.to_owned(),
            op,
            status: None,
            actor: actor.to_owned(),
            duration_ms: self.start.elapsed().as_secs_f64() * 1e3,
            error_code: error.map(|(code, _)| code),
            error: error.map(|(_, error)| describe(error)),
            dynamodb_requests,
            dynamodb_read_units: read_units,
            dynamodb_write_units: write_units,
            s3_requests,
            s3_read_bytes: s3_bytes_read,
            kms_requests,
            lambda_requests,
        }
    }
}

/// The error and everything behind it.
fn describe(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        source = inner.source();
    }
    text
}

impl LogRecord {
    /// The line for CloudWatch Logs. For a stack that publishes metrics it has them in the embedded
    /// metric format, with the stack's name and `op` as their dimensions.
    #[must_use]
    pub fn line(&self, metrics_stack: Option<&str>) -> String {
        let mut line = json!(self);
        if let (Value::Object(members), Some(stack)) = (&mut line, metrics_stack) {
            members.insert("stack".to_owned(), json!(stack));
            members.insert("_aws".to_owned(), self.metrics());
        }
        line.to_string()
    }

    /// Writes the line of a function to its log: Lambda keeps what it prints.
    pub(crate) fn log(&self, metrics_stack: Option<&str>) {
        println!("{}", self.line(metrics_stack));
    }

    fn metrics(&self) -> Value {
        let metric = |name: &str, unit: &str| json!({ "Name": name, "Unit": unit });
        json!({
            "Timestamp": self.time.as_millisecond(),
            "CloudWatchMetrics": [{
                "Namespace": "Slipway",
                "Dimensions": [["stack", "op"]],
                "Metrics": [
                    metric("duration_ms", "Milliseconds"),
                    metric("dynamodb_requests", "Count"),
                    metric("dynamodb_read_units", "Count"),
                    metric("dynamodb_write_units", "Count"),
                    metric("s3_requests", "Count"),
                    metric("kms_requests", "Count"),
                    metric("lambda_requests", "Count"),
                ],
            }],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_are_published_for_a_stack_and_under_its_name() {
        let watch = Stopwatch::start(Timestamp::UNIX_EPOCH);
        let record = watch.record("live", "r-1", "anonymous", &Meter::default(), None);
        let line = |stack| serde_json::from_str::<Value>(&record.line(stack)).unwrap();
        let published = line(Some("acme"));
        let metrics = &published["_aws"]["CloudWatchMetrics"][0];
        assert_eq!((&published["stack"], &published["op"]), (&json!("acme"), &json!("live")));
        assert_eq!(metrics["Dimensions"], json!([["stack", "op"]]));
        assert!(line(None).get("_aws").is_none() && line(None).get("stack").is_none());
    }
}
