//! Results, for people or for programs.

use std::fmt::Display;
use std::io::{self, Write};
use std::net::SocketAddr;

use serde::Serialize;
use serde_json::{Value, json};
use slipway_domain::Sha256;

use crate::decision_key::NewDecisionKey;
use crate::error::CliError;
use crate::status::Status;
use crate::sync::Summary;
use crate::verify::Verified;
use crate::verify_bundle::{VerifiedBundle, VerifiedImage};

/// How results are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// For people.
    Text,
    /// One JSON object.
    Json,
}

impl Output {
    /// A sync after which the new snapshot is served, and what of it did not come.
    pub fn synced(self, summary: &Summary) {
        let Summary {
            snapshot_id,
            sequence,
            artifacts_total,
            artifacts_fetched,
            bytes_fetched,
            removed,
            ..
        } = summary;
        let problem = summary.problem();
        let outcome = if problem.is_some() { "partial" } else { "synced" };
        self.write(outcome, &with_problem(summary, problem.as_ref()), || {
            format!(
                "{snapshot_id}, sequence {sequence}: {artifacts_total} artifacts, {artifacts_fetched} of them fetched ({bytes_fetched} bytes), {removed} old ones removed"
            )
        });
        self.warn(problem.as_ref());
    }

    /// A document that is genuine.
    pub fn verified(self, verified: &Verified) {
        let Verified {
            document,
            snapshot_id,
            tenant_id,
            sequence,
            expires_at,
            releases,
            artifacts,
            ..
        } = verified;
        self.write("verified", verified, || {
            format!("genuine: {document} of {snapshot_id} for {tenant_id}, sequence {sequence}, {releases} releases, {artifacts} artifacts, expires {expires_at}")
        });
    }

    /// A manifest of a release that is genuine.
    pub fn verified_bundle(self, verified: &VerifiedBundle) {
        let VerifiedBundle { release_id, release_name, images, .. } = verified;
        self.write("verified", verified, || {
            let line = |VerifiedImage { name, version, image }: &VerifiedImage| {
                let version = version.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string);
                format!("\n{name} {version} {image}")
            };
            let lines: String = images.iter().map(line).collect();
            let count = images.len();
            format!("genuine: manifest of {release_name} ({release_id}), {count} images{lines}")
        });
    }

    /// Where a mirror stands, and what is wrong with that.
    pub fn status(self, status: &Status, problem: Option<&CliError>) {
        self.write("status", &with_problem(status, problem), || {
            let synced = status.synced_at.map_or_else(|| "never whole".to_owned(), |at| at.to_string());
            let last = status.last_error.as_ref().map_or_else(String::new, |error| format!("\nlast sync   failed: {error}"));
            format!(
                "serves      {}, sequence {} of stream {}\nmade        {}\nexpires     {}\nsynced      {}\nartifacts   {} ({} bytes), {} missing or damaged\nsnapshots   {} kept{last}",
                status.snapshot_id,
                status.sequence,
                status.stream,
                status.created_at,
                status.expires_at,
                synced,
                status.artifacts,
                status.bytes,
                status.damaged.len(),
                status.snapshots_kept,
            )
        });
        self.warn(problem);
    }

    /// Tells people what is wrong with a result; for programs it is part of the result.
    fn warn(self, problem: Option<&CliError>) {
        if let (Self::Text, Some(failure)) = (self, problem) {
            eprintln!("slipway: {failure}");
        }
    }

    /// A server that has started.
    pub fn serving(self, address: SocketAddr, fingerprint: Option<Sha256>) {
        let scheme = if fingerprint.is_some() { "https" } else { "http" };
        let url = format!("{scheme}://{address}");
        self.write("serving", &json!({ "url": url, "certificate_sha256": fingerprint }), || {
            let certificate = fingerprint.map_or_else(String::new, |sha256| {
                format!("\nSHA-256 of the certificate: {sha256}")
            });
            format!("serving at {url}{certificate}")
        });
    }

    /// A key that was made.
    pub fn decision_key(self, key: &NewDecisionKey) {
        self.write("key_made", key, || {
            format!("key {} in {}; give clients its public half, which the mirror serves at /v1/decision-keys", key.key_id, key.file.display())
        });
    }

    /// A command that has failed.
    pub fn failed(self, failure: &CliError) {
        match self {
            Self::Text => eprintln!("slipway: {failure}"),
            Self::Json => {
                say(with_problem(&json!({ "outcome": "failed" }), Some(failure)));
            }
        }
    }

    fn write(self, outcome: &str, result: &impl Serialize, text: impl FnOnce() -> String) {
        match self {
            Self::Text => say(text()),
            Self::Json => {
                let mut object = json!({ "outcome": outcome });
                if let (Some(members), Ok(Value::Object(result))) =
                    (object.as_object_mut(), serde_json::to_value(result))
                {
                    members.extend(result);
                }
                say(object);
            }
        }
    }
}

/// A result with what is wrong with it: `error`, and the artifacts that did not come, as `missing`.
fn with_problem(result: &impl Serialize, problem: Option<&CliError>) -> Value {
    let mut result = serde_json::to_value(result).unwrap_or_default();
    if let (Some(members), Some(failure)) = (result.as_object_mut(), problem) {
        members.insert("error".to_owned(), described(failure));
        if let Some(missing) = failure.missing() {
            members.insert("missing".to_owned(), json!(missing.list));
        }
    }
    result
}

/// A failure, for programs.
fn described(failure: &CliError) -> Value {
    let (code, exit_code) = failure.codes();
    json!({ "code": code, "message": failure.to_string(), "exit_code": exit_code })
}

/// Prints a line. Whoever has closed our output does not want to know it.
fn say(line: impl Display) {
    let mut out = io::stdout();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}
