//! Rows as released versions wrote them. They must load for ever: `docs/UPGRADING.md`.
//!
//! `tests/rows/<version>/<kind>.json` has the rows of a kind as DynamoDB JSON, written by that
//! version. Nothing in these files is ever changed; a new version adds a directory.

use std::path::Path;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use slipway_domain::artifact::{Artifact, SourceType};
use slipway_domain::audit::{AuditEvent, EventType};
use slipway_domain::key::{KeyCustody, KeyPurpose, SigningKey};
use slipway_domain::platform::{Arch, InstallerType, Platform};
use slipway_domain::product::{ArtifactAccess, Product};
use slipway_domain::release::{Release, ReleaseStatus};
use slipway_domain::rollout::Rollout;
use slipway_domain::tenant::{AllProducts, Entitlement, Tenant};
use slipway_domain::token::Token;
use slipway_domain::upload::{FailureReason, Upload, UploadStatus};
use slipway_domain::{Channel, ProductId, Scope, Sha256, Timestamp, Version};
use slipway_snapshot::mirror::{Mirror, SyncOutcome};
use slipway_snapshot::{
    CatalogChange, ChannelSet, GenerationMode, Snapshot, SnapshotConfig, SnapshotStream,
    StreamSelector, WorkItem,
};

use super::StoredEntity;
use crate::idempotency::IdempotencyEntry;
use crate::outbox::{StreamEntity, StreamEvent};
use crate::rows;
use crate::schema::{DOC, Key, PK, REV, SK};
use crate::store::{Item, Row, Stored, decode, text};

pub(super) const VERSION: &str = "0.1.0";

/// The items of a kind, as `version` wrote them.
pub(super) fn items(version: &str, kind: &str) -> Vec<Item> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rows").join(version);
    let json = std::fs::read_to_string(directory.join(format!("{kind}.json"))).unwrap();
    let rows: Vec<Value> = serde_json::from_str(&json).unwrap();
    rows.iter().map(item).collect()
}

/// An item from DynamoDB JSON.
fn item(row: &Value) -> Item {
    let attribute = |value: &Value| match (value["S"].as_str(), value["N"].as_str()) {
        (Some(text), None) => AttributeValue::S(text.to_owned()),
        (None, Some(number)) => AttributeValue::N(number.to_owned()),
        _ => panic!("neither text nor a number: {value}"),
    };
    let row = row.as_object().unwrap();
    row.iter().map(|(name, value)| (name.clone(), attribute(value))).collect()
}

