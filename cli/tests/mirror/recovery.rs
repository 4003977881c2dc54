//! A sync that did not end, however it did not: once the cause is gone, the next one starts, cleans
//! up and ends well by itself.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use slipway_test_support::json;
use tokio::process::Command;
use tokio::time::sleep;

use crate::mirror::{Mirror, run};
use crate::tampering_proxy::Tampering;
use crate::vendor::{Uploaded, Vendor};

const LENGTH: usize = 200_000;

/// A mirror that serves a snapshot, and a newer one with a new artifact at its vendor.
async fn behind() -> (Vendor, Mirror, Uploaded) {
    let (vendor, _) = Vendor::with_files(0..1, LENGTH).await;
    let mirror = Mirror::of(&vendor);
    mirror.synced().await;
    let new = vendor.publish("prod_new", "1.0.0", 5, LENGTH).await;
    vendor.snapshot().await;
    (vendor, mirror, new)
}

/// Makes sure that nothing of a sync that was cut short is left, and all is served.
async fn is_clean(vendor: &Vendor, mirror: &Mirror) {
    mirror.status(&["--deep"]).await.good();
    let mut left = Vec::new();
    leftovers(&mirror.directory(), &mut left);
    assert_eq!(left, [""; 0]);
    let manifest = vendor.latest().await;
    assert_eq!(mirror.status(&[]).await.json["snapshot_id"], manifest["snapshot_id"]);
}

