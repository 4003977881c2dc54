//! What a registry is told about who asks.

use std::fmt;

use data_encoding::BASE64;
use http::HeaderValue;
use zeroize::Zeroizing;

use crate::error::{Error, Result};

/// A password or token. It shows nowhere, and is wiped from memory when it is dropped.
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

impl Password {
    /// The password.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Password(..)")
    }
}

/// How one authenticates at a registry.
#[derive(Debug, Clone)]
pub enum Credentials {
    /// Not at all: what is public is read. Where the registry wants a token of its token server,
    /// one is fetched without a name.
    Anonymous,
    /// By name and password (RFC 7617): to the registry itself, or to its token server for a token
    /// that is then sent to the registry.
    Basic {
        /// The name; without a colon.
        username: String,
        /// The password.
        password: Password,
    },
    /// By a token that the registry itself takes (RFC 6750).
    Bearer(Password),
}

impl Credentials {
    /// The value of `Authorization` by which another system than a registry is asked, which takes
    /// them as they are; none, where there are none.
    ///
    /// # Errors
    /// [`Error::Credentials`].
    pub fn authorization(&self) -> Result<Option<HeaderValue>> {
        match self {
            Self::Anonymous => Ok(None),
            Self::Basic { .. } => self.basic(),
            Self::Bearer(_) => self.bearer(),
        }
    }

    /// The value of `Authorization` by name and password; none, where there are none.
    ///
    /// # Errors
    /// [`Error::Credentials`].
    pub(crate) fn basic(&self) -> Result<Option<HeaderValue>> {
        let Self::Basic { username, password: Password(password) } = self else { return Ok(None) };
        if username.contains(':') {
            return Err(Error::Credentials("a user name has no colon"));
        }
        let pair = Zeroizing::new(format!("{username}:{}", password.as_str()));
        header("Basic", &BASE64.encode(pair.as_bytes())).map(Some)
    }

    /// The value of `Authorization` by a token of the registry's own; none, where there is none.
    ///
    /// # Errors
    /// [`Error::Credentials`].
    pub(crate) fn bearer(&self) -> Result<Option<HeaderValue>> {
        let Self::Bearer(Password(token)) = self else { return Ok(None) };
        bearer(token).map(Some)
    }
}

/// The value of `Authorization` with a token.
pub(crate) fn bearer(token: &str) -> Result<HeaderValue> {
    header("Bearer", token)
}

fn header(scheme: &str, credential: &str) -> Result<HeaderValue> {
    HeaderValue::from_str(&format!("{scheme} {credential}"))
        .map_err(|_| Error::Credentials("a token is printable ASCII without line ends"))
}
