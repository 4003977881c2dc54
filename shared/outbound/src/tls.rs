//! Which certificates are trusted.

use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use rustls_native_certs::{CertificateResult, load_certs_from_paths, load_native_certs};

use crate::error::{Error, Result};

/// The certificates that are trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TrustRoots {
    /// Those of the system.
    System,
    /// Those of a file and of directories, and no others: what `SSL_CERT_FILE` and `SSL_CERT_DIR`
    /// name for OpenSSL.
    Paths {
        /// PEM certificates.
        file: Option<PathBuf>,
        /// Directories of such files; what else is in them is passed over.
        directories: Vec<PathBuf>,
    },
}

impl TrustRoots {
    fn load(&self) -> Result<Vec<CertificateDer<'static>>> {
        let Self::Paths { file, directories } = self else {
            // What the system has and can't be read is its administrator's affair; without any, no
            // connection will succeed.
            return Ok(load_native_certs().certs);
        };
        // Somebody has named these: half of them is not what was meant.
        let mut certificates = file.as_deref().map_or(Ok(Vec::new()), load_file)?;
        for directory in directories {
            directory.read_dir().map_err(|error| unusable(directory, &error))?;
            certificates.extend(load_certs_from_paths(None, Some(directory)).certs);
        }
        match directories.last() {
            Some(last) if !certificates.iter().any(is_parsable) => {
                Err(unusable(last, &"no certificate in it"))
            }
            _ => Ok(certificates),
        }
    }
}

fn load_file(path: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let CertificateResult { certs, errors, .. } = load_certs_from_paths(Some(path), None);
    match errors.first() {
        Some(error) => Err(unusable(path, error)),
        None if !certs.iter().any(is_parsable) => Err(unusable(path, &"no certificate in it")),
        None => Ok(certs),
    }
}

/// TLS that trusts `trust_roots`, and the certificates in `ca_file`.
pub fn client_config(trust_roots: &TrustRoots, ca_file: Option<&Path>) -> Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(trust_roots.load()?);
    if let Some(path) = ca_file {
        add_file(&mut roots, path)?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    Ok(config
        .map_err(|error| Error::Invalid(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth())
}

fn add_file(roots: &mut RootCertStore, path: &Path) -> Result<()> {
    let before = roots.len();
    for certificate in
        CertificateDer::pem_file_iter(path).map_err(|error| unusable(path, &error))?
    {
        let certificate = certificate.map_err(|error| unusable(path, &error))?;
        roots.add(certificate).map_err(|error| unusable(path, &error))?;
    }
    if roots.len() == before { Err(unusable(path, &"no certificate in it")) } else { Ok(()) }
}

fn is_parsable(certificate: &CertificateDer<'static>) -> bool {
    RootCertStore::empty().add(certificate.clone()).is_ok()
}

fn unusable(path: &Path, cause: &dyn Display) -> Error {
    Error::CaFile { path: path.display().to_string(), cause: cause.to_string() }
}
