//! What can go wrong with a request.

use std::time::Duration;

use crate::backoff::Transient;
use crate::connector::InternalAddress;

/// What this crate's functions come to.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why there is no answer, or not the whole of it. URLs are told without their query, which may be
/// a credential.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The policy does not allow the URL.
    #[error("refused to fetch {url}: {why}")]
    Refused {
        /// The URL, without query.
        url: String,
        /// What is wrong with it.
        why: Refusal,
    },
    /// The host's addresses are internal, and the policy wants public ones.
    #[error("refused to connect: {0}")]
    InternalAddress(InternalAddress),
    /// One redirect more than the limits allow.
    #[error("refused to fetch {url}: more than {most} redirects lead there")]
    TooManyRedirects {
        /// Where the last one leads, without query.
        url: String,
        /// How many are followed.
        most: u32,
    },
    /// A redirect without a `Location` that is a URL.
    #[error("{host} redirects to nowhere: a Location with a URL is needed")]
    RedirectToNowhere {
        /// Who redirects.
        host: String,
    },
    /// No connection: DNS, TCP or TLS.
    #[error("{host} can't be reached: {cause}")]
    Unreachable {
        /// The host.
        host: String,
        /// What the system says, with all causes.
        cause: String,
    },
    /// Nothing came for as long as the limits allow before an answer.
    #[error("{host} does not answer within {limit:?}")]
    NoAnswer {
        /// The host.
        host: String,
        /// The limit.
        limit: Duration,
    },
    /// The body stopped coming.
    #[error("{host} has fallen silent for {limit:?} in the middle of an answer")]
    Silent {
        /// The host.
        host: String,
        /// The limit.
        limit: Duration,
    },
    /// The whole request took too long.
    #[error("the answer of {host} is not complete within {limit:?}")]
    Deadline {
        /// The host.
        host: String,
        /// The limit.
        limit: Duration,
    },
    /// The body comes too slowly.
    #[error("{host} sends {received} bytes within {per:?}; at least {least} are needed")]
    TooSlow {
        /// The host.
        host: String,
        /// What came.
        received: u64,
        /// What had to come.
        least: u64,
        /// The span.
        per: Duration,
    },
    /// The connection ended before the body, also where it is shorter than announced.
    #[error("the connection to {host} broke: {cause}")]
    Broken {
        /// The host.
        host: String,
        /// What the system says, with all causes.
        cause: String,
    },
    /// A document that is longer than the limit.
    #[error("the answer of {host} is longer than {most} bytes")]
    TooLarge {
        /// The host.
        host: String,
        /// The limit, in bytes.
        most: usize,
    },
    /// A file or a directory with certificates to trust that can't be read, or has none.
    #[error("{path}: {cause}; PEM certificates to trust are needed")]
    CaFile {
        /// The file or directory.
        path: String,
        /// What is wrong with it.
        cause: String,
    },
    /// A proxy that can't be used.
    #[error("{proxy} can't be used: {cause}")]
    Proxy {
        /// The proxy, without its credentials.
        proxy: String,
        /// What is wrong with it.
        cause: String,
    },
    /// The client or a request can't be made of what was given.
    #[error("not a valid request: {0}")]
    Invalid(String),
}

/// Why a URL is not fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It has a user name or a password in it.
    #[error("it has a user name in it; credentials do not belong into URLs")]
    UserInfo,
    /// It is neither https nor http.
    #[error("it is not https")]
    Scheme,
    /// It is http where https is needed.
    #[error("it is http; only https will do")]
    InsecureHttp,
    /// It has no host.
    #[error("it has no host")]
    NoHost,
    /// Its host is not among the allowed ones.
    #[error("its host is not among the allowed ones")]
    HostNotAllowed,
    /// Its host is an internal address, or a name that only means something in a local network.
    #[error("its host is internal; a public one is needed")]
    InternalHost,
}

impl Transient for Error {
    fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::RedirectToNowhere { .. }
                | Self::Unreachable { .. }
                | Self::NoAnswer { .. }
                | Self::Silent { .. }
                | Self::Deadline { .. }
                | Self::TooSlow { .. }
                | Self::Broken { .. }
        )
    }
}

/// An error with all its causes: the outermost alone says little.
pub fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
