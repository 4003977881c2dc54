//! The certificate that a mirror shows: its operator's, or one that it makes itself.

use std::path::Path;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use slipway_domain::{Sha256, Timestamp};

use super::self_signed::self_signed;
use crate::config::{Files, Identity};
use crate::error::{CliError, Result};
use crate::store::Store;

/// How a mirror shows who it is, and the SHA-256 of its certificate.
pub struct TlsIdentity {
    /// For the server.
    pub config: Arc<ServerConfig>,
    /// For clients that pin it.
    pub fingerprint: Sha256,
}

/// The identity that the operator has named, or the mirror's own, which is made where it is missing
/// or of no use at `now`; none for a server without TLS.
pub fn tls_identity(
    identity: &Identity,
    store: &Store,
    now: Timestamp,
) -> Result<Option<TlsIdentity>> {
    match identity {
        Identity::Plain => Ok(None),
        Identity::Files(files) => read(files).map(Some),
        Identity::SelfSigned { name } => read(&self_signed(store, name, now)?).map(Some),
    }
}

fn read(files: &Files) -> Result<TlsIdentity> {
    let Files { certificate, private_key: key } = files;
    let unreadable = |path: &Path, error: &dyn std::fmt::Display| {
        CliError::Usage(format!("{}: {error}", path.display()))
    };
    let chain =
        CertificateDer::pem_file_iter(certificate).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let chain = chain.map_err(|error| unreadable(certificate, &error))?;
    let fingerprint = chain
        .first()
        .map(|first| Sha256::of(first))
        .ok_or_else(|| unreadable(certificate, &"no certificate in it"))?;
    let private = PrivateKeyDer::from_pem_file(key).map_err(|error| unreadable(key, &error))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config =
        ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config
        .map_err(|error| CliError::Other(error.to_string()))?
        .with_no_client_auth()
        .with_single_cert(chain, private);
    let mut config = config.map_err(|error| unreadable(certificate, &error))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsIdentity { config: Arc::new(config), fingerprint })
}
