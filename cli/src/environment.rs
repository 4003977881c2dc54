//! What the environment says: read here, and nowhere else.

use std::fmt;
use std::path::PathBuf;

use slipway_outbound::{Proxy, TrustRoots};

use crate::error::{CliError, Result};

/// The variables that count. Credentials among them show nowhere.
#[derive(Clone, Default)]
pub struct Environment {
    /// `SLIPWAY_TOKEN`.
    pub token: Option<String>,
    https_proxy: Option<String>,
    no_proxy: Option<String>,
    ssl_cert_file: Option<PathBuf>,
    ssl_cert_dir: Vec<PathBuf>,
}

/// How the network is reached.
#[derive(Debug, Clone)]
pub struct Network {
    /// The proxy that https goes through.
    pub proxy: Option<Proxy>,
    /// The certificates that are trusted.
    pub trust_roots: TrustRoots,
}

impl Environment {
    /// Reads it. Of a variable in lower and upper case the lower one counts; an empty one is none.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn read() -> Self {
        let text = |name: &str| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
        let paths = |name| std::env::var_os(name).filter(|path| !path.is_empty());
        let directories = paths("SSL_CERT_DIR").unwrap_or_default();
        let directories = std::env::split_paths(&directories);
        Self {
            token: std::env::var("SLIPWAY_TOKEN").ok(),
            https_proxy: text("https_proxy").or_else(|| text("HTTPS_PROXY")),
            no_proxy: text("no_proxy").or_else(|| text("NO_PROXY")),
            ssl_cert_file: paths("SSL_CERT_FILE").map(PathBuf::from),
            ssl_cert_dir: directories.filter(|path| !path.as_os_str().is_empty()).collect(),
        }
    }

    /// What it says about the network.
    pub fn network(&self) -> Result<Network> {
        let no_proxy = self.no_proxy.as_deref().unwrap_or_default();
        let proxy = self.https_proxy.as_deref().map(|url| Proxy::new(url, no_proxy)).transpose();
        let trust_roots = match (&self.ssl_cert_file, &*self.ssl_cert_dir) {
            (None, []) => TrustRoots::System,
            (file, directories) => {
                TrustRoots::Paths { file: file.clone(), directories: directories.to_vec() }
            }
        };
        let proxy = proxy.map_err(|error| CliError::Usage(format!("HTTPS_PROXY: {error}")))?;
        Ok(Network { proxy, trust_roots })
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Environment(..)")
    }
}
