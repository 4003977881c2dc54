//! Artifacts in a bucket that something else serves, in place of the embedded S3.

use std::fmt;
use std::ops::RangeInclusive;

use clap::Args;
use jiff::SignedDuration;
use slipway_aws::ObjectStore;
use slipway_edge::ArtifactStore;
use slipway_edge::presign_lifetime::PRESIGN_EXPIRES_SECONDS;
use slipway_storage::StoreTraits;

use crate::config::{GcsConfig, S3Config, StorageConfig, StorageType};

/// Base URL of Google Cloud Storage's XML API.
const GCS_ENDPOINT: &str = "https://storage.googleapis.com";
/// Where nothing says it.
const DEFAULT_REGION: &str = "us-east-1";

/// The settings of an external store by argument or environment, named as Releasy names them. Each may
/// be set and blank, which is as if it were not. They are texts that are checked here, so that no
/// message quotes what may be a secret in the wrong place.
#[derive(Clone, Default, Args)]
#[expect(clippy::struct_field_names, reason = "the arguments are named after the fields")]
pub struct ArtifactArguments {
    /// A bucket in another store than the embedded one, with these credentials. It exists.
    #[arg(long, env = "RELEASY_ARTIFACT_BUCKET", hide_env_values = true)]
    artifact_bucket: Option<String>,
    /// Region of the bucket; us-east-1 by default.
    #[arg(long, env = "RELEASY_ARTIFACT_REGION", hide_env_values = true)]
    artifact_region: Option<String>,
    /// Base URL of the store, if that is not Amazon S3.
    #[arg(long, env = "RELEASY_ARTIFACT_ENDPOINT", hide_env_values = true)]
    artifact_endpoint: Option<String>,
    /// Access key id for the store, also for the one that `--config` names.
    #[arg(long, env = "RELEASY_ARTIFACT_ACCESS_KEY", hide_env_values = true)]
    artifact_access_key: Option<String>,
    /// Secret access key for the store.
    #[arg(long, env = "RELEASY_ARTIFACT_SECRET_KEY", hide_env_values = true)]
    artifact_secret_key: Option<String>,
    /// Whether the bucket is in the path of URLs, rather than in the name of the host: `true` or
    /// `false`. With an endpoint it is, unless this says `false`.
    #[arg(long, env = "RELEASY_ARTIFACT_PATH_STYLE", hide_env_values = true)]
    artifact_path_style: Option<String>,
    /// How long a URL of release-artifact-presign works, in seconds; 900 by default, at most a day.
    #[arg(long, env = "RELEASY_ARTIFACT_PRESIGN_EXPIRES_SECONDS", hide_env_values = true)]
    artifact_presign_expires_seconds: Option<String>,
}

/// Without what may be a secret.
impl fmt::Debug for ArtifactArguments {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ArtifactArguments").finish_non_exhaustive()
    }
}

/// A bucket in a store that something else serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalStore {
    /// The store.
    pub store: ArtifactStore,
    /// Name of the bucket.
    pub bucket: String,
}

impl ExternalStore {
    /// The store that `arguments` name, or `config`; `None` for the embedded one.
    ///
    /// # Errors
    /// What is missing, or contradicts itself.
    pub fn of(
        arguments: &ArtifactArguments,
        config: Option<&StorageConfig>,
    ) -> Result<Option<Self>, String> {
        let external = match (value(arguments.artifact_bucket.as_ref()), config) {
            (Some(_), Some(_)) => {
                return Err(format!(
                    "{BUCKET} and `storage` in the file of --config both say where artifacts are: leave one out"
                ));
            }
            (Some(name), None) => Some(arguments.in_bucket(name)?),
            (None, Some(config)) => bucket_of(config)?,
            (None, None) if arguments.names_a_store_without_a_bucket() => {
                return Ok(Some(Self::none()));
            }
            (None, None) => None,
        };
        match external {
            Some(bucket) => arguments.open(bucket).map(Some),
            None => arguments.require_none().map(|()| None),
        }
    }

    /// No store at all: what needs one is refused.
    fn none() -> Self {
        Self { store: ArtifactStore::AWS, bucket: String::new() }
    }
}

/// A bucket, how it is reached, and the names of the settings that say so.
struct Bucket {
    name: String,
    region: String,
    endpoint: String,
    path_style: Option<bool>,
    settings: BucketSettings,
}

