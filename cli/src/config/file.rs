//! The configuration file.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use slipway_domain::{Channel, MirrorId, TenantId};
use slipway_snapshot::Span;

use crate::error::{CliError, Result};

/// Read where it is there, unless another one is named.
const DEFAULT_FILE: &str = "slipway-mirror.toml";

/// The configuration file.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ConfigFile {
    pub(super) origin: Option<String>,
    pub(super) tenant_id: Option<TenantId>,
    pub(super) channels: Option<BTreeSet<Channel>>,
    pub(super) token_file: Option<PathBuf>,
    pub(super) directory: Option<PathBuf>,
    pub(super) parallel: Option<usize>,
    pub(super) keep: Option<usize>,
    pub(super) timeout: Option<Span>,
    pub(super) min_speed: Option<u64>,
    pub(super) document_timeout: Option<Span>,
    pub(super) partial: Option<bool>,
    pub(super) keys: Option<PathBuf>,
    pub(super) ca_file: Option<PathBuf>,
    pub(super) allow_http: Option<bool>,
    pub(super) allow_hosts: Option<Vec<String>>,
    pub(super) mirror_id: Option<MirrorId>,
    pub(super) serve: ServeSection,
}

/// The part about serving.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServeSection {
    pub(super) listen: Option<SocketAddr>,
    pub(super) certificate: Option<PathBuf>,
    pub(super) private_key: Option<PathBuf>,
    pub(super) sync_every: Option<Span>,
    pub(super) client_timeout: Option<Span>,
    pub(super) max_connections: Option<usize>,
    pub(super) public_url: Option<String>,
    pub(super) decision_key: Option<PathBuf>,
}

impl ConfigFile {
    /// The file that is named, or the default one where it is there.
    pub fn read(named: Option<&Path>) -> Result<Self> {
        let path = match named {
            Some(path) => path,
            None if Path::new(DEFAULT_FILE).exists() => Path::new(DEFAULT_FILE),
            None => return Ok(Self::default()),
        };
        let text = std::fs::read_to_string(path).map_err(CliError::io(path))?;
        let document: Self = toml::from_str(&text)
            .map_err(|error| CliError::Usage(format!("{}: {error}", path.display())))?;
        Ok(document.resolve_paths(path.parent().unwrap_or(Path::new(""))))
    }

    /// The same, with paths that begin at the file's own directory, wherever the command is typed.
    fn resolve_paths(mut self, directory: &Path) -> Self {
        let paths = [&mut self.token_file, &mut self.directory, &mut self.keys, &mut self.ca_file];
        for path in paths
            .into_iter()
            .chain([
                &mut self.serve.certificate,
                &mut self.serve.private_key,
                &mut self.serve.decision_key,
            ])
            .flatten()
        {
            *path = directory.join(&*path);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_field_is_refused_by_name() {
        let error = toml::from_str::<ConfigFile>("origin = \"https://a\"\ntoken = \"x\"\n")
            .unwrap_err()
            .to_string();
        assert!(error.contains("unknown field `token`"), "{error}");
    }
}
