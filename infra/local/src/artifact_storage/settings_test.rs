//! Which settings are taken, and what is said of the others.

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
    assert_eq!(ExternalStore::of(&arguments(&[]), None), Ok(None));
    let blank = [
        "--artifact-bucket= ",
        "--artifact-region=",
        "--artifact-endpoint=",
        "--artifact-access-key=",
        "--artifact-secret-key=",
        "--artifact-path-style=",
    ];
    assert_eq!(ExternalStore::of(&arguments(&blank), None), Ok(None));
    let files = storage(StorageType::Filesystem, None);
    assert_eq!(ExternalStore::of(&arguments(&[]), Some(&files)), Ok(None));
}

#[test]
fn an_endpoint_with_a_blank_bucket_is_no_store_at_all() {
    let endpoint = "--artifact-endpoint=https://minio.example.com";
    let partly = arguments(&["--artifact-bucket=", endpoint, CREDENTIALS[0], CREDENTIALS[1]]);
    let ExternalStore { store, bucket } = ExternalStore::of(&partly, None).unwrap().unwrap();
    assert_eq!((store, bucket.as_str()), (ArtifactStore::AWS, ""));
}

#[test]
fn a_url_works_for_fifteen_minutes_where_nothing_else_is_said() {
    for (seconds, lifetime) in [("", Some(900)), ("3600", Some(3600)), ("86400", Some(86_400))] {
        let setting = format!("--artifact-presign-expires-seconds={seconds}");
        let lifetime = lifetime.map(SignedDuration::from_secs);
        assert_eq!(arguments(&[&setting]).presign_lifetime().ok(), lifetime, "{seconds}");
    }
    for wrong in ["0", "86401", "-1", "15m"] {
        let setting = format!("--artifact-presign-expires-seconds={wrong}");
        let refused = arguments(&[&setting]).presign_lifetime().unwrap_err();
        assert!(refused.contains("RELEASY_ARTIFACT_PRESIGN_EXPIRES_SECONDS"), "{refused}");
        assert!(refused.contains("1 to 86400"), "{refused}");
    }
}

#[test]
fn the_style_of_paths_is_a_word_or_blank() {
    for (word, path_style) in
        [("", false), (" ", false), ("TRUE", true), ("1", true), ("false", false), ("no", false)]
    {
        let style = format!("--artifact-path-style={word}");
        let bucket = ["--artifact-bucket=a-bucket", CREDENTIALS[0], CREDENTIALS[1], &style];
        let store = ExternalStore::of(&arguments(&bucket), None).unwrap().unwrap().store;
        assert_eq!(store.elsewhere.unwrap().path_style, path_style, "{word}");
    }
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
        let ExternalStore { store, bucket } =
            ExternalStore::of(&credentials, Some(&config)).unwrap().unwrap();
        let elsewhere = store.elsewhere.unwrap();
        assert_eq!((bucket.as_str(), elsewhere.endpoint_url.as_str()), ("a-bucket", url));
        assert_eq!(elsewhere.path_style, path_style);
        assert_eq!(store.traits, StoreTraits { event_notifications: false, ..traits });
    }
}

#[test]
fn what_is_missing_or_contradicts_itself_is_named_and_no_value_is_quoted() {
    let minio = storage(StorageType::S3, Some("https://minio.example.com"));
    let no_block = storage(StorageType::Gcs, Some("https://minio.example.com"));
    let at = |endpoint| storage(StorageType::S3, Some(endpoint));
    let files = storage(StorageType::Filesystem, None);
    let mut no_bucket = minio.clone();
    no_bucket.s3.as_mut().unwrap().bucket = "HUNTER2/hunter2".to_owned();
    let with = |more: &[&'static str]| -> Vec<&'static str> {
        [more, &["--artifact-access-key=hunter2id", "--artifact-secret-key=hunter2"]].concat()
    };
    for (given, config, named) in [
        (vec![], Some(&minio), &["RELEASY_ARTIFACT_ACCESS_KEY", "--artifact-access-key"][..]),
        (vec!["--artifact-access-key=hunter2"], Some(&minio), &["RELEASY_ARTIFACT_SECRET_KEY"]),
        (with(&["--artifact-bucket=a-bucket"]), Some(&minio), &["--artifact-bucket", "--config"]),
        (with(&[]), Some(&no_block), &["the block of its `type`"]),
        (with(&[]), Some(&at("minio:9000/hunter2")), &["storage.s3.endpoint", "no URL of HTTP"]),
        (with(&[]), Some(&at("hunter2")), &["storage.s3.endpoint", "is no URL", "https://s3."]),
        (with(&[]), Some(&at("https://a:hunter2@b.example")), &["a user or a password"]),
        (with(&[]), Some(&at("https://b.example?hunter2=1")), &["has a query"]),
        (with(&[]), Some(&no_bucket), &["storage.s3.bucket", "the name of a bucket"]),
        (with(&["--artifact-bucket=Hunter2"]), None, &["RELEASY_ARTIFACT_BUCKET"]),
        (
            with(&["--artifact-bucket=a-bucket", "--artifact-region=Hunter2/1"]),
            None,
            &["RELEASY_ARTIFACT_REGION", "us-east-1"],
        ),
        (
            with(&["--artifact-bucket=a-bucket", "--artifact-path-style=hunter2"]),
            None,
            &["RELEASY_ARTIFACT_PATH_STYLE", "`true` or `false`"],
        ),
        (
            with(&["--artifact-bucket=a-bucket", "--artifact-endpoint=https://hunter2@b.example"]),
            None,
            &["RELEASY_ARTIFACT_ENDPOINT", "a user or a password"],
        ),
        (vec!["--artifact-bucket=a-bucket"], None, &["RELEASY_ARTIFACT_ACCESS_KEY"]),
        (with(&[]), None, &["RELEASY_ARTIFACT_ACCESS_KEY", "RELEASY_ARTIFACT_BUCKET"]),
        (with(&["--artifact-bucket= "]), None, &["RELEASY_ARTIFACT_BUCKET"]),
        (with(&[]), Some(&files), &["no bucket is"]),
        (vec!["--artifact-endpoint=https://hunter2.example"], None, &["no bucket is"]),
        (vec!["--artifact-secret-key=hunter2"], None, &["RELEASY_ARTIFACT_SECRET_KEY"]),
    ] {
        let refused = ExternalStore::of(&arguments(&given), config).unwrap_err();
        assert!(named.iter().all(|name| refused.contains(name)), "{given:?}: {refused}");
        assert!(!refused.to_lowercase().contains("hunter2"), "{refused}");
    }
}