/// The names of the settings of a bucket.
struct BucketSettings {
    bucket: &'static str,
    region: &'static str,
    endpoint: &'static str,
}

const ARGUMENTS: BucketSettings =
    BucketSettings { bucket: BUCKET, region: REGION, endpoint: ENDPOINT };
const BUCKET: &str = "RELEASY_ARTIFACT_BUCKET (--artifact-bucket)";
const REGION: &str = "RELEASY_ARTIFACT_REGION (--artifact-region)";
const ENDPOINT: &str = "RELEASY_ARTIFACT_ENDPOINT (--artifact-endpoint)";
const ACCESS_KEY: &str = "RELEASY_ARTIFACT_ACCESS_KEY (--artifact-access-key)";
const SECRET_KEY: &str = "RELEASY_ARTIFACT_SECRET_KEY (--artifact-secret-key)";
/// The longest life of a presigned URL, in seconds: a day. Access keys that are set end by themselves no
/// sooner.
const MAX_PRESIGN_EXPIRES_SECONDS: u32 = 86_400;
const PRESIGN_EXPIRES: &str =
    "RELEASY_ARTIFACT_PRESIGN_EXPIRES_SECONDS (--artifact-presign-expires-seconds)";
const PATH_STYLE: &str = "RELEASY_ARTIFACT_PATH_STYLE (--artifact-path-style)";

/// A setting, unless it is blank.
fn value(setting: Option<&String>) -> Option<&str> {
    setting.map(|setting| setting.trim()).filter(|setting| !setting.is_empty())
}

impl ArtifactArguments {
    fn in_bucket(&self, name: &str) -> Result<Bucket, String> {
        let path_style = match value(self.artifact_path_style.as_ref()).map(str::to_ascii_lowercase)
        {
            None => None,
            Some(word) if ["true", "1", "yes"].contains(&word.as_str()) => Some(true),
            Some(word) if ["false", "0", "no"].contains(&word.as_str()) => Some(false),
            Some(_) => return Err(format!("{PATH_STYLE} is `true` or `false`, or not set")),
        };
        Ok(Bucket {
            name: name.to_owned(),
            region: value(self.artifact_region.as_ref()).unwrap_or(DEFAULT_REGION).to_owned(),
            endpoint: value(self.artifact_endpoint.as_ref()).unwrap_or_default().to_owned(),
            path_style,
            settings: ARGUMENTS,
        })
    }

    /// Whether it is said where a store is, and that its bucket is none: the embedded one is not meant.
    fn names_a_store_without_a_bucket(&self) -> bool {
        self.artifact_bucket.is_some() && value(self.artifact_endpoint.as_ref()).is_some()
    }

    /// How long a URL works that is presigned for a release.
    ///
    /// # Errors
    /// What a lifetime is.
    pub(crate) fn presign_lifetime(&self) -> Result<SignedDuration, String> {
        let seconds = match value(self.artifact_presign_expires_seconds.as_ref()) {
            None => Some(PRESIGN_EXPIRES_SECONDS),
            Some(text) => text
                .parse()
                .ok()
                .filter(|seconds| (1..=MAX_PRESIGN_EXPIRES_SECONDS).contains(seconds)),
        };
        let seconds = seconds.ok_or_else(|| {
            format!(
                "{PRESIGN_EXPIRES} is a number of seconds from 1 to {MAX_PRESIGN_EXPIRES_SECONDS}"
            )
        })?;
        Ok(SignedDuration::from_secs(seconds.into()))
    }

    /// Refuses what is set for a bucket that nothing names: it would be ignored, and uploads would land
    /// in the embedded store.
    fn require_none(&self) -> Result<(), String> {
        let set = [
            (REGION, self.artifact_region.as_ref()),
            (ENDPOINT, self.artifact_endpoint.as_ref()),
            (ACCESS_KEY, self.artifact_access_key.as_ref()),
            (SECRET_KEY, self.artifact_secret_key.as_ref()),
            (PATH_STYLE, self.artifact_path_style.as_ref()),
        ];
        let Some((name, _)) = set.into_iter().find(|(_, setting)| value(*setting).is_some()) else {
            return Ok(());
        };
        Err(format!(
            "{name} is set, and no bucket is: set {BUCKET}, or `storage` in the file of --config, or leave it out to keep artifacts in the embedded store"
        ))
    }

