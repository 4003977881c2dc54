//! Artifacts in a bucket that something else serves, in place of the embedded S3.

use clap::Args;
use jiff::SignedDuration;
use slipway_aws::ObjectStore;
use slipway_edge::ArtifactStore;
use slipway_edge::services::PRESIGN_EXPIRES_SECONDS;
use slipway_storage::StoreTraits;

use crate::config::{GcsConfig, S3Config, StorageConfig, StorageType};

/// Base URL of Google Cloud Storage's XML API.
const GCS_ENDPOINT: &str = "https://storage.googleapis.com";

/// The settings of an outside store by argument or environment, named as Releasy names them.
#[derive(Debug, Clone, Default, Args)]
#[expect(clippy::struct_field_names, reason = "the arguments are named after the fields")]
pub struct ArtifactArguments {
    /// A bucket in another store than the embedded one, with these credentials. It exists.
    #[arg(long, env = "RELEASY_ARTIFACT_BUCKET", requires = "artifact_access_key")]
    artifact_bucket: Option<String>,
    /// Region of the bucket.
    #[arg(long, env = "RELEASY_ARTIFACT_REGION", default_value = "us-east-1")]
    artifact_region: String,
    /// Base URL of the store, if that is not Amazon S3.
    #[arg(long, env = "RELEASY_ARTIFACT_ENDPOINT", requires = "artifact_bucket")]
    artifact_endpoint: Option<String>,
    /// Access key id for the store, also for the one that `--config` names.
    #[arg(long, env = "RELEASY_ARTIFACT_ACCESS_KEY", requires = "artifact_secret_key")]
    artifact_access_key: Option<String>,
    /// Secret access key for the store.
    #[arg(
        long,
        env = "RELEASY_ARTIFACT_SECRET_KEY",
        hide_env_values = true,
        requires = "artifact_access_key"
    )]
    artifact_secret_key: Option<String>,
    /// Whether the bucket is in the path of URLs, rather than in the name of the host. With an
    /// endpoint it is, unless this says `false`.
    #[arg(long, env = "RELEASY_ARTIFACT_PATH_STYLE", requires = "artifact_bucket")]
    artifact_path_style: Option<bool>,
    /// How long a URL of release-artifact-presign works, in seconds.
    #[arg(
        long,
        env = "RELEASY_ARTIFACT_PRESIGN_EXPIRES_SECONDS",
        default_value_t = PRESIGN_EXPIRES_SECONDS,
        value_parser = clap::value_parser!(u32).range(1..=86_400)
    )]
    artifact_presign_expires_seconds: u32,
}

/// A bucket in a store that something else serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutsideStore {
    /// The store.
    pub store: ArtifactStore,
    /// Name of the bucket.
    pub bucket: String,
}

impl OutsideStore {
    /// The store that `arguments` name, or `config`; `None` for the embedded one.
    ///
    /// # Errors
    /// What is missing, or contradicts itself.
    pub fn of(
        arguments: &ArtifactArguments,
        config: Option<&StorageConfig>,
    ) -> Result<Option<Self>, String> {
        let outside = match (arguments.bucket(), config) {
            (Some(_), Some(_)) => {
                return Err("--artifact-bucket (RELEASY_ARTIFACT_BUCKET) and `storage` in the file of --config both say where artifacts are: leave one out".to_owned());
            }
            (Some(bucket), None) => Some(arguments.in_bucket(bucket)),
            (None, Some(config)) => bucket_of(config)?,
            (None, None) if arguments.names_a_store_without_a_bucket() => {
                return Ok(Some(Self::none()));
            }
            (None, None) => None,
        };
        outside.map(|bucket| arguments.open(bucket)).transpose()
    }

    /// No store at all: what needs one is refused.
    fn none() -> Self {
        Self { store: ArtifactStore::AWS, bucket: String::new() }
    }
}

/// A bucket, and how it is reached.
struct Bucket {
    name: String,
    region: String,
    endpoint: String,
    path_style: Option<bool>,
}

impl ArtifactArguments {
    /// Releasy's variables may be set and blank.
    fn bucket(&self) -> Option<&String> {
        self.artifact_bucket.as_ref().filter(|bucket| !bucket.trim().is_empty())
    }

    /// Whether it is said where a store is, and its bucket is blank: the embedded one is not meant.
    fn names_a_store_without_a_bucket(&self) -> bool {
        self.artifact_endpoint.as_ref().is_some_and(|endpoint| !endpoint.trim().is_empty())
    }

    /// How long a URL works that is presigned for a release.
    pub(crate) fn presign_lifetime(&self) -> SignedDuration {
        SignedDuration::from_secs(self.artifact_presign_expires_seconds.into())
    }

    fn in_bucket(&self, bucket: &str) -> Bucket {
        Bucket {
            name: bucket.to_owned(),
            region: self.artifact_region.clone(),
            endpoint: self.artifact_endpoint.clone().unwrap_or_default(),
            path_style: self.artifact_path_style,
        }
    }

    /// `bucket`, with the credentials that the arguments have.
    fn open(&self, bucket: Bucket) -> Result<OutsideStore, String> {
        let Bucket { name, region, endpoint, path_style } = bucket;
        let (Some(access_key_id), Some(secret_access_key)) =
            (self.artifact_access_key.clone(), self.artifact_secret_key.clone())
        else {
            return Err(format!(
                "the bucket {name} has no credentials: set RELEASY_ARTIFACT_ACCESS_KEY and RELEASY_ARTIFACT_SECRET_KEY"
            ));
        };
        let is_amazon = endpoint.trim().is_empty();
        let endpoint_url = if is_amazon {
            format!("https://s3.{region}.amazonaws.com")
        } else {
            checked(&endpoint)?
        };
        let traits = traits_of(&endpoint_url);
        let path_style = path_style.unwrap_or(!is_amazon);
        let elsewhere =
            ObjectStore { endpoint_url, region, path_style, access_key_id, secret_access_key };
        let store = ArtifactStore { traits, elsewhere: Some(elsewhere) };
        Ok(OutsideStore { store, bucket: name })
    }
}

