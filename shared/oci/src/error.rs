//! What can go wrong at a registry.

use std::time::Duration;

use http::StatusCode;
use slipway_outbound::Transient;

/// What this crate's functions come to.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a registry did not tell what it was asked. No message has a credential in it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It was not reached, or broke off.
    #[error("{0}")]
    Transport(#[from] slipway_outbound::Error),
    /// It wants other credentials.
    #[error("{host} refuses access: {cause}")]
    Unauthorized {
        /// The registry, or its token server.
        host: String,
        /// What it said.
        cause: String,
    },
    /// There is no such repository, or nobody may know of it.
    #[error("{host} has no repository `{repository}` that these credentials may read")]
    NoRepository {
        /// The registry.
        host: String,
        /// The repository.
        repository: String,
    },
    /// It asks for patience (429), and the time that is left is too short for it.
    #[error("{host} is asked too often; it asks to wait {}", waiting(*.retry_after))]
    TooManyRequests {
        /// The registry.
        host: String,
        /// How long it asks to wait; none, where it does not say.
        retry_after: Option<Duration>,
    },
    /// It answers with a status that says nothing about what was asked.
    #[error("{host} answers {status}")]
    Status {
        /// The registry, or its token server.
        host: String,
        /// The status.
        status: StatusCode,
    },
    /// Its answer is not what the OCI distribution API says.
    #[error("{host} answers {what}")]
    Malformed {
        /// The registry, or its token server.
        host: String,
        /// What is wrong with the answer.
        what: String,
    },
    /// The time that the caller gave is over.
    #[error("{host} was not done within the time there was")]
    OutOfTime {
        /// The registry.
        host: String,
    },
    /// The credentials can't be sent.
    #[error("credentials that can't be sent: {0}")]
    Credentials(&'static str),
    /// The endpoint is not one.
    #[error(
        "`{endpoint}` is no registry's endpoint: https:// and a host are needed, without a path"
    )]
    Endpoint {
        /// What was given, without its user name, password and query.
        endpoint: String,
    },
}

impl Transient for Error {
    fn is_transient(&self) -> bool {
        match self {
            Self::Transport(error) => error.is_transient(),
            Self::Status { status, .. } => status.is_server_error(),
            _ => false,
        }
    }
}

fn waiting(time: Option<Duration>) -> String {
    time.map_or_else(|| "and does not say how long".to_owned(), |time| format!("{time:?}"))
}
