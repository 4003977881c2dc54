//! Counting the AWS calls and capacity units of a request.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts the AWS calls of a request. Clones share their counts.
#[derive(Debug, Clone, Default)]
pub struct Meter(Arc<Counters>);

#[derive(Debug, Default)]
struct Counters {
    dynamodb_requests: AtomicU64,
    read_half_units: AtomicU64,
    write_half_units: AtomicU64,
    s3_requests: AtomicU64,
    s3_bytes_read: AtomicU64,
    kms_requests: AtomicU64,
    lambda_requests: AtomicU64,
}

/// The counts of a [`Meter`].
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Cost {
    /// Number of calls to DynamoDB.
    pub dynamodb_requests: u64,
    /// Read capacity units. An eventually consistent read of 4 KB costs half a unit.
    pub read_units: f64,
    /// Write capacity units.
    pub write_units: f64,
    /// Number of calls to S3. Presigning is not a call.
    pub s3_requests: u64,
    /// Bytes read from objects in S3.
    pub s3_bytes_read: u64,
    /// Number of calls to KMS.
    pub kms_requests: u64,
    /// Number of calls to Lambda.
    pub lambda_requests: u64,
}

impl Meter {
    /// Counts a call to DynamoDB, successful or not.
    pub fn dynamodb_request(&self) {
        self.0.dynamodb_requests.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts read capacity units, as reported by DynamoDB.
    pub fn dynamodb_read(&self, units: f64) {
        self.0.read_half_units.fetch_add(halves(units), Ordering::Relaxed);
    }

    /// Counts write capacity units, as reported by DynamoDB.
    pub fn dynamodb_write(&self, units: f64) {
        self.0.write_half_units.fetch_add(halves(units), Ordering::Relaxed);
    }

    /// Counts a call to S3.
    pub fn s3_request(&self) {
        self.0.s3_requests.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts bytes read from an object.
    pub fn s3_read(&self, bytes: u64) {
        self.0.s3_bytes_read.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Counts a call to KMS.
    pub fn kms_request(&self) {
        self.0.kms_requests.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a call to Lambda.
    pub fn lambda_request(&self) {
        self.0.lambda_requests.fetch_add(1, Ordering::Relaxed);
    }

    /// The counts so far.
    #[must_use]
    pub fn cost(&self) -> Cost {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Cost {
            dynamodb_requests: read(&self.0.dynamodb_requests),
            read_units: units(read(&self.0.read_half_units)),
            write_units: units(read(&self.0.write_half_units)),
            s3_requests: read(&self.0.s3_requests),
            s3_bytes_read: read(&self.0.s3_bytes_read),
            kms_requests: read(&self.0.kms_requests),
            lambda_requests: read(&self.0.lambda_requests),
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "DynamoDB bills in half units; a request takes some thousand at most"
)]
fn halves(units: f64) -> u64 {
    (units * 2.0).round() as u64
}

#[expect(clippy::cast_precision_loss, reason = "a request takes some thousand half units at most")]
fn units(halves: u64) -> f64 {
    halves as f64 / 2.0
}