/// A base URL, without the slash at its end.
fn checked(endpoint: &str) -> Result<String, String> {
    let trimmed = endpoint.trim().trim_end_matches('/');
    match url::Url::parse(trimmed) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.query().is_none() => {
            Ok(trimmed.to_owned())
        }
        _ => Err(format!(
            "the endpoint {endpoint} is no base URL of HTTP, such as https://s3.example.com"
        )),
    }
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
            Ok(Some(Bucket { name, region, endpoint, path_style }))
        }
        (StorageType::Gcs, None, Some(GcsConfig { bucket: name, .. })) => Ok(Some(Bucket {
            name,
            // GCS takes any region.
            region: "auto".to_owned(),
            endpoint: GCS_ENDPOINT.to_owned(),
            path_style: Some(true),
        })),
        _ => Err("`storage` in the file of --config has the block of its `type` and no other: `s3` for s3, `gcs` for gcs, none for filesystem".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Command {
        #[command(flatten)]
        artifacts: ArtifactArguments,
    }

    const CREDENTIALS: [&str; 2] = ["--artifact-access-key=access", "--artifact-secret-key=secret"];

    fn arguments(some: &[&str]) -> ArtifactArguments {
        Command::parse_from([&["slipway-local"], some].concat()).artifacts
    }

    fn storage(r#type: StorageType, endpoint: Option<&str>) -> StorageConfig {
        let s3 = endpoint.map(|endpoint| S3Config {
            bucket: "a-bucket".to_owned(),
            region: "eu-central-1".to_owned(),
            endpoint: endpoint.to_owned(),
            path_style: None,
        });
        StorageConfig { r#type, s3, gcs: None }
    }

    #[test]
    fn without_settings_it_is_the_embedded_one() {
        assert_eq!(OutsideStore::of(&arguments(&[]), None), Ok(None));
        assert_eq!(
            OutsideStore::of(
                &arguments(&["--artifact-bucket= ", CREDENTIALS[0], CREDENTIALS[1]]),
                None
            ),
            Ok(None)
        );
        let files = storage(StorageType::Filesystem, None);
        assert_eq!(OutsideStore::of(&arguments(&[]), Some(&files)), Ok(None));
    }

    #[test]
    fn an_endpoint_with_a_blank_bucket_is_no_store_at_all() {
        let endpoint = "--artifact-endpoint=https://minio.example.com";
        let partly = arguments(&["--artifact-bucket=", endpoint, CREDENTIALS[0], CREDENTIALS[1]]);
        let OutsideStore { store, bucket } = OutsideStore::of(&partly, None).unwrap().unwrap();
        assert_eq!((store, bucket.as_str()), (ArtifactStore::AWS, ""));
    }

    #[test]
    fn a_url_works_for_fifteen_minutes_where_nothing_else_is_said() {
        assert_eq!(arguments(&[]).presign_lifetime(), SignedDuration::from_mins(15));
        let hour = arguments(&["--artifact-presign-expires-seconds=3600"]);
        assert_eq!(hour.presign_lifetime(), SignedDuration::from_hours(1));
        let never = ["slipway-local", "--artifact-presign-expires-seconds=0"];
        assert!(Command::try_parse_from(never).is_err());
    }

    #[test]
    fn the_endpoint_says_what_the_store_can_do() {
        let credentials = arguments(&CREDENTIALS);
        for (endpoint, url, traits, path_style) in [
            ("", "https://s3.eu-central-1.amazonaws.com", StoreTraits::AWS, false),
            (
                "https://minio.example.com/",
                "https://minio.example.com",
                StoreTraits::S3_COMPATIBLE,
                true,
            ),
            ("https://storage.googleapis.com", GCS_ENDPOINT, StoreTraits::GCS, true),
        ] {
            let config = storage(StorageType::S3, Some(endpoint));
            let OutsideStore { store, bucket } =
                OutsideStore::of(&credentials, Some(&config)).unwrap().unwrap();
            let elsewhere = store.elsewhere.unwrap();
            assert_eq!((bucket.as_str(), elsewhere.endpoint_url.as_str()), ("a-bucket", url));
            assert_eq!(elsewhere.path_style, path_style);
            assert_eq!(store.traits, StoreTraits { event_notifications: false, ..traits });
        }
    }

    #[test]
    fn what_is_missing_or_contradicts_itself_is_named() {
        let minio = storage(StorageType::S3, Some("https://minio.example.com"));
        let no_block = storage(StorageType::Gcs, Some("https://minio.example.com"));
        let no_url = storage(StorageType::S3, Some("minio:9000"));
        let bucket = [&["--artifact-bucket=a-bucket"], &CREDENTIALS[..]].concat();
        for (arguments, config, named) in [
            (arguments(&[]), &minio, "RELEASY_ARTIFACT_ACCESS_KEY"),
            (arguments(&bucket), &minio, "--artifact-bucket"),
            (arguments(&CREDENTIALS), &no_block, "the block of its `type`"),
            (arguments(&CREDENTIALS), &no_url, "minio:9000"),
        ] {
            let refused = OutsideStore::of(&arguments, Some(config)).unwrap_err();
            assert!(refused.contains(named), "{refused}");
        }
        for alone in
            [["--artifact-bucket=b"], ["--artifact-access-key=a"], ["--artifact-secret-key=s"]]
        {
            assert!(Command::try_parse_from([&["slipway-local"], &alone[..]].concat()).is_err());
        }
    }
}
