//! `slipway mirror serve`, running, and a client that is nobody's of ours: curl.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};

use serde_json::Value;
use slipway_domain::{Sha256, Timestamp};
use slipway_signing::{Context, KeySet, verify};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::mirror::Mirror;
use crate::namespace::Namespace;

/// A running server.
pub struct Server {
    child: Child,
    /// Where it serves.
    pub url: String,
    /// The SHA-256 of its certificate, as it says.
    pub fingerprint: Option<String>,
}

/// What curl got.
#[derive(Debug)]
pub struct CurlResponse {
    /// The status.
    pub status: u16,
    /// The headers, as text.
    pub headers: String,
    /// The body.
    pub body: Vec<u8>,
}

impl Server {
    /// Serves `mirror` on a free port.
    pub async fn start(mirror: &Mirror, more: &[&str]) -> Self {
        Self::spawn(mirror.command("serve", &[&["--listen", "127.0.0.1:0"], more].concat())).await
    }

    /// Starts it with a command.
    pub async fn spawn(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let said: Value =
            serde_json::from_str(&lines.next_line().await.unwrap().unwrap_or_default()).unwrap();
        let text = |member: &str| said[member].as_str().map(str::to_owned);
        Self { child, url: text("url").unwrap(), fingerprint: text("certificate_sha256") }
    }

    /// The most memory that it has held so far, in bytes.
    #[cfg(target_os = "linux")]
    pub fn peak_memory(&self) -> usize {
        let status = format!("/proc/{}/status", self.child.id().unwrap());
        let status = std::fs::read_to_string(status).unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        peak.trim().trim_end_matches(" kB").parse::<usize>().unwrap() << 10
    }

    /// Asks it to end, and tells how it has.
    pub async fn terminated(mut self) -> ExitStatus {
        let id = self.child.id().unwrap().to_string();
        assert!(Command::new("kill").arg(&id).status().await.unwrap().success());
        self.child.wait().await.unwrap()
    }
}

/// curl, trusting one certificate and no other.
pub struct Curl<'a> {
    /// Where its files are.
    place: &'a Path,
    /// Whom it trusts.
    certificate: PathBuf,
    /// Where it runs, if that is not where the test does.
    namespace: Option<&'a Namespace>,
}

impl<'a> Curl<'a> {
    /// One who trusts the certificate that `mirror` has made itself.
    pub fn of(mirror: &'a Mirror) -> Self {
        Self { place: mirror.place.path(), certificate: mirror.certificate(), namespace: None }
    }

    /// The same, who trusts `certificate`.
    pub fn trusting(self, certificate: PathBuf) -> Self {
        Self { certificate, ..self }
    }

    /// The same, in `namespace`.
    pub fn inside(self, namespace: &'a Namespace) -> Self {
        Self { namespace: Some(namespace), ..self }
    }

    /// What is at `url`.
    pub async fn get(&self, url: &str, more: &[&str]) -> CurlResponse {
        let mut command = Command::new("curl");
        let files = ["head", "body"].map(|name| self.place.join(name));
        std::fs::write(&files[1], "").unwrap();
        command
            .args(["-sS", "--path-as-is", "--cacert"])
            .arg(&self.certificate)
            .arg("-D")
            .arg(&files[0])
            .arg("-o")
            .arg(&files[1]);
        command.args(["-w", "%{http_code}"]).args(more).arg(url);
        if let Some(namespace) = self.namespace {
            command = namespace.command(&command);
        }
        let output = command.output().await.unwrap();
        assert!(output.status.success(), "{url}: {output:?}");
        let status = String::from_utf8(output.stdout).unwrap().parse().unwrap();
        CurlResponse {
            status,
            headers: std::fs::read_to_string(&files[0]).unwrap().to_lowercase(),
            body: std::fs::read(&files[1]).unwrap(),
        }
    }

    /// Fetches and verifies everything that `server` has, as a client does that trusts the vendor's
    /// keys and no mirror; tells how many artifacts.
    pub async fn everything(&self, server: &str, keys: &KeySet) -> usize {
        let manifest = self.get(&format!("{server}/v1/snapshots/latest"), &[]).await.json(200);
        assert_eq!(verify(Context::Snapshot, &manifest, keys, Timestamp::now()), Ok(()));
        let id = manifest["snapshot_id"].as_str().unwrap();
        assert_eq!(self.get(&format!("{server}/v1/snapshots/{id}"), &[]).await.json(200), manifest);
        let bundle = self.get(&format!("{server}/v1/snapshots/{id}/bundle"), &[]).await.json(200);
        assert_eq!(bundle["manifest"], manifest);
        let artifacts = bundle["artifacts"].as_array().unwrap();
        for artifact in artifacts {
            let sha256 = artifact["sha256"].as_str().unwrap();
            let got = self.get(&format!("{server}/artifacts/{sha256}"), &[]).await;
            assert_eq!((got.status, Sha256::of(&got.body).to_string()), (200, sha256.to_owned()));
        }
        artifacts.len()
    }
}

impl CurlResponse {
    /// The body as JSON, after making sure of the status.
    #[track_caller]
    pub fn json(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{self:?}");
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
            .map(str::trim)
    }
}
