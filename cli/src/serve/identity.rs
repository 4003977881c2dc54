//! The certificate that a mirror shows: its operator's, or one that it makes itself.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use slipway_domain::Sha256;

use crate::error::{CliError, Result};
use crate::store::{Store, make_directory, write_atomically};

/// How a mirror shows who it is, and the SHA-256 of its certificate.
pub struct TlsIdentity {
    /// For the server.
    pub config: Arc<ServerConfig>,
    /// For clients that pin it.
    pub fingerprint: Sha256,
}

/// The identity in `files`, or the mirror's own, which is made at the first start for `name`.
pub fn identity(
    files: Option<&(PathBuf, PathBuf)>,
    store: &Store,
    name: &str,
) -> Result<TlsIdentity> {
    let (certificate, key) = match files {
        Some(files) => files.clone(),
        None => own(store, name)?,
    };
    let unreadable = |path: &Path, error: &dyn std::fmt::Display| {
        CliError::Usage(format!("{}: {error}", path.display()))
    };
    let chain = CertificateDer::pem_file_iter(&certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let chain = chain.map_err(|error| unreadable(&certificate, &error))?;
    let fingerprint = chain
        .first()
        .map(|first| Sha256::of(first))
        .ok_or_else(|| unreadable(&certificate, &"no certificate in it"))?;
    let private = PrivateKeyDer::from_pem_file(&key).map_err(|error| unreadable(&key, &error))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config =
        ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config
        .map_err(|error| CliError::Other(error.to_string()))?
        .with_no_client_auth()
        .with_single_cert(chain, private);
    let mut config = config.map_err(|error| unreadable(&certificate, &error))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsIdentity { config: Arc::new(config), fingerprint })
}

fn own(store: &Store, name: &str) -> Result<(PathBuf, PathBuf)> {
    let directory = store.path("tls");
    let (certificate, key) = (directory.join("certificate.pem"), directory.join("private-key.pem"));
    if !certificate.exists() || !key.exists() {
        make_directory(&directory)?;
        let names =
            vec![name.to_owned(), "localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
        let made = rcgen::generate_simple_self_signed(names)
            .map_err(|error| CliError::Other(error.to_string()))?;
        write_private(&key, made.signing_key.serialize_pem().as_bytes())?;
        write_atomically(&certificate, made.cert.pem().as_bytes())?;
    }
    Ok((certificate, key))
}

/// Writes a file that its owner alone can read.
fn write_private(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(CliError::io(path))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(CliError::io(path))
}
