//! What the network's errors mean for a mirror: their codes, and words that name its configuration.

use slipway_outbound::{Error, Refusal, Transient};

use crate::error::CliError;

impl From<Error> for CliError {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused { url, why: Refusal::InsecureHttp } => Self::RedirectToHttp(url),
            Error::Refused { url, why } => Self::RefusedUrl { url, why: reason(why) },
            Error::InternalAddress(refused) => {
                Self::RefusedUrl { url: refused.host, why: reason(Refusal::InternalHost) }
            }
            Error::TooManyRedirects { url, .. } => {
                Self::RefusedUrl { url, why: "more than five redirects lead there" }
            }
            Error::TooLarge { most, .. } => {
                Self::Malformed(format!("it is longer than {most} bytes"))
            }
            Error::CaFile { .. } | Error::Proxy { .. } => Self::Usage(error.to_string()),
            Error::Invalid(_) => Self::Other(error.to_string()),
            Error::RedirectToNowhere { .. }
            | Error::Unreachable { .. }
            | Error::NoAnswer { .. }
            | Error::Silent { .. }
            | Error::Deadline { .. }
            | Error::TooSlow { .. }
            | Error::Broken { .. } => Self::Unreachable(error.to_string()),
        }
    }
}

impl Transient for CliError {
    fn is_transient(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Truncated { .. })
    }
}

fn reason(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::UserInfo => "it has a user name in it",
        Refusal::Scheme | Refusal::InsecureHttp => "it is not https",
        Refusal::NoHost => "it has no host",
        Refusal::HostNotAllowed => "its host is not among the allowed ones (allow_hosts)",
        Refusal::InternalHost => "it is an internal address; allow_hosts can allow it",
    }
}
