//! Memory and time of a Lambda function.

use serde::Serialize;

/// Memory and timeout of a Lambda function. Lambda gives CPU in proportion to memory: a full one
/// comes with 1769 MB. A cold start gets a full CPU whatever the memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct FunctionSize {
    /// Memory in MB.
    pub memory_mb: u32,
    /// Timeout in seconds.
    pub timeout_seconds: u32,
}

impl FunctionSize {
    /// A request that computes little: about a millisecond of CPU, of which 256 MB buy a seventh.
    /// A single call to DynamoDB, KMS or S3 ends before, and a client does not wait longer.
    pub const REQUEST: Self = Self { memory_mb: 256, timeout_seconds: 10 };
    /// A request that hashes an upload or signs a snapshot: a full CPU, as long as API Gateway
    /// waits.
    pub const HEAVY_REQUEST: Self = Self { memory_mb: FULL_CPU, timeout_seconds: 29 };
    /// A job that computes little.
    pub const JOB: Self = Self { memory_mb: 256, timeout_seconds: 300 };
    /// A job that signs and stores a document.
    pub const HEAVY_JOB: Self = Self { memory_mb: FULL_CPU, timeout_seconds: 300 };
    /// A job that hashes up to 5 GB: a full CPU, as long as Lambda allows.
    pub const LONGEST_JOB: Self = Self { memory_mb: FULL_CPU, timeout_seconds: 900 };
}

/// Memory in MB that comes with one full CPU.
const FULL_CPU: u32 = 1769;
