//! The configuration file of `slipway-local`: YAML, in the words of the configuration that the systems it
//! takes the place of have.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use slipway_snapshot::{ConfigDocument, NewSnapshotConfig};

use crate::config_error::describe;

/// The largest file that is read, in bytes.
const LIMIT: u64 = 64 << 10;

/// What a configuration file says. What it leaves out stays as it is without the file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ConfigFile {
    /// Where artifacts are.
    pub storage: Option<StorageConfig>,
    /// When snapshots are generated, and how long they are kept. It is set at each start.
    pub snapshots: Option<ConfigDocument>,
}

/// Where artifacts are: `type`, and the block of that name.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StorageConfig {
    /// The kind of store.
    pub r#type: StorageType,
    /// Amazon S3, or a store with its API.
    #[serde(default)]
    pub s3: Option<S3Config>,
    /// Google Cloud Storage.
    #[serde(default)]
    pub gcs: Option<GcsConfig>,
}

/// The kind of store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StorageType {
    /// Files in the data directory, which the embedded S3 serves.
    Filesystem,
    /// Amazon S3, or a store with its API.
    S3,
    /// Google Cloud Storage.
    Gcs,
}

/// A bucket of Amazon S3, or of a store with its API.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct S3Config {
    /// Name of the bucket, which exists.
    pub bucket: String,
    /// Region of the bucket.
    #[serde(default = "default_region")]
    pub region: String,
    /// Base URL of a store that is not Amazon S3; blank for Amazon S3.
    #[serde(default)]
    pub endpoint: String,
    /// Whether the bucket is in the path of URLs; of an endpoint it is, unless this says `false`.
    #[serde(default)]
    pub path_style: Option<bool>,
}

/// A bucket of Google Cloud Storage.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GcsConfig {
    /// Name of the bucket, which exists.
    pub bucket: String,
    /// The project. Nothing needs it: the HMAC key belongs to one.
    #[serde(default)]
    pub project: Option<String>,
}

fn default_region() -> String {
    "us-east-1".to_owned()
}

impl ConfigFile {
    /// Reads the file at `path`.
    ///
    /// # Errors
    /// What is wrong, with the line, in words for whoever wrote the file. It quotes no value.
    pub fn read(path: &Path) -> Result<Self, String> {
        let failed = |what: &dyn std::fmt::Display| format!("--config {}: {what}", path.display());
        let file = File::open(path).map_err(|error| failed(&error))?;
        let mut bytes = Vec::new();
        // A pipe or a device does not say how long it is.
        file.take(LIMIT + 1).read_to_end(&mut bytes).map_err(|error| failed(&error))?;
        if usize::try_from(LIMIT).is_ok_and(|limit| bytes.len() > limit) {
            return Err(failed(&format!("it has more than {LIMIT} bytes")));
        }
        let text = String::from_utf8(bytes).map_err(|_| failed(&"it is no UTF-8 text"))?;
        Self::parse(&text).map_err(|error| failed(&error))
    }

    /// Checks what the settings of snapshots say together.
    ///
    /// # Errors
    /// What is wrong, with the setting.
    pub fn check_snapshots(&self, path: &Path, batch_window: SignedDuration) -> Result<(), String> {
        let new = NewSnapshotConfig { snapshots: self.snapshots.clone(), ..Default::default() };
        let wrong = |error: slipway_domain::Error| {
            let field = error.field().map(|field| format!(" {field}:")).unwrap_or_default();
            format!("--config {}: `snapshots`:{field} {}", path.display(), error.message())
        };
        new.at(Timestamp::UNIX_EPOCH, batch_window).map(|_| ()).map_err(wrong)
    }

