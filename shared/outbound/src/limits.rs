//! How long a request may take, and how much may come of it.

use std::time::Duration;

/// The limits of one client. The default suits small documents from servers that are not trusted.
#[derive(Debug, Clone)]
pub struct Limits {
    /// DNS, TCP and TLS together; 10 seconds by default.
    pub connect: Duration,
    /// How long a server may be silent: until it answers, and between two pieces of an answer;
    /// 30 seconds by default.
    pub silence: Duration,
    /// From the request to the last byte of the answer, redirects included; none means that a
    /// transfer may take any time. 2 minutes by default.
    pub total: Option<Duration>,
    /// The slowest body that is borne; none by default.
    pub throughput: Option<MinThroughput>,
    /// The longest body that is read into memory, in bytes; 1 MiB by default. Streamed bodies are
    /// limited by who reads them.
    pub document_bytes: usize,
    /// How many redirects are followed; 5 by default.
    pub redirects: u32,
    /// The receive buffer of a connection, in bytes: what is on its way and not yet taken. None
    /// leaves it to the system, which is the default.
    pub receive_buffer: Option<usize>,
}

/// The least bytes within a span of time. Only time spent waiting for the server counts.
#[derive(Debug, Clone, Copy)]
pub struct MinThroughput {
    /// So many bytes.
    pub bytes: u64,
    /// Within each such span.
    pub per: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            silence: Duration::from_secs(30),
            total: Some(Duration::from_mins(2)),
            throughput: None,
            document_bytes: 1 << 20,
            redirects: 5,
            receive_buffer: None,
        }
    }
}
