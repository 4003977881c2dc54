//! What a request costs at AWS, counted as it is spent.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts the AWS calls of one request. Clones count into the same meter.
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
}

/// What a [`Meter`] has counted.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Cost {
    /// Calls to DynamoDB.
    pub dynamodb_requests: u64,
    /// Read capacity units, in halves as an eventually consistent read of 4 KB costs.
    pub read_units: f64,
    /// Write capacity units.
    pub write_units: f64,
    /// Calls to S3. Presigning is none.
    pub s3_requests: u64,
    /// Bytes of objects that were read.
    pub s3_bytes_read: u64,
    /// Calls to KMS.
    pub kms_requests: u64,
}

impl Meter {
    /// Counts a call to DynamoDB. It may fail: a failed call was made all the same.
    pub fn dynamodb_request(&self) {
        self.0.dynamodb_requests.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts read capacity, in units as DynamoDB reports it.
    pub fn dynamodb_read(&self, units: f64) {
        self.0.read_half_units.fetch_add(halves(units), Ordering::Relaxed);
    }

    /// Counts write capacity, in units as DynamoDB reports it.
    pub fn dynamodb_write(&self, units: f64) {
        self.0.write_half_units.fetch_add(halves(units), Ordering::Relaxed);
    }

    /// Counts a call to S3.
    pub fn s3_request(&self) {
        self.0.s3_requests.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts bytes of an object that were read.
    pub fn s3_read(&self, bytes: u64) {
        self.0.s3_bytes_read.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Counts a call to KMS.
    pub fn kms_request(&self) {
        self.0.kms_requests.fetch_add(1, Ordering::Relaxed);
    }

    /// What was counted so far.
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
