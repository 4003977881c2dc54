//! `slipway mirror sync`: from the vendor's latest snapshot to serving it.

use slipway_test_support::{World, json};

use crate::mirror::{Mirror, bare, run};
use crate::vendor::{TENANT, Vendor};

const LENGTH: usize = 100_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_brings_the_snapshot_and_every_artifact_and_the_next_one_nothing() {
    let (vendor, files) = Vendor::with_files(0..5, LENGTH).await;
    let mirror = Mirror::of(&vendor);
    let latest = vendor.latest().await;
    let synced = mirror.synced().await;
    let expected = json!({
        "outcome": "synced", "snapshot_id": latest["snapshot_id"], "stream": "all", "sequence": 1,
        "artifacts_total": 5, "artifacts_fetched": 5, "bytes_total": 5 * LENGTH, "bytes_fetched": 5 * LENGTH, "removed": 0,
    });
    assert_eq!(synced, expected);
    for file in &files {
        assert!(std::fs::read(mirror.blob(&file.sha256)).unwrap() == file.bytes);
    }
    assert_eq!(vendor.proxy.artifact_bytes(), 5 * LENGTH as u64);
    let before = mirror.served();
    let again = mirror.synced().await;
    assert_eq!((&again["artifacts_fetched"], &again["bytes_fetched"]), (&json!(0), &json!(0)));
    assert_eq!(vendor.proxy.artifact_bytes(), 5 * LENGTH as u64);
    assert_eq!(mirror.served().keys().collect::<Vec<_>>(), before.keys().collect::<Vec<_>>());
    let status = mirror.status(&["--deep"]).await.good();
    assert_eq!(
        (&status["sequence"], &status["artifacts"], &status["damaged"]),
        (&json!(1), &json!(5), &json!([]))
    );
    vendor.leaves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_snapshot_takes_its_place_and_what_no_kept_one_needs_is_removed() {
    let (vendor, files) = Vendor::with_files(0..2, LENGTH).await;
    let mirror = Mirror::of(&vendor);
    mirror.synced().await;
    // Two snapshots are kept: with the third one the first is gone, and what only that had.
    let mut versions = vec![&files[0].sha256];
    let second = vendor.publish("prod_p0", "2.0.0", 10, LENGTH).await;
    vendor.snapshot().await;
    assert_eq!(
        (mirror.synced().await["artifacts_fetched"].clone(), mirror.blob(versions[0]).exists()),
        (json!(1), true)
    );
    versions.push(&second.sha256);
    let third = vendor.publish("prod_p0", "3.0.0", 11, LENGTH).await;
    vendor.snapshot().await;
    let synced = mirror.synced().await;
    versions.push(&third.sha256);
    assert_eq!((&synced["sequence"], &synced["removed"]), (&json!(3), &json!(1)));
    assert_eq!(
        versions.iter().map(|sha256| mirror.blob(sha256).exists()).collect::<Vec<_>>(),
        [false, true, true]
    );
    assert!(mirror.blob(&files[1].sha256).exists(), "all three have it");
    assert_eq!(std::fs::read_dir(mirror.directory().join("snapshots")).unwrap().count(), 2);

    let synced = mirror.sync(&["--keep", "1"]).await.good();
    assert_eq!((&synced["removed"], mirror.blob(&second.sha256).exists()), (&json!(1), false));
    mirror.status(&["--deep"]).await.good();
    vendor.leaves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_bytes_of_many_releases_come_once() {
    let vendor = Vendor::open().await;
    for product in 0..4 {
        vendor.publish(&format!("prod_p{product}"), "1.0.0", 7, LENGTH).await;
    }
    vendor.snapshot().await;
    let synced = Mirror::of(&vendor).synced().await;
    assert_eq!((&synced["artifacts_total"], &synced["bytes_fetched"]), (&json!(1), &json!(LENGTH)));
    vendor.leaves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn channels_choose_the_stream() {
    let vendor = Vendor::open().await;
    // The shortest artifact there is.
    vendor.publish("prod_a", "1.0.0", 1, 1).await;
    let beta = World::release_of("prod_a", "2.0.0", "beta", &vendor.world.external(1).await);
    vendor.world.post("/v1/releases", beta).await.expect(201);
    vendor.snapshot().await;
    vendor.snapshot_of(json!({ "tenant_id": TENANT, "channels": ["stable"] })).await;
    let synced = Mirror::of(&vendor).sync(&["--channels", "stable"]).await.good();
    assert_eq!((&synced["artifacts_total"], &synced["bytes_total"]), (&json!(1), &json!(1)));
    assert_ne!(synced["stream"], "all");
    vendor.leaves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_damaged_is_found_by_a_deep_look_and_mended_by_a_deep_sync() {
    let (vendor, files) = Vendor::with_files(0..3, LENGTH).await;
    let mirror = Mirror::of(&vendor);
    mirror.synced().await;
    let before = mirror.served();
    let mut bytes = files[1].bytes.clone();
    bytes[LENGTH / 2] ^= 1;
    std::fs::write(mirror.blob(&files[1].sha256), bytes).unwrap();
    std::fs::remove_file(mirror.blob(&files[2].sha256)).unwrap();
    mirror.status(&[]).await.damaged(&[&files[2].sha256]);
    mirror.status(&["--deep"]).await.damaged(&[&files[1].sha256, &files[2].sha256]);
    assert_eq!(mirror.synced().await["artifacts_fetched"], 1, "a look at names and lengths");
    assert_eq!(mirror.sync(&["--deep"]).await.good()["artifacts_fetched"], 1);
    mirror.status(&["--deep"]).await.good();
    assert_eq!(mirror.served(), current_of(before, &mirror));
    vendor.leaves().await;
}

/// The files `before`, but for the time of the sync in `current.json`.
fn current_of(
    mut before: std::collections::BTreeMap<std::path::PathBuf, Vec<u8>>,
    mirror: &Mirror,
) -> std::collections::BTreeMap<std::path::PathBuf, Vec<u8>> {
    let current = mirror.directory().join("current.json");
    let now = std::fs::read(&current).unwrap();
    before.insert(current, now);
    before
}

#[tokio::test(flavor = "multi_thread")]
async fn damaged_documents_come_anew_and_a_damaged_older_snapshot_is_given_up() {
    let (vendor, _) = Vendor::with_files(0..1, LENGTH).await;
    let mirror = Mirror::of(&vendor);
    let first = mirror.synced().await;
    vendor.publish("prod_p0", "2.0.0", 5, LENGTH).await;
    vendor.snapshot().await;
    let second = mirror.synced().await;
    let before = mirror.served();
    for damage in ["bundle.json", "manifest.json", "keys.json"] {
        std::fs::write(mirror.document(&second, damage), "{\"snapshot_id\": \"zeros").unwrap();
        if damage == "manifest.json" {
            mirror.status(&[]).await.refused(35, "not_serving", "sync again");
        }
        mirror.synced().await;
        assert_eq!(mirror.served(), current_of(before.clone(), &mirror), "{damage}");
    }
    std::fs::write(mirror.document(&first, "manifest.json"), "").unwrap();
    mirror.synced().await;
    assert!(!mirror.document(&first, "manifest.json").exists());
    assert_eq!(mirror.status(&["--deep"]).await.good()["snapshots_kept"], 1);
    vendor.leaves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_that_an_earlier_run_has_left_is_used_and_where_it_is_damaged_it_is_not() {
    let (vendor, files) = Vendor::with_files(0..2, LENGTH).await;
    let mirror = Mirror::of(&vendor);
    let partial = |index: usize| mirror.directory().join("partial").join(&files[index].sha256);
    std::fs::create_dir_all(mirror.directory().join("partial")).unwrap();
    std::fs::write(partial(0), &files[0].bytes[..LENGTH * 3 / 4]).unwrap();
    // What a loss of power leaves: the length is there, the bytes are not.
    std::fs::write(partial(1), vec![0; LENGTH / 2]).unwrap();
    let synced = mirror.synced().await;
    assert_eq!(synced["bytes_fetched"], LENGTH / 4 + LENGTH / 2 + LENGTH);
    mirror.status(&["--deep"]).await.good();
    assert!(!partial(0).exists() && !partial(1).exists());
    vendor.leaves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_syncs_at_a_time_are_one_too_many() {
    let (vendor, _) = Vendor::with_files(0..1, LENGTH).await;
    let mirror = Mirror::of(&vendor);
    mirror.synced().await;
    let lock = std::fs::File::open(mirror.directory().join("lock")).unwrap();
    lock.lock().unwrap();
    mirror.sync(&[]).await.refused(33, "locked", "another sync is at work");
    drop(lock);
    mirror.synced().await;
    vendor.leaves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_told_in_sentences_what_happens_and_what_is_wrong() {
    let (vendor, _) = Vendor::with_files(0..2, LENGTH).await;
    let mirror = Mirror::of(&vendor);
    let command = |verb: &str, more: &[&str]| {
        let mut command = bare(mirror.place.path());
        command.args(["mirror", verb, "--directory", "mirror"]).args(more);
        command
    };
    let nothing = run(&mut command("status", &[])).await;
    assert_eq!((nothing.code, &*nothing.said), (Some(35), ""));
    assert_eq!(nothing.aside, "slipway: nothing is served: no sync has ended well yet\n");
    let flags = ["--origin", &vendor.proxy.url, "--allow-http", "--tenant", TENANT];
    let synced = run(command("sync", &flags).env("SLIPWAY_TOKEN", &vendor.token)).await;
    assert!(synced.said.contains("2 artifacts, 2 of them fetched (200000 bytes)"), "{synced:?}");
    assert_eq!(
        synced.aside.lines().filter(|line| line.starts_with("fetching art_")).count(),
        2,
        "{synced:?}"
    );
    let status = run(&mut command("status", &[])).await;
    assert!(status.said.contains("2 (200000 bytes), 0 missing or damaged"), "{status:?}");
    let quiet = run(
        command("sync", &[&flags[..], &["--quiet"]].concat()).env("SLIPWAY_TOKEN", "slp_wrong")
    )
    .await;
    assert_eq!((quiet.code, quiet.aside.lines().count()), (Some(31), 1), "{quiet:?}");
    vendor.leaves().await;
}
