//! The certificate that a mirror makes itself: one that clients take, and another one in time.

use std::process::Stdio;

use slipway_domain::Sha256;

use crate::certificates::Certificate;
use crate::mirror::Mirror;
use crate::server::{Curl, Server};
use crate::vendor::Vendor;

/// DER of the extensions that a certificate for servers has.
const SERVER_AUTH: &[u8] = &[0x30, 0x0a, 6, 8, 0x2b, 6, 1, 5, 5, 7, 3, 1];
/// Critical, digitalSignature and nothing else.
const DIGITAL_SIGNATURE: &[u8] = &[6, 3, 0x55, 0x1d, 0x0f, 1, 1, 0xff, 4, 4, 3, 2, 7, 0x80];
/// Critical, and `cA` false, which is the default and has no bytes.
const NO_CA: &[u8] = &[6, 3, 0x55, 0x1d, 0x13, 1, 1, 0xff, 4, 2, 0x30, 0];

fn der(mirror: &Mirror) -> Vec<u8> {
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject;
    CertificateDer::from_pem_file(mirror.certificate()).unwrap().to_vec()
}

fn has(der: &[u8], part: &[u8]) -> bool {
    der.windows(part.len()).any(|window| window == part)
}

async fn synced() -> (Vendor, Mirror) {
    let (vendor, _) = Vendor::with_files(0..1, 10).await;
    let mirror = Mirror::of(&vendor);
    mirror.synced().await;
    (vendor, mirror)
}

/// Starts a server, and makes sure that curl takes its certificate; the digest of that.
async fn served(mirror: &Mirror, more: &[&str]) -> String {
    let server = Server::start(mirror, more).await;
    let health = Curl::of(mirror).get(&format!("{}/health", server.url), &[]).await;
    assert_eq!(health.status, 200);
    let fingerprint = server.fingerprint.clone().unwrap();
    assert_eq!(fingerprint, Sha256::of(&der(mirror)).to_string());
    assert!(server.terminated().await.success());
    fingerprint
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_for_servers_alone_and_counts_for_two_years() {
    let (vendor, mirror) = synced().await;
    let first = served(&mirror, &[]).await;
    let der = der(&mirror);
    for part in [SERVER_AUTH, DIGITAL_SIGNATURE, NO_CA] {
        assert!(has(&der, part), "{part:x?}");
    }
    let date = |days: i64| {
        let day = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24 * days);
        day.strftime("%y%m%d000000Z").to_string().into_bytes()
    };
    // UTCTime: from yesterday on. A test that runs over midnight has another day.
    assert!(has(&der, &date(-1)) || has(&der, &date(-2)));
    assert!(has(&der, &date(730)) || has(&der, &date(729)));
    assert_eq!(served(&mirror, &[]).await, first, "the next start keeps it");
    vendor.leaves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_clients_would_refuse_is_replaced_with_a_word() {
    let (vendor, mirror) = synced().await;
    served(&mirror, &[]).await;
    let key = mirror.directory().join("tls/private-key.pem");
    // As older versions made it: from 1975 to 4096, for any use.
    let (old, old_key) = Certificate::new().write(mirror.place.path());
    std::fs::copy(&old, mirror.certificate()).unwrap();
    std::fs::copy(&old_key, &key).unwrap();
    let before = Sha256::of(&der(&mirror)).to_string();
    let said = replaced(&mirror, &[]).await;
    assert!(said.contains("825 days that clients take"), "{said}");
    assert_ne!(served(&mirror, &[]).await, before);
    let kept = std::fs::read(&key).unwrap();
    assert_eq!(kept, std::fs::read(&old_key).unwrap(), "the key stays, for clients that pin it");
    // Another name.
    let said = replaced(&mirror, &["--name", "mirror.example.com"]).await;
    assert!(said.contains("not for this name"), "{said}");
    let named = served(&mirror, &["--name", "mirror.example.com"]).await;
    assert_eq!(served(&mirror, &[]).await, named, "it is for localhost too");
    // What a start that was killed has left.
    std::fs::write(&key, "-----BEGIN PRIVATE KEY-----\nMIGH").unwrap();
    let said = replaced(&mirror, &[]).await;
    assert!(said.contains("its private key is missing or can't be read"), "{said}");
    served(&mirror, &[]).await;
    std::fs::remove_file(mirror.certificate()).unwrap();
    served(&mirror, &[]).await;
    vendor.leaves().await;
}

/// What a start says beside its result.
async fn replaced(mirror: &Mirror, more: &[&str]) -> String {
    let flags = [&["--listen", "127.0.0.1:0"], more].concat();
    let mut command = mirror.command("serve", &flags);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let (mut out, mut aside) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let mut first = [0];
    tokio::io::AsyncReadExt::read_exact(&mut out, &mut first).await.unwrap();
    child.kill().await.unwrap();
    let mut said = String::new();
    tokio::io::AsyncReadExt::read_to_string(&mut aside, &mut said).await.unwrap();
    said
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_no_certificate_can_have_is_refused() {
    let (vendor, mirror) = synced().await;
    let flags = ["--listen", "127.0.0.1:0", "--name", "not a name"];
    let ran = crate::mirror::run(&mut mirror.command("serve", &flags)).await;
    ran.refused(2, "usage", "`not a name` is no name for a certificate");
    vendor.leaves().await;
}
