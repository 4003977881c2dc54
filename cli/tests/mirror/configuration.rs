//! How a mirror is set up: a file, flags that win over it, and a token that is no argument.

use std::path::Path;

use slipway_test_support::json;
use tokio::process::Command;

use crate::mirror::{CommandResult, Mirror, bare, run};
use crate::vendor::{TENANT, Vendor};

/// `slipway mirror sync --json` in `place`.
fn sync(place: &Path, more: &[&str]) -> Command {
    let mut command = bare(place);
    command.args(["mirror", "sync", "--json"]).args(more);
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_says_everything_and_a_flag_wins_over_it() {
    let (vendor, _) = Vendor::with_files(0..1, 1000).await;
    let mirror = Mirror::of(&vendor);
    let place = mirror.place.path();
    let file = format!(
        "origin = \"{}\"\nallow_http = true\ntenant_id = \"{TENANT}\"\ntoken_file = \"token\"\ndirectory = \"mirror\"\nparallel = 2\nkeep = 3\ntimeout = \"5s\"\n\n[serve]\nlisten = \"127.0.0.1:0\"\nsync_every = \"15m\"\n",
        vendor.proxy.url
    );
    std::fs::write(place.join("slipway-mirror.toml"), &file).unwrap();
    std::fs::write(place.join("token"), format!("{}\n", vendor.token)).unwrap();
    assert_eq!(run(&mut sync(place, &[])).await.good()["sequence"], 1);
    run(bare(place).args(["mirror", "status", "--json"])).await.good();

    // Its paths begin where it is; those of flags where the command is typed.
    std::fs::create_dir(place.join("etc")).unwrap();
    std::fs::rename(place.join("slipway-mirror.toml"), place.join("etc/other.toml")).unwrap();
    std::fs::rename(place.join("token"), place.join("etc/token")).unwrap();
    run(&mut sync(place, &["--config", "etc/other.toml"])).await.good();
    run(&mut sync(place, &["--config", "etc/other.toml", "--directory", "elsewhere"])).await.good();
    assert!(
        place.join("etc/mirror/current.json").exists()
            && place.join("elsewhere/current.json").exists()
    );
    let other =
        run(&mut sync(place, &["--config", "etc/other.toml", "--tenant", "tenant_other"])).await;
    other.refused(32, "not_there", "tenant_other");
    vendor.leaves().await;
}

#[tokio::test]
async fn what_is_missing_or_wrong_is_named_and_nothing_is_made() {
    let place = tempfile::tempdir().unwrap();
    let fails = async |flags: &[&str], token: Option<&str>| -> CommandResult {
        let ran =
            run(sync(place.path(), flags).envs(token.map(|token| ("SLIPWAY_TOKEN", token)))).await;
        assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0, "{ran:?}");
        ran
    };
    let all = ["--origin", "https://releases.example.com", "--tenant", TENANT];
    let with = |more: &[&'static str]| [&all[..], more].concat();
    for (flags, token, part) in [
        (vec![], Some("slp_1"), "the origin is missing"),
        (vec!["--origin", "https://a.example"], Some("slp_1"), "the tenant is missing"),
        (all.to_vec(), None, "the API token is missing"),
        (all.to_vec(), Some("two words"), "empty or has blanks"),
        (
            vec!["--origin", "http://a.example", "--tenant", TENANT],
            Some("slp_1"),
            "it has to be https",
        ),
        (with(&["--timeout", "0s"]), Some("slp_1"), "`timeout` is at least a second"),
        (with(&["--parallel", "0"]), Some("slp_1"), "`parallel` is 1 to 64, not 0"),
        (with(&["--keep", "0"]), Some("slp_1"), "`keep` is 1 to 1000, not 0"),
    ] {
        fails(&flags, token).await.refused(2, "usage", part);
    }
    for (flags, part) in [
        (with(&["--keep", "many"]), "invalid value 'many'"),
        (with(&["--token", "slp_1"]), "unexpected argument '--token'"),
        (vec!["--tenant", "Acme"], "tenant_abc123"),
        (with(&["--timeout", "soon"]), "as in `5m`"),
    ] {
        let ran = fails(&flags, Some("slp_1")).await;
        assert!(ran.code == Some(2) && ran.aside.contains(part), "{part}: {ran:?}");
    }
    fails(&with(&["--config", "none.toml"]), Some("slp_1")).await.refused(34, "disk", "none.toml");
    fails(&with(&["--token-file", "none"]), Some("slp_1")).await.refused(34, "disk", "none");
}

#[tokio::test]
async fn a_field_of_the_file_that_is_wrong_is_named_with_its_line() {
    for (text, part) in [
        ("token = \"slp_1\"\n", "unknown field `token`"),
        ("tenant_id = \"Acme\"\n", "tenant_abc123"),
        ("keep = \"two\"\n", "keep"),
        ("[serve]\nlisten = \"here\"\n", "listen"),
        ("[serve]\ncertificate = \"a.pem\"\n", "`certificate` and `private_key` go together"),
        ("[serve\n", "slipway-mirror.toml"),
    ] {
        let place = tempfile::tempdir().unwrap();
        std::fs::write(place.path().join("slipway-mirror.toml"), text).unwrap();
        let ran = run(sync(place.path(), &[]).env("SLIPWAY_TOKEN", "slp_1")).await;
        ran.refused(2, "usage", part);
        assert_eq!(ran.json["outcome"], json!("failed"));
    }
}

#[tokio::test]
async fn a_server_that_could_never_sync_says_so_at_once() {
    let place = tempfile::tempdir().unwrap();
    let all = ["--origin", "https://releases.example.com", "--tenant", TENANT];
    for (flags, every, part) in [
        (&all[..], "15m", "the API token is missing"),
        (&all[..2], "15m", "the API token is missing"),
        (&[], "15m", "the origin is missing"),
        (&all[..], "0s", "`sync_every` is at least a second"),
    ] {
        let mut command = bare(place.path());
        command
            .args([
                "mirror",
                "serve",
                "--json",
                "--http",
                "--listen",
                "127.0.0.1:0",
                "--sync-every",
                every,
            ])
            .args(flags);
        run(&mut command).await.refused(2, "usage", part);
    }
}