/// Members that a released version wrote and that are written no more.
const RETIRED: [&str; 1] = [r#","base_url":"https://releases.example.com""#];

/// The entities of a kind. Writing each of them again gives the very bytes that were read, but for
/// retired members: a row that nobody changes stays as it is, and costs what it did.
pub(super) fn load<T: StoredEntity + std::fmt::Debug>(kind: &str) -> Vec<T> {
    let load = |item: &Item| {
        let Stored { value, rev } = decode::<T>(item).unwrap();
        let of = |name| text(item, name).unwrap().to_owned();
        let again =
            Row::new(Key { pk: of(PK), sk: of(SK) }, &value).unwrap().revision(rev).into_item();
        let doc = RETIRED.iter().fold(of(DOC), |doc, member| doc.replace(member, ""));
        assert_eq!((again[DOC].as_s().unwrap(), &again[REV]), (&doc, &item[REV]));
        assert!(again.keys().all(|name| item.contains_key(name)), "{again:?}");
        assert_eq!(format!("{value:?}"), format!("{:?}", with_an_unknown_member::<T>(&again[DOC])));
        value
    };
    items(VERSION, kind).iter().map(load).collect()
}

/// The entity of a `doc` to which a newer version has added a member.
fn with_an_unknown_member<T: StoredEntity>(doc: &AttributeValue) -> T {
    let mut doc: Value = serde_json::from_str(doc.as_s().unwrap()).unwrap();
    if let Some(members) = doc.as_object_mut() {
        members.insert("added_by_a_newer_version".to_owned(), true.into());
    }
    rows::read(rows::FIRST_FORM, &doc.to_string()).unwrap()
}

/// The entities of a kind, as the stream of the table hands them over.
fn from_stream<T: StreamEntity>(kind: &str) -> Vec<T> {
    let path = format!("{}/tests/rows/{VERSION}/{kind}.json", env!("CARGO_MANIFEST_DIR"));
    let rows: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let records: Vec<_> = rows
        .into_iter()
        .map(|image| json!({ "eventID": "1", "dynamodb": { "NewImage": image } }))
        .collect();
    let event = json!({ "Records": records });
    serde_json::from_value::<StreamEvent>(event).unwrap().entities().unwrap()
}

pub(super) fn at(time: &str) -> Timestamp {
    format!("2026-03-01T{time}.123456789Z").parse().unwrap()
}

/// The one entity that `is` holds for.
pub(super) fn one<T>(entities: &[T], is: impl Fn(&T) -> bool) -> &T {
    let mut found = entities.iter().filter(|entity| is(entity));
    let first = found.next().expect("there is one");
    assert!(found.next().is_none(), "there is one only");
    first
}

fn channels(names: &[&str]) -> std::collections::BTreeSet<Channel> {
    names.iter().map(|name| name.parse().unwrap()).collect()
}

#[test]
fn every_file_is_loaded_by_a_test_here() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rows").join(VERSION);
    let source = [include_str!("released_rows.rs"), include_str!("released_heads.rs")].concat();
    for file in std::fs::read_dir(directory).unwrap() {
        let path = file.unwrap().path();
        let kind = path.file_stem().unwrap().to_str().unwrap();
        assert!(source.contains(&format!("(\"{kind}\")")), "{kind}");
    }
}

#[test]
fn products_and_their_slugs_load() {
    let products = load::<Product>("product");
    let app = one(&products, |product| product.slug.is_some());
    assert_eq!(app.product_id.as_str(), "prod_my-app");
    assert_eq!(app.name.as_str(), "My App");
    assert_eq!(app.slug.as_ref().unwrap().as_str(), "my-app");
    assert_eq!(app.description.as_ref().unwrap().as_str(), "Line one\n\tline two");
    assert_eq!(app.channels, channels(&["beta", "internal", "nightly-2", "stable"]));
    assert_eq!(app.artifact_access, ArtifactAccess::Token);
    assert_eq!((app.created_at, app.updated_at), (at("09:01:00"), at("09:03:00")));
    let plain = one(&products, |product| product.slug.is_none());
    assert_eq!((plain.artifact_access, &plain.description), (ArtifactAccess::Public, &None));

    assert_eq!(load::<ProductId>("slug"), std::slice::from_ref(&app.product_id));
}

#[test]
fn releases_in_every_state_load() {
    let releases = load::<Release>("release");
    let of = |channel: &str, version: &str| {
        let version = version.parse().unwrap();
        one(&releases, |release| release.channel.as_str() == channel && release.version == version)
    };
    let first = of("stable", "1.0.0+build.5");
    assert_eq!((first.status, first.artifacts.len()), (ReleaseStatus::Published, 3));
    let metadata = first.metadata.as_ref().unwrap();
    let shown = serde_json::to_value(metadata).unwrap();
    assert_eq!((&shown["nested"]["b"][2], &shown["big"]), (&json!(true), &json!(u64::MAX)));
    // 0.1.0 took numbers that not every parser reads exactly: they are shown, and not signed.
    assert_eq!(metadata.signable(), None);
    let external = &first.artifacts[0];
    assert_eq!(
        (external.platform, external.arch, external.installer_type, external.requires_admin),
        (Platform::Windows, Arch::X86_64, InstallerType::Msi, true)
    );
    assert_eq!(
        external.external_url.as_ref().unwrap().as_str(),
        "https://artifacts.example.com/gr%C3%B6%C3%9Fe/app-1.0.0.msi?x=%20y"
    );
    assert_eq!((external.size_bytes, external.sha256.to_string()), (184_549_376, "a1".repeat(32)));
    assert_eq!(first.artifacts[2].installer_type, InstallerType::TarGz);

    let draft = of("stable", "2.0.0-beta.1");
    assert_eq!((draft.status, draft.published_at), (ReleaseStatus::Draft, None));
    let staged = of("stable", "1.1.0");
    assert_eq!(staged.rollout, Rollout { basis_points: 2_500, paused: true }.into());
    let promoted = of("nightly-2", "1.0.0");
    assert_eq!(promoted.promoted_from.as_ref(), Some(&first.release_id));
    let revoked = of("stable", "0.9.0");
    let revocation = revoked.revocation.as_ref().unwrap();
    assert_eq!(revoked.status, ReleaseStatus::Revoked);
    assert_eq!(revocation.revoked_at, at("09:26:00"));
    assert_eq!(revocation.revoked_by, "tok_019c0000000070008000000000000001");
    assert_eq!(revocation.reason.as_str(), "crashes at start\non Windows 10");
    assert!(releases.iter().all(|release| {
        release.revocation.is_some() == (release.status == ReleaseStatus::Revoked)
    }));
}