    /// `bucket`, with the credentials that the arguments have.
    fn open(&self, bucket: Bucket) -> Result<ExternalStore, String> {
        let Bucket { name, region, endpoint, path_style, settings } = bucket;
        require_name(
            settings.bucket,
            &name,
            "the name of a bucket: 3 to 222 of a-z, 0-9, `.`, `-` and `_`",
            3..=222,
        )?;
        require_name(settings.region, &region, "the name of a region, such as us-east-1", 1..=32)?;
        let required = |name: &str, setting| {
            let missing = || {
                format!(
                    "{name} is not set: the bucket of {} needs {ACCESS_KEY} and {SECRET_KEY}",
                    settings.bucket
                )
            };
            value(setting).map(str::to_owned).ok_or_else(missing)
        };
        let access_key_id = required(ACCESS_KEY, self.artifact_access_key.as_ref())?;
        let secret_access_key = required(SECRET_KEY, self.artifact_secret_key.as_ref())?;
        let is_amazon = endpoint.trim().is_empty();
        let endpoint_url = if is_amazon {
            format!("https://s3.{region}.amazonaws.com")
        } else {
            checked(settings.endpoint, &endpoint)?
        };
        let traits = traits_of(&endpoint_url);
        let path_style = path_style.unwrap_or(!is_amazon);
        let elsewhere =
            ObjectStore { endpoint_url, region, path_style, access_key_id, secret_access_key };
        let store = ArtifactStore { traits, elsewhere: Some(elsewhere) };
        Ok(ExternalStore { store, bucket: name })
    }
}

/// Checks a name that is told later on.
fn require_name(
    setting: &str,
    name: &str,
    rule: &str,
    length: RangeInclusive<usize>,
) -> Result<(), String> {
    let is_legal = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'_');
    if length.contains(&name.len()) && name.bytes().all(is_legal) {
        return Ok(());
    }
    Err(format!("{setting} is {rule}"))
}

/// A base URL, without the slash at its end.
fn checked(setting: &str, endpoint: &str) -> Result<String, String> {
    let trimmed = endpoint.trim().trim_end_matches('/');
    let wrong = |why: &str| format!("{setting} {why}; it is such as https://s3.example.com");
    let Ok(url) = url::Url::parse(trimmed) else { return Err(wrong("is no URL")) };
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong("is no URL of HTTP"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        let keys =
            format!("has a user or a password in it: {ACCESS_KEY} and {SECRET_KEY} have them");
        return Err(wrong(&keys));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("has a query or a fragment"));
    }
    Ok(trimmed.to_owned())
}

/// What the store at `endpoint` can do. No store tells this machine of objects that arrive.
fn traits_of(endpoint: &str) -> StoreTraits {
    let url = url::Url::parse(endpoint).ok();
    let host = url.as_ref().and_then(url::Url::host_str).unwrap_or_default();
    let traits = match host {
        "storage.googleapis.com" => StoreTraits::GCS,
        amazon if amazon.ends_with(".amazonaws.com") => StoreTraits::AWS,
        _ => StoreTraits::S3_COMPATIBLE,
    };
    StoreTraits { event_notifications: false, ..traits }
}

/// The bucket that the `storage` block names; `None` for files in the data directory.
fn bucket_of(config: &StorageConfig) -> Result<Option<Bucket>, String> {
    match (config.r#type, config.s3.clone(), config.gcs.clone()) {
        (StorageType::Filesystem, None, None) => Ok(None),
        (StorageType::S3, Some(S3Config { bucket: name, region, endpoint, path_style }), None) => {
            let settings = BucketSettings {
                bucket: "`storage.s3.bucket` in the file of --config",
                region: "`storage.s3.region` in the file of --config",
                endpoint: "`storage.s3.endpoint` in the file of --config",
            };
            Ok(Some(Bucket { name, region, endpoint, path_style, settings }))
        }
        (StorageType::Gcs, None, Some(GcsConfig { bucket: name, .. })) => Ok(Some(Bucket {
            name,
            // GCS takes any region.
            region: "auto".to_owned(),
            endpoint: GCS_ENDPOINT.to_owned(),
            path_style: Some(true),
            settings: BucketSettings {
                bucket: "`storage.gcs.bucket` in the file of --config",
                ..ARGUMENTS
            },
        })),
        _ => Err("`storage` in the file of --config has the block of its `type` and no other: `s3` for s3, `gcs` for gcs, none for filesystem".to_owned()),
    }
}

#[cfg(test)]
mod settings_test;
