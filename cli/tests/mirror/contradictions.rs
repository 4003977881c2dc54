//! Settings that are legal one by one and contradict each other: refused at the start, both by name.

use slipway_test_support::json;

use crate::mirror::{Mirror, bare, run};
use crate::vendor::{TENANT, Vendor};

/// What is said of a file and of flags of a command.
struct Case {
    file: &'static str,
    command: &'static [&'static str],
    parts: &'static [&'static str],
}

const SYNC: &[&str] = &["sync"];

const CASES: &[Case] = &[
    Case {
        file: "[serve]\ncertificate = \"a.pem\"\nprivate_key = \"a.key\"\n",
        command: &["serve", "--http"],
        parts: &["`--http` and `certificate` contradict each other"],
    },
    Case {
        file: "[serve]\ncertificate = \"a.pem\"\nprivate_key = \"a.key\"\n",
        command: &["serve", "--name", "mirror.example.com"],
        parts: &["`--name` and `certificate` contradict each other"],
    },
    Case {
        file: "",
        command: &["serve", "--http", "--certificate", "a.pem", "--private-key", "a.key"],
        parts: &["`--http` and `certificate` contradict each other"],
    },
    Case {
        file: "",
        command: &["serve", "--http", "--name", "mirror.example.com"],
        parts: &["`--http` and `--name` contradict each other"],
    },
    Case {
        file: "[serve]\ncertificate = \"a.pem\"\n",
        command: SYNC,
        parts: &["`certificate` and `private_key` go together"],
    },
    Case {
        file: "timeout = \"2m\"\ndocument_timeout = \"90s\"\n",
        command: SYNC,
        parts: &["`document_timeout` and `timeout` contradict each other"],
    },
    Case {
        file: "document_timeout = \"90s\"\n",
        command: &["sync", "--timeout", "2m"],
        parts: &["`document_timeout` and `timeout` contradict each other"],
    },
    Case {
        file: "directory = \"mirror\"\nkeys = \"mirror/partial/keys.json\"\n",
        command: SYNC,
        parts: &["`keys` and `directory` contradict each other", "removes"],
    },
    Case {
        file: "directory = \"mirror\"\n",
        command: &["sync", "--token-file", "x/../mirror/./blobs/token"],
        parts: &["`token_file` and `directory` contradict each other"],
    },
    Case {
        file: "ca_file = \"slipway-mirror/snapshots/ca.pem\"\n",
        command: SYNC,
        parts: &["`ca_file` and `directory` contradict each other"],
    },
    Case {
        file: "[serve]\ncertificate = \"slipway-mirror/blobs/a.pem\"\nprivate_key = \"a.key\"\n",
        command: &["status"],
        parts: &["`serve.certificate` and `directory` contradict each other"],
    },
    Case {
        file: "[serve]\ndecision_key = \"slipway-mirror/partial/own.key\"\npublic_url = \"https://a.example\"\n",
        command: &["serve"],
        parts: &["`serve.decision_key` and `directory` contradict each other"],
    },
    Case {
        file: "[serve]\ndecision_key = \"own.key\"\n",
        command: &["serve"],
        parts: &["`serve.decision_key` needs `serve.public_url`"],
    },
    Case { file: "channels = []\n", command: SYNC, parts: &["`channels` has no channel in it"] },
    Case {
        file: "allow_hosts = [\"*.example.com\", \"https://cdn.example.com\"]\n",
        command: SYNC,
        parts: &["`allow_hosts`: `https://cdn.example.com` fits no host"],
    },
    Case { file: "min_speed = 0\n", command: SYNC, parts: &["`min_speed` is 1 to"] },
    Case {
        file: "[serve]\nmax_connections = 0\n",
        command: &["serve"],
        parts: &["`max_connections` is 1 to 65536, not 0"],
    },
];

#[tokio::test]
async fn each_pair_is_refused_by_its_names_before_anything_is_made() {
    for Case { file, command, parts } in CASES {
        let place = tempfile::tempdir().unwrap();
        let origin = "origin = \"https://releases.example.com\"\n";
        let text = format!("{origin}tenant_id = \"{TENANT}\"\n{file}");
        std::fs::write(place.path().join("slipway-mirror.toml"), text).unwrap();
        let mut process = bare(place.path());
        process.arg("mirror").args(*command).arg("--json").env("SLIPWAY_TOKEN", "slp_1");
        let ran = run(&mut process).await;
        for part in *parts {
            ran.refused(2, "usage", part);
        }
        assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 1, "{file}: {ran:?}");
    }
}

#[tokio::test]
async fn what_is_about_an_origin_that_is_not_asked_is_refused() {
    let place = tempfile::tempdir().unwrap();
    for flags in [&["--ca-file", "ca.pem"][..], &["--allow-http"], &["--origin", "https://a"]] {
        let mut process = bare(place.path());
        process.args(["snapshot", "verify", "manifest.json", "--keys", "keys.json"]).args(flags);
        let ran = run(&mut process).await;
        assert_eq!(ran.code, Some(2), "{ran:?}");
        assert!(ran.aside.contains("cannot be used with"), "{ran:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_tenant_s_directory_is_left_as_it_is() {
    let (vendor, _) = Vendor::with_files(0..1, 100).await;
    let mirror = Mirror::of(&vendor);
    mirror.synced().await;
    let tenant = json!({ "tenant_id": "tenant_other", "name": "Other", "products": "*" });
    vendor.world.post("/v1/tenants", tenant).await.expect(201);
    vendor.snapshot_of(json!({ "tenant_id": "tenant_other" })).await;
    let token = vendor.world.secret(json!({ "scopes": ["mirrors:read"] })).await;
    let mirror = mirror.after("tenant_other");
    let served = mirror.served();
    let ran = run(mirror.command("sync", &[]).env("SLIPWAY_TOKEN", token)).await;
    ran.refused(2, "usage", "`tenant_id` and `directory` contradict each other");
    assert_eq!(mirror.served(), served);
    vendor.leaves().await;
}
