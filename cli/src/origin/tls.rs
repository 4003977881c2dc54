//! Whom the mirror trusts to be who they say.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use crate::error::{CliError, Result};

/// The system's certificates, and those in `ca_file`.
pub fn client_config(ca_file: Option<&Path>) -> Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    // What the system has and can't be read is its administrator's affair; without any, no
    // connection will succeed.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(path) = ca_file {
        let unreadable =
            |error: &dyn std::fmt::Display| CliError::Usage(format!("{}: {error}", path.display()));
        for certificate in
            CertificateDer::pem_file_iter(path).map_err(|error| unreadable(&error))?
        {
            let certificate = certificate.map_err(|error| unreadable(&error))?;
            roots.add(certificate).map_err(|error| unreadable(&error))?;
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    Ok(config
        .map_err(|error| CliError::Other(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth())
}