#[test]
fn pointers_to_releases_load() {
    let pointers = load::<(ProductId, Channel, Version)>("release-pointer");
    assert_eq!(pointers.len(), 6);
    let draft = one(&pointers, |(.., version)| version.to_string() == "2.0.0-beta.1");
    assert_eq!((draft.0.as_str(), draft.1.as_str()), ("prod_my-app", "stable"));
}

#[test]
fn artifacts_and_their_uses_load() {
    let artifacts = load::<Artifact>("artifact");
    let external = one(&artifacts, |artifact| artifact.source_type == SourceType::External);
    assert_eq!(external.created_by, "tok_019c0000000070008000000000000001");
    assert!(external.external_url.is_some() && external.filename.is_none());
    let managed = one(&artifacts, |artifact| artifact.source_type == SourceType::Managed);
    assert_eq!(managed.filename.as_ref().unwrap().as_str(), "available.dmg");
    assert_eq!((managed.size_bytes, managed.sha256), (1003, Sha256::of(b"1003")));

    let uses = load::<ProductId>("artifact-use");
    assert!(uses.len() == 6 && uses.iter().all(|product| product.as_str() == "prod_my-app"));
}

#[test]
fn uploads_in_every_state_load() {
    let uploads = load::<Upload>("upload");
    let of = |size: u64| one(&uploads, |upload| upload.size_bytes == size);
    let pending = of(1000);
    assert_eq!(pending.status, UploadStatus::Pending);
    assert_eq!(pending.filename.as_ref().unwrap().as_str(), "app 1.0.0 (größe).dmg");
    assert_eq!(pending.expires_at, at("10:05:00"));
    let multipart = of(1001).multipart.as_ref().unwrap();
    assert_eq!(multipart.s3_upload_id, "s3-upload/1==");
    assert_eq!((multipart.part_size, multipart.part_count), (16 << 20, 2));
    let verifying = of(1002);
    let checkpoint = verifying.progress.checkpoint.as_ref().unwrap();
    assert_eq!((verifying.status, checkpoint.bytes), (UploadStatus::Verifying, 512));
    assert_eq!(checkpoint.etag, "\"9b2cf535f27731c974343645a3985328\"");
    assert_eq!(checkpoint.state, "AAECAwQFBgcICQ==");
    assert_eq!(of(1003).status, UploadStatus::Available);
    let short = of(1004).failure.as_ref().unwrap();
    assert_eq!((short.actual_size_bytes, short.actual_sha256), (Some(7), None));
    assert_eq!(short.reason, FailureReason::SizeMismatch);
    assert_eq!(of(1005).status, UploadStatus::Aborted);
    let wrong = of(1006).failure.as_ref().unwrap();
    assert_eq!(wrong.actual_sha256, Some(Sha256::of(b"other")));
    assert_eq!(wrong.reason, FailureReason::ChecksumMismatch);
}