    fn parse(text: &str) -> Result<Self, String> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        serde_saphyr::from_str(text).map_err(|error| describe(text, &error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_blocks_of_the_documentation_are_read() {
        let file = ConfigFile::parse(
            "storage:
  type: s3
  s3:
    bucket: bigpicture-artifacts
    region: us-east-1
    endpoint: \"\" # For S3-compatible storage
snapshots:
  generation:
    auto_on_publish: true
    scheduled:
      enabled: true
      interval: \"1h\"
    batch_window: \"5m\"
  retention:
    keep_snapshots: 100
    cleanup_enabled: true
    cleanup_interval: \"24h\"
    cleanup_older_than: \"30d\"
",
        );
        let file = file.unwrap();
        let s3 = file.storage.unwrap().s3.unwrap();
        assert_eq!((s3.bucket.as_str(), s3.endpoint.as_str()), ("bigpicture-artifacts", ""));
        assert!(file.snapshots.unwrap().retention.is_some());
        let file = ConfigFile::parse(
            "storage:\n  type: gcs\n  gcs:\n    bucket: bigpicture-artifacts\n    project: my-project\n",
        );
        assert_eq!(file.unwrap().storage.unwrap().r#type, StorageType::Gcs);
    }

    #[test]
    fn what_is_wrong_is_named_by_line_with_what_would_be_right_and_no_value_is_quoted() {
        for (text, named) in [
            (
                "storag:\n  type: s3\n",
                "line 1: `storag` is no setting here; it takes `storage`, `snapshots`",
            ),
            ("storage:\n  type: hunter2\n", "line 2: `type` takes `filesystem`, `s3` or `gcs`"),
            ("storage:\n  type: [hunter2]\n", "line 2: `type` takes `filesystem`, `s3` or `gcs`"),
            ("storage: hunter2\n", "line 1: `storage` takes a block with `type`"),
            (
                "storage:\n  type: s3\n  s3:\n    bucket: a\n    buckets: hunter2\n",
                "line 5: `buckets` is no setting here; it takes `bucket`, `region`",
            ),
            (
                "storage:\n  type: s3\n  s3:\n    bucket: a\n    secret_access_key: hunter2\n",
                "line 5: credentials are no setting of this file: set RELEASY_ARTIFACT_ACCESS_KEY",
            ),
            (
                "storage:\n  type: s3\n  s3:\n    bucket: a\n    HUNTER2hunter2: hunter2\n",
                "line 5: this is no setting here",
            ),
            (
                "storage:\n  type: s3\n  s3:\n    bucket: a\n    path_style: hunter2\n",
                "line 5: `path_style` takes true or false",
            ),
            ("storage:\n  type: s3\n  s3:\n    region: hunter2\n", "`bucket` is missing"),
            ("storage:\n  type: s3\n  type: hunter2\n", "line 3: `type` stands twice"),
            ("storage:\n  type: s3\n---\nhunter2: 1\n", "a second document begins after `---`"),
            ("storage: [hunter2\n", "line 1: `storage` takes a block"),
            ("storage:\n\ttype: hunter2\n", "line 2: "),
            ("hunter2\n", "no YAML that can be read"),
            (
                "snapshots:\n  generation:\n    history: hunter2\n",
                "line 3: `history` is no setting here",
            ),
            (
                "snapshots:\n  generation:\n    history_limit: 300\n",
                "line 3: `history_limit` takes a number from 0 to 50",
            ),
            (
                "snapshots:\n  generation:\n    batch_window: hunter2\n",
                "line 3: `batch_window` takes a number and s, m, h or d",
            ),
            (
                "snapshots:\n  generation:\n    scheduled:\n      enabled: true\n      cron: hunter2\n",
                "line 5: `cron` takes five fields",
            ),
            (
                "snapshots:\n  retention:\n    keep_snapshots: -1\n",
                "line 3: `keep_snapshots` takes a number from 1 to 100000",
            ),
        ] {
            let refused = ConfigFile::parse(text).unwrap_err();
            assert!(refused.contains(named), "{text}: {refused}");
            assert!(!refused.to_lowercase().contains("hunter2"), "{text}: {refused}");
        }
    }

    #[test]
    fn a_file_that_says_nothing_changes_nothing() {
        assert_eq!(ConfigFile::parse(" \n").unwrap(), ConfigFile::default());
        assert_eq!(ConfigFile::parse("# nothing\n").unwrap_or_default(), ConfigFile::default());
    }
}
