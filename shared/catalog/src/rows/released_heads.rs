//! Heads of channels and entries of the release index as released versions wrote them. They load
//! for ever, and are written in another form since.

use serde_json::Value;
use slipway_domain::channel_head::{
    ChannelHead, HeadCoverage, LiveRelease, MAX_REQUIRED, RequiredRelease,
};
use slipway_domain::release::{Release, ReleaseStatus, UpgradePath};
use slipway_domain::rollout::Rollout;
use slipway_snapshot::IndexEntry;

use super::StoredEntity;
use super::released_rows::{VERSION, at, items, load, one};
use crate::rows;
use crate::schema::{DOC, Key};
use crate::store::{Item, Row, decode, text};

/// The entities of a kind that is written in another form since. Each loads again from that.
fn load_to_rewrite<T: StoredEntity + std::fmt::Debug>(kind: &str) -> Vec<T> {
    items(VERSION, kind).iter().map(|item| decode::<T>(item).unwrap().value).collect()
}

/// The entity as it is read from the row that is written of it.
fn rewritten<T: StoredEntity>(value: &T) -> T {
    let key = Key { pk: String::new(), sk: String::new() };
    decode(&Row::new(key, value).unwrap().into_item()).unwrap().value
}

#[test]
fn heads_of_channels_and_their_index_entries_load() {
    let heads = load_to_rewrite::<ChannelHead>("channel-head");
    let stable = one(&heads, |head| head.channel.as_str() == "stable");
    assert_eq!((stable.revision, stable.coverage), (5, HeadCoverage::Legacy));
    assert_eq!(stable.highest_revoked, Some("0.9.0".parse().unwrap()));
    let live: Vec<_> = stable.recent.iter().map(|live| live.version.to_string()).collect();
    assert_eq!((&live[..], stable.live), (&["1.1.0".into(), "1.0.0+build.5".into()][..], 2));
    let newest = stable.newest.as_ref().unwrap();
    assert_eq!(newest.rollout, Rollout { basis_points: 2_500, paused: true });
    assert_eq!(
        (newest.version.to_string(), newest.published_at),
        (live[0].clone(), Some(at("09:23:00")))
    );
    assert_eq!(stable.recent[1].targets.len(), 3);
    let beta = one(&heads, |head| head.channel.as_str() == "beta");
    assert_eq!((beta.live, &beta.newest, beta.has_history()), (0, &None, true));

    let entries = load_to_rewrite::<IndexEntry>("index-entry");
    for head in &heads {
        let entry = IndexEntry::from(head);
        assert!(entries.contains(&entry) && rewritten(&entry) == entry, "{head:?}");
    }
}

#[test]
fn version_0_1_0_does_not_take_an_index_entry_for_a_channel_without_releases() {
    let entry = &load_to_rewrite::<IndexEntry>("index-entry")[0];
    let written = rows::write(entry).unwrap();
    let read = |doc: &str| serde_json::from_str::<Option<serde_json::Map<String, Value>>>(doc);
    let newest = serde_json::from_str::<Value>(&written).unwrap()["newest"].to_string();
    assert!(read(&newest).is_err() && read("null").is_ok(), "{written}");
}

#[test]
fn a_head_that_counts_the_releases_of_version_0_1_0_is_that_of_today() {
    let heads = load_to_rewrite::<ChannelHead>("channel-head");
    let releases = load::<Release>("release");
    for legacy in heads {
        let mut head = legacy.before_counting();
        let is_here = |one: &&Release| {
            (&one.channel, one.status) == (&legacy.channel, ReleaseStatus::Published)
        };
        releases.iter().filter(is_here).for_each(|one| head.count(&LiveRelease::from(one)));
        assert_eq!((&head.newest, &head.recent), (&legacy.newest, &legacy.recent));
        assert_eq!(head.targets, legacy.targets);
        assert_eq!(rewritten(&head), head);
        // Version 0.1.0 takes it for one that had room for its newest release only.
        let row = serde_json::to_value(head.to_row()).unwrap();
        assert_eq!(row["live"].as_array().unwrap().len() as u64, head.live.min(1));
        assert_eq!(row["truncated"], head.live > 1);
    }
}

#[test]
fn a_truncated_head_of_version_0_1_0_says_that_there_is_more() {
    let rows = items(VERSION, "channel-head");
    let full = |row: &&Item| text(row, DOC).unwrap().contains("1.1.0");
    let doc = text(rows.iter().find(full).unwrap(), DOC).unwrap();
    let doc = doc.replace(r#""truncated":false"#, r#""truncated":true"#);
    let head: ChannelHead = rows::read(rows::FIRST_FORM, &doc).unwrap();
    assert_eq!(head.coverage, HeadCoverage::LegacyTruncated);
    assert!(!head.lists_all());
}

#[test]
fn required_releases_are_read_as_they_were_written() {
    let releases = load::<Release>("release");
    let mut live = releases.iter().filter(|one| one.status == ReleaseStatus::Published);
    let published = live.next().unwrap();
    let empty = ChannelHead::empty(published.product_id.clone(), published.channel.clone());
    let mut head = empty;
    for minor in 0..=MAX_REQUIRED {
        let version = format!("2.{minor}.0").parse().unwrap();
        let min_current_version = (minor % 2 == 0).then(|| "1.9.0".parse().unwrap());
        let upgrade_path = UpgradePath { required: true, min_current_version };
        let release = Release { version, upgrade_path, ..published.clone() };
        assert_eq!(rewritten(&release), release);
        let required = RequiredRelease::from(&release);
        assert_eq!(rewritten(&required), required);
        head.count(&LiveRelease::from(&release));
        assert_eq!(rewritten(&head), head);
    }
    assert_eq!(head.required.unlisted_to, Some("2.0.0".parse().unwrap()));
    // Version 0.1.0 knows no upgrade path, and what has none is written as it always was.
    for release in &releases {
        let row = serde_json::to_value(release.to_row()).unwrap();
        assert!(row.get("required").is_none() && row.get("min_current_version").is_none());
    }
}

#[test]
fn the_last_revocation_and_who_published_are_kept_and_version_0_1_0_knows_neither() {
    for head in load_to_rewrite::<ChannelHead>("channel-head") {
        assert_eq!(head.last_revoked, None);
        let mut head = head.before_counting();
        assert!(serde_json::to_value(head.to_row()).unwrap().get("last_revoked").is_none());
        head.last_revoked = Some("0.9.0".parse().unwrap());
        assert_eq!(rewritten(&head).last_revoked, head.last_revoked);
    }
    for release in load::<Release>("release") {
        assert_eq!(release.published_by, None);
        let published = Release { published_by: Some("tok_1".to_owned()), ..release };
        assert_eq!(rewritten(&published), published);
        assert_eq!(published.publisher(), Some("tok_1"));
    }
}