#[test]
fn tenants_load() {
    let tenants = load::<Tenant>("tenant");
    let of = |id: &str| one(&tenants, |tenant| tenant.tenant_id.as_str() == id);
    assert_eq!(of("tenant_all").products, Entitlement::All(AllProducts::AllProducts));
    let some = of("tenant_some");
    assert_eq!((some.name.as_str(), some.suspended), ("Some", true));
    assert!(some.products.includes(&"prod_my-app".parse().unwrap()));
    assert!(!some.products.includes(&"prod_other".parse().unwrap()));
    assert_eq!(of("tenant_none").products, Entitlement::Only([].into()));
}

#[test]
fn tokens_and_their_pointers_load() {
    let tokens = load::<Token>("token");
    let of = |name: &str| one(&tokens, |token| token.name.as_str() == name);
    // All that there were.
    let all = Scope::ALL.into_iter().filter(|scope| !scope.is_part_of_ci_write());
    assert_eq!(of("wide").scopes, all.collect());
    let bound = of("bound");
    assert_eq!(bound.tenant_id.as_ref().unwrap().as_str(), "tenant_some");
    assert_eq!(bound.product_ids.as_ref().unwrap().len(), 1);
    assert_eq!(bound.channels, Some(channels(&["beta", "nightly-2"])));
    assert_eq!(of("expired").expires_at, Some("2027-01-01T00:00:00Z".parse().unwrap()));
    assert_eq!(of("revoked").revoked_at, Some(at("09:40:00")));

    let digests = load::<Sha256>("token-pointer");
    let secret = slipway_domain::token::Secret::from_entropy([0; 32]);
    assert!(digests.len() == 4 && digests.contains(&secret.digest()));
}

