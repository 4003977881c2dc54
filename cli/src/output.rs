//! Results, for people or for programs.

use std::fmt::Display;
use std::io::{self, Write};
use std::net::SocketAddr;

use serde::Serialize;
use serde_json::{Value, json};
use slipway_domain::Sha256;

use crate::error::CliError;
use crate::status::Status;
use crate::sync::Summary;
use crate::verify::Verified;

/// How results are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// For people.
    Text,
    /// One JSON object.
    Json,
}

impl Output {
    /// A sync that has ended well.
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
        self.write("synced", summary, || {
            format!(
                "{snapshot_id}, sequence {sequence}: {artifacts_total} artifacts, {artifacts_fetched} of them fetched ({bytes_fetched} bytes), {removed} old ones removed"
            )
        });
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

    /// Where a mirror stands, and what is wrong with that.
    pub fn status(self, status: &Status, problem: Option<&CliError>) {
        let mut result = serde_json::to_value(status).unwrap_or_default();
        if let (Some(members), Some(failure)) = (result.as_object_mut(), problem) {
            members.insert("error".to_owned(), described(failure));
        }
        self.write("status", &result, || {
            let last = status.last_error.as_ref().map_or_else(String::new, |error| format!("\nlast sync   failed: {error}"));
            format!(
                "serves      {}, sequence {} of stream {}\nmade        {}\nexpires     {}\nsynced      {}\nartifacts   {} ({} bytes), {} missing or damaged\nsnapshots   {} kept{last}",
                status.snapshot_id,
                status.sequence,
                status.stream,
                status.created_at,
                status.expires_at,
                status.synced_at,
                status.artifacts,
                status.bytes,
                status.damaged.len(),
                status.snapshots_kept,
            )
        });
        if let (Self::Text, Some(failure)) = (self, problem) {
            eprintln!("slipway: {failure}");
        }
    }

    /// A server that has started.
    pub fn into_serve_config(self, address: SocketAddr, fingerprint: Option<Sha256>) {
        let scheme = if fingerprint.is_some() { "https" } else { "http" };
        let url = format!("{scheme}://{address}");
        self.write("serving", &json!({ "url": url, "certificate_sha256": fingerprint }), || {
            let certificate = fingerprint.map_or_else(String::new, |sha256| {
                format!("\nSHA-256 of the certificate: {sha256}")
            });
            format!("serving at {url}{certificate}")
        });
    }

    /// A command that has failed.
    pub fn failed(self, failure: &CliError) {
        match self {
            Self::Text => eprintln!("slipway: {failure}"),
            Self::Json => say(json!({ "outcome": "failed", "error": described(failure) })),
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
