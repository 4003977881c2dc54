//! The certificate that a mirror makes itself, and when it makes another one.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use rcgen::{
    CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
    date_time_ymd,
};
use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use slipway_domain::Timestamp;

use crate::config::Files;
use crate::error::{CliError, Result};
use crate::store::{Store, make_directory, rename_durably, write_atomically};

const DAY: SignedDuration = SignedDuration::from_hours(24);
/// How long a certificate counts.
const LIFETIME_DAYS: i32 = 730;
/// One that ends sooner than that is replaced at a start.
const RENEWED_DAYS: i32 = 90;
/// Clients take certificates for servers that count no longer than that.
const LONGEST_DAYS: i32 = 825;
/// How far a client's clock may be behind.
const SKEW_DAYS: i32 = 1;

/// The mirror's own certificate and private key, for `name`. What is there is kept, unless it is of
/// no use at `now`: then there is a new certificate, of the same key.
pub fn self_signed(store: &Store, name: &str, now: Timestamp) -> Result<Files> {
    let directory = store.path("tls");
    let certificate = directory.join("certificate.pem");
    let private_key = directory.join("private-key.pem");
    let server_name = ServerName::try_from(name.to_owned()).map_err(|_| {
        let needed = "a host name or an address is needed, such as `mirror.example.com`";
        CliError::Usage(format!("--name: `{name}` is no name for a certificate; {needed}"))
    })?;
    let key = read_key(&private_key)?;
    let fault = match (&key, certificate.exists()) {
        (_, false) => None,
        (None, true) => Some("its private key is missing or can't be read"),
        (Some(_), true) => match fault(&certificate, &server_name, now)? {
            None => return Ok(Files { certificate, private_key }),
            fault => fault,
        },
    };
    make_directory(&directory)?;
    let key = match key {
        Some(key) => key,
        None => make_key(&private_key)?,
    };
    write_atomically(&certificate, make(name, &key, now)?.as_bytes())?;
    if let Some(why) = fault {
        let path = certificate.display();
        eprintln!(
            "slipway: the mirror has replaced its certificate: {why}; clients that trust it need the new one, {path}"
        );
    }
    Ok(Files { certificate, private_key })
}

/// What is wrong with a certificate for `name`, where something is.
fn fault(path: &Path, name: &ServerName<'_>, now: Timestamp) -> Result<Option<&'static str>> {
    let Ok(certificate) = CertificateDer::from_pem_file(path) else {
        return Ok(Some("it can't be read"));
    };
    let mut roots = RootCertStore::empty();
    if roots.add(certificate.clone()).is_err() {
        return Ok(Some("it can't be read"));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
        .build()
        .map_err(|error| CliError::Other(error.to_string()))?;
    // As a client sees it that trusts this certificate.
    let is_valid_after = |days: i32| {
        let at = u64::try_from((now + DAY * days).as_second()).unwrap_or_default();
        let at = UnixTime::since_unix_epoch(Duration::from_secs(at));
        verifier.verify_server_cert(&certificate, &[], name, &[], at).is_ok()
    };
    Ok(if !is_valid_after(0) {
        Some("it is not valid now, or not for this name")
    } else if !is_valid_after(RENEWED_DAYS) {
        Some("it ends within 90 days")
    } else if is_valid_after(LONGEST_DAYS) {
        Some("it counts longer than the 825 days that clients take")
    } else {
        None
    })
}

/// A new certificate of `key`, PEM.
fn make(name: &str, key: &KeyPair, now: Timestamp) -> Result<String> {
    let failed = |error: rcgen::Error| CliError::Other(error.to_string());
    let names = BTreeSet::from([name, "localhost", "127.0.0.1", "::1"].map(str::to_owned));
    let mut params = CertificateParams::new(Vec::from_iter(names)).map_err(failed)?;
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let midnight = |days: i32| {
        let date = (now + DAY * days).to_zoned(jiff::tz::TimeZone::UTC).date();
        date_time_ymd(date.year().into(), date.month().unsigned_abs(), date.day().unsigned_abs())
    };
    params.not_before = midnight(-SKEW_DAYS);
    params.not_after = midnight(LIFETIME_DAYS);
    Ok(params.self_signed(key).map_err(failed)?.pem())
}

/// The key at `path`; none, where there is none, or a start that was cut short has left a part.
fn read_key(path: &Path) -> Result<Option<KeyPair>> {
    match std::fs::read_to_string(path) {
        Ok(pem) => Ok(KeyPair::from_pem(&pem).ok()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) if error.kind() == std::io::ErrorKind::InvalidData => Ok(None),
        Err(error) => Err(CliError::io(path)(error)),
    }
}

/// A new key, in a file that its owner alone can read.
fn make_key(path: &Path) -> Result<KeyPair> {
    let key = KeyPair::generate().map_err(|error| CliError::Other(error.to_string()))?;
    let new = path.with_extension("new");
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&new).map_err(CliError::io(&new))?;
    let written = file.write_all(key.serialize_pem().as_bytes()).and_then(|()| file.sync_all());
    written.map_err(CliError::io(&new))?;
    rename_durably(&new, path)?;
    Ok(key)
}