fn leftovers(directory: &Path, left: &mut Vec<String>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            leftovers(&path, left);
        }
        let text = path.display().to_string();
        if path.extension().is_some_and(|extension| extension == "new")
            || (text.contains("/partial/") && path.is_file())
        {
            left.push(text);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_each_step_the_next_sync_goes_on_from_there() {
    let (vendor, mirror, new) = behind().await;
    let artifact = format!("/{}", new.sha256);
    for (part, tampering, asked) in [
        ("/v1/keys", Tampering::Silence, 1),
        ("/latest", Tampering::Silence, 2),
        ("/bundle", Tampering::Silence, 3),
        ("/download", Tampering::Silence, 4),
        (&artifact, Tampering::Silence, 5),
        // In the middle of an artifact.
        (&artifact, Tampering::Trickle(1000), 5),
    ] {
        let before = (vendor.proxy.requests(), mirror.served());
        vendor.proxy.tamper_with(part, tampering);
        let mut child = mirror.command("sync", &[]).stdout(Stdio::null()).spawn().unwrap();
        while vendor.proxy.requests() < before.0 + asked {
            assert!(child.try_wait().unwrap().is_none(), "{part}: it has ended");
            sleep(Duration::from_millis(5)).await;
        }
        sleep(Duration::from_millis(300)).await;
        let second = mirror.sync(&[]).await;
        second.refused(33, "locked", "another sync is at work");
        // SIGKILL.
        child.kill().await.unwrap();
        assert_eq!(mirror.served(), before.1, "{part}");
        vendor.proxy.stop_tampering();
    }
    let synced = mirror.synced().await;
    assert_eq!((&synced["sequence"], &synced["artifacts_fetched"]), (&json!(2), &json!(1)));
    is_clean(&vendor, &mirror).await;
    vendor.leaves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_any_kill_can_leave_is_removed_and_told() {
    let (vendor, mirror, new) = behind().await;
    let directory = mirror.directory();
    let served = mirror.status(&[]).await.good()["snapshot_id"].as_str().unwrap().to_owned();
    let shard = mirror.blob(&new.sha256).parent().unwrap().to_owned();
    std::fs::create_dir_all(&shard).unwrap();
    std::fs::create_dir_all(directory.join("snapshots/snapshot_half.new")).unwrap();
    std::fs::create_dir_all(directory.join("snapshots/snapshot_never_served")).unwrap();
    for half in [
        "current.new".to_owned(),
        "last-sync.new".to_owned(),
        "snapshots/snapshot_half.new/manifest.json".to_owned(),
        "snapshots/snapshot_never_served/bundle.json".to_owned(),
        format!("snapshots/{served}/manifest.new"),
        format!("partial/{}", "a".repeat(64)),
        // Verified, of a snapshot that was never served.
        format!("blobs/sha256/{}/{}", shard.file_name().unwrap().to_str().unwrap(), "b".repeat(64)),
    ] {
        std::fs::write(directory.join(half), "{\"half\": ").unwrap();
    }
    let before = mirror.served();
    // The first one fails again. It has cleaned up all the same: what is left may be what the disk
    // is full of.
    vendor.proxy.tamper_with(&new.sha256, Tampering::Status(404));
    let ran = run(&mut told(&mirror, &vendor)).await;
    assert_eq!(ran.code, Some(32), "{ran:?}");
    let told = "removed what an earlier sync has left: 7 files and directories";
    assert!(ran.aside.contains(told), "{ran:?}");
    let mut left = Vec::new();
    leftovers(&directory, &mut left);
    left.retain(|path| !path.contains(&new.sha256));
    assert_eq!(left, [""; 0]);
    let kept = mirror.served();
    assert!(kept.iter().all(|(path, bytes)| before.get(path) == Some(bytes)));
    assert_eq!(before.len() - kept.len(), 6, "one lay in `partial`, which does not count");
    vendor.proxy.stop_tampering();
    mirror.synced().await;
    is_clean(&vendor, &mirror).await;
    vendor.leaves().await;
}

/// A sync for people.
fn told(mirror: &Mirror, vendor: &Vendor) -> Command {
    let mut command = crate::mirror::bare(mirror.place.path());
    command
        .args(["mirror", "sync", "--allow-http", "--directory", "mirror", "--origin"])
        .args([&*vendor.proxy.url, "--tenant", crate::vendor::TENANT])
        .env("SLIPWAY_TOKEN", &vendor.token);
    command
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_takes_no_more_fails_the_sync_and_the_next_one_goes_on() {
    let (vendor, mirror, new) = behind().await;
    let before = mirror.served();
    // The system refuses to let a file grow beyond 100 blocks, as a full disk does.
    let sync = mirror.command("sync", &[]);
    let mut limited = Command::new("sh");
    limited.args(["-c", "trap '' XFSZ; ulimit -f 100; exec \"$0\" \"$@\""]);
    limited.arg(sync.as_std().get_program()).args(sync.as_std().get_args());
    limited.current_dir(mirror.place.path()).env_clear().env("SLIPWAY_TOKEN", &vendor.token);
    let ran = run(&mut limited).await;
    ran.refused(34, "disk", &new.sha256);
    assert_eq!(mirror.served(), before);
    assert!(mirror.status(&[]).await.good()["last_error"].as_str().unwrap().contains(&new.sha256));
    let part = mirror.directory().join("partial").join(&new.sha256).metadata().unwrap().len();
    assert!(part > 0);
    let synced = mirror.synced().await;
    assert_eq!(synced["bytes_fetched"], LENGTH as u64 - part, "what fitted does not come again");
    is_clean(&vendor, &mirror).await;
    vendor.leaves().await;
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_is_full_of_leftovers_does_not_stay_full() {
    let (vendor, _) = Vendor::with_files(0..1, 3 << 20).await;
    let mirror = Mirror::of(&vendor);
    std::fs::create_dir(mirror.directory()).unwrap();
    let Some(disk) = SmallDisk::mount(&mirror.directory()).await else {
        eprintln!("skipped: a disk of 4 MiB; the system does not let this process mount one");
        return;
    };
    // Of an artifact that no snapshot has any more.
    std::fs::create_dir(mirror.directory().join("partial")).unwrap();
    let left = mirror.directory().join("partial").join("a".repeat(64));
    std::fs::write(&left, vec![0; 2 << 20]).unwrap();
    mirror.synced().await;
    is_clean(&vendor, &mirror).await;
    drop(disk);
    vendor.leaves().await;
}

/// A file system of 4 MiB.
#[cfg(target_os = "linux")]
struct SmallDisk(std::path::PathBuf);

#[cfg(target_os = "linux")]
impl SmallDisk {
    /// Mounts one, where the system lets us.
    async fn mount(path: &Path) -> Option<Self> {
        let mut command = Command::new("mount");
        command.args(["-t", "tmpfs", "-o", "size=4m", "slipway-test"]).arg(path);
        let mounted = command.status().await.is_ok_and(|status| status.success());
        mounted.then(|| Self(path.to_owned()))
    }
}

#[cfg(target_os = "linux")]
impl Drop for SmallDisk {
    fn drop(&mut self) {
        drop(std::process::Command::new("umount").arg(&self.0).status());
    }
}