#[test]
fn idempotency_keys_load() {
    let entries = load::<IdempotencyEntry>("idempotency");
    let claimed = one(&entries, |entry| entry.answer.is_none());
    assert_eq!(claimed.request, Sha256::of(b"1"));
    let answered = one(&entries, |entry| entry.answer.is_some());
    let answer = answered.answer.as_ref().unwrap();
    assert_eq!((answer.status, answer.headers.len()), (201, 2));
    assert_eq!(answer.headers[0], ("location".to_owned(), "/v1/releases/rel_1".to_owned()));
    assert_eq!(answer.body, r#"{"release_id":"rel_1"}"#);
}

#[test]
fn audit_events_of_every_type_load() {
    let events = load::<AuditEvent>("audit");
    assert_eq!(events.len(), 24);
    let revoked = one(&events, |event| event.event_type == EventType::ReleaseRevoked);
    assert_eq!((revoked.at, revoked.request_id.as_str()), (at("09:26:00"), "req-0026"));
    assert_eq!(revoked.actor, "tok_019c0000000070008000000000000001");
    assert!(revoked.subject.starts_with("rel_"));
}

#[test]
fn changes_and_work_load_from_the_table_and_from_its_stream() {
    let changes = load::<CatalogChange>("outbox");
    assert_eq!(from_stream::<CatalogChange>("outbox"), changes);
    let revoked = one(&changes, |change| change.at == at("09:26:00"));
    assert_eq!(revoked.event_type, EventType::ReleaseRevoked);
    assert_eq!((revoked.product_id.as_str(), revoked.channel.as_str()), ("prod_my-app", "stable"));

    let work = load::<WorkItem>("work");
    assert_eq!(from_stream::<WorkItem>("work"), work);
    let of = |tenant: &str| {
        one(&work, |work| work.tenant_id.as_ref().is_some_and(|id| id.as_str() == tenant))
    };
    assert_eq!(of("tenant_all").selection, StreamSelector::EveryStream);
    assert_eq!(of("tenant_all").demand, GenerationMode::IfChanged);
    assert_eq!(of("tenant_none").selection, StreamSelector::Stream(ChannelSet::All));
    let some = ChannelSet::Only(channels(&["beta", "stable"]));
    assert_eq!(of("tenant_some").selection, StreamSelector::Stream(some));
    assert_eq!(of("tenant_some").demand, GenerationMode::Always);
}

#[test]
fn signing_keys_in_every_custody_load() {
    let keys = load::<SigningKey>("signing-key");
    let of = |kid: &str| one(&keys, |key| key.kid == kid);
    let rotated = of("kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    assert_eq!(rotated.purpose, KeyPurpose::Decision);
    assert_eq!(rotated.custody, KeyCustody::File { name: "decision.key".to_owned() });
    assert_eq!(rotated.not_after, Some("2026-07-01T00:00:00Z".parse().unwrap()));
    let revoked = of("envelope-kid");
    let KeyCustody::Envelope { kms_key_id, ciphertext } = &revoked.custody else { panic!() };
    assert!(kms_key_id.ends_with("key/1") && ciphertext == "AQIDAHh+/w==");
    assert_eq!((revoked.purpose, revoked.not_after), (KeyPurpose::Snapshot, Some(at("09:45:00"))));
    let next = of("kms-kid");
    let KeyCustody::Kms { kms_key_id } = &next.custody else { panic!() };
    assert!(kms_key_id.ends_with("key/2"));
    assert_eq!(next.public_key, "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
    assert_eq!(next.not_before, "2026-06-01T00:00:00Z".parse().unwrap());
}

#[test]
fn snapshots_and_their_streams_load() {
    let snapshots = load::<Snapshot>("snapshot");
    let streams = load::<SnapshotStream>("snapshot-stream");
    for stream in &streams {
        assert!(snapshots.contains(stream.latest.as_ref().unwrap()));
    }
    let all = one(&streams, |stream| stream.channels == ChannelSet::All);
    let latest = all.latest.as_ref().unwrap();
    assert_eq!((latest.sequence, latest.stream.as_str()), (2, "all"));
    assert_eq!((latest.release_count, latest.artifact_count), (3, 2));
    assert_eq!((latest.manifest_bytes, latest.bundle_bytes), (4321, 5432));
    assert_eq!(
        (&latest.content_digest, latest.key_id.as_str()),
        (&Sha256::of(b"content"), "envelope-kid")
    );
    let some = ChannelSet::Only(channels(&["beta", "stable"]));
    assert!(streams.iter().any(|stream| stream.channels == some));
}

#[test]
fn configurations_and_last_times_load() {
    let configs = load::<SnapshotConfig>("snapshot-config");
    let cron = one(&configs, |config| config.scheduled.enabled);
    assert_eq!(String::from(cron.scheduled.cron.clone().unwrap()), "15 3 * * 1-5");
    assert_eq!((cron.auto_on_publish, cron.history_limit), (false, 3));
    assert_eq!((cron.batch_window.as_str(), cron.lifetime.as_str()), ("5m", "14d"));
    assert_eq!((cron.retention.keep_snapshots, cron.retention.cleanup_enabled), (7, true));
    assert_eq!(cron.retention.cleanup_interval.as_str(), "12h");
    assert_eq!(cron.retention.cleanup_older_than.as_str(), "90d");
    let interval = one(&configs, |config| !config.scheduled.enabled);
    assert_eq!(interval.scheduled.interval.as_ref().unwrap().as_str(), "90s");

    let times = load::<Timestamp>("last-time");
    assert!(times.contains(&"2026-03-01T00:00:00Z".parse().unwrap()));
}

#[test]
fn mirrors_load() {
    let mirrors = load::<Mirror>("mirror");
    let of = |name: &str| one(&mirrors, |mirror| mirror.name.as_str() == name);
    assert_eq!((&of("Mirror 0").report, of("Mirror 0").last_report_at), (&None, None));
    let synced = of("Mirror 1").report.as_ref().unwrap();
    assert_eq!((synced.outcome, synced.sequence), (SyncOutcome::Synced, Some(2)));
    assert_eq!(synced.snapshot_id.as_ref().unwrap().as_str(), "snapshot_1");
    assert_eq!(synced.agent.as_ref().unwrap().as_str(), "slipway/0.1.0");
    assert_eq!(
        (synced.bytes_fetched, of("Mirror 1").last_sync_at),
        (Some(1234), Some(at("09:53:00")))
    );
    let failed = of("Mirror 2").report.as_ref().unwrap();
    assert_eq!(failed.outcome, SyncOutcome::Failed);
    let error = failed.error.as_ref().unwrap().as_str();
    assert_eq!(error, "the vendor can't be reached: größe\nsecond line");
}
