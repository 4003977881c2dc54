//! A mirror: its directory, and the command that its operator types.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;

use crate::vendor::{TENANT, Vendor};

/// A mirror's place.
pub struct Mirror {
    /// Where everything is: the mirror's own directory is `mirror` in it.
    pub place: TempDir,
    tenant: String,
    url: String,
    token: String,
}

/// What a command came to.
#[derive(Debug)]
pub struct CommandResult {
    /// Its exit code.
    pub code: Option<i32>,
    /// What it printed with `--json`; null, where it was no JSON.
    pub json: Value,
    /// What it printed.
    pub said: String,
    /// What it said beside that.
    pub aside: String,
}

impl Mirror {
    /// A mirror of what `vendor` has for the customer.
    pub fn of(vendor: &Vendor) -> Self {
        Self {
            place: tempfile::tempdir().unwrap(),
            tenant: TENANT.to_owned(),
            url: vendor.proxy.url.clone(),
            token: vendor.token.clone(),
        }
    }

    /// The same mirror, with its operator after somebody else's snapshots.
    pub fn after(self, tenant: &str) -> Self {
        Self { tenant: tenant.to_owned(), ..self }
    }

    /// The mirror's directory.
    pub fn directory(&self) -> PathBuf {
        self.place.path().join("mirror")
    }

    /// Where the certificate is that it has made itself.
    pub fn certificate(&self) -> PathBuf {
        self.directory().join("tls/certificate.pem")
    }

    /// The command `slipway mirror {verb}`, set up by flags, in the mirror's place.
    pub fn command(&self, verb: &str, more: &[&str]) -> Command {
        let mut command = bare(self.place.path());
        command.args([
            "mirror",
            verb,
            "--json",
            "--allow-http",
            "--origin",
            &self.url,
            "--tenant",
            &self.tenant,
            "--directory",
            "mirror",
        ]);
        command.args(more).env("SLIPWAY_TOKEN", &self.token);
        command
    }

    /// Syncs.
    pub async fn sync(&self, more: &[&str]) -> CommandResult {
        run(&mut self.command("sync", more)).await
    }

    /// Syncs, which has to succeed.
    pub async fn synced(&self) -> Value {
        self.sync(&[]).await.good()
    }

    /// Tells where it stands.
    pub async fn status(&self, more: &[&str]) -> CommandResult {
        run(&mut self.command("status", more)).await
    }

    /// Everything that is served: each file but those about the sync itself.
    pub fn served(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        collect(&self.directory(), &mut files);
        let own = ["last-sync.json", "lock"].map(|name| self.directory().join(name));
        files.retain(|path, _| {
            !own.contains(path) && !path.starts_with(self.directory().join("partial"))
        });
        files
    }

    /// Where an artifact is.
    pub fn blob(&self, sha256: &str) -> PathBuf {
        self.directory().join("blobs/sha256").join(&sha256[..2]).join(sha256)
    }

    /// A document of a snapshot.
    pub fn document(&self, snapshot: &Value, name: &str) -> PathBuf {
        self.directory()
            .join("snapshots")
            .join(snapshot["snapshot_id"].as_str().unwrap())
            .join(name)
    }
}

/// The program, in `place`, with nothing of the test's own environment.
pub fn bare(place: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_slipway"));
    command.current_dir(place).env_clear().stdin(Stdio::null()).kill_on_drop(true);
    command
}

/// Runs a command to its end.
pub async fn run(command: &mut Command) -> CommandResult {
    let Output { status, stdout, stderr } = command.output().await.unwrap();
    let (said, aside) = (String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap());
    CommandResult {
        code: status.code(),
        json: serde_json::from_str(&said).unwrap_or_default(),
        said,
        aside,
    }
}

impl CommandResult {
    /// The result, which has to be a good one.
    #[track_caller]
    pub fn good(self) -> Value {
        assert_eq!(self.code, Some(0), "{self:?}");
        self.json
    }

    /// Makes sure that it failed with this exit code and this code for programs, and that its
    /// message says `part`.
    #[track_caller]
    pub fn refused(&self, exit: i32, code: &str, part: &str) {
        let error = &self.json["error"];
        assert_eq!(
            (self.code, error["code"].as_str(), &self.json["outcome"]),
            (Some(exit), Some(code), &Value::from("failed")),
            "{self:?}"
        );
        assert_eq!(error["exit_code"], exit);
        assert!(
            error["message"].as_str().is_some_and(|message| message.contains(part)),
            "{part}: {error:#}"
        );
    }
}

impl CommandResult {
    /// Makes sure that a mirror is said to be damaged, and these artifacts to be missing or wrong.
    #[track_caller]
    pub fn damaged(&self, damaged: &[&str]) {
        assert_eq!(
            (self.code, &self.json["error"]["code"]),
            (Some(35), &Value::from("not_serving")),
            "{self:?}"
        );
        assert!(
            self.json["error"]["message"]
                .as_str()
                .unwrap()
                .starts_with("what is served is not whole"),
            "{self:?}"
        );
        let mut found: Vec<&str> = self.json["damaged"]
            .as_array()
            .unwrap()
            .iter()
            .map(|sha256| sha256.as_str().unwrap())
            .collect();
        let mut expected = damaged.to_vec();
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected);
    }
}

fn collect(directory: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in std::fs::read_dir(directory).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.insert(path.clone(), std::fs::read(&path).unwrap());
        }
    }
}
