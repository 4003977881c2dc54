//! The command `slipway-local` with settings that are wrong: it says what, where, and what would be
//! right, and shows no secret.
#![expect(
    clippy::expect_used,
    reason = "the helpers of tests, which clippy does not take for tests"
)]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Part of each value that may be a secret.
const SECRET: &str = "hunter2";

/// Runs the command, which ends because of its settings. The environment has these variables alone.
fn run(directory: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_slipway-local"))
        .current_dir(directory)
        .args(["--listen", "127.0.0.1:0", "--ephemeral"])
        .args(arguments)
        .env_clear()
        .envs(variables.iter().copied())
        .output()
        .expect("the command")
}

/// Asserts that the command refuses its settings with all of these words, and shows no secret.
#[track_caller]
fn refused(output: &Output, code: i32, words: &[&str]) {
    let said = [&output.stdout[..], &output.stderr].concat();
    let said = String::from_utf8(said).expect("UTF-8");
    assert_eq!(output.status.code(), Some(code), "{said}");
    for word in words {
        assert!(said.contains(word), "{word}: {said}");
    }
    assert!(!said.to_lowercase().contains(SECRET), "{said}");
}

#[test]
fn a_file_that_is_wrong_is_refused_by_line() {
    let directory = tempfile::tempdir().unwrap();
    for (text, words) in [
        (
            "storage:\n  type: s3\n  s3:\n    bucket: b-1\n    secret_key: hunter2\n",
            &["slipway-local: --config slipway.yaml: line 5", "RELEASY_ARTIFACT_SECRET_KEY"][..],
        ),
        ("storage:\n  type: hunter2\n", &["line 2", "`filesystem`, `s3` or `gcs`"]),
        ("storage:\n  type: s3\n---\na: hunter2\n", &["one document"]),
        (
            "storage:\n  type: s3\n  s3:\n    bucket: b-1\n    endpoint: https://a:hunter2@s.example\n",
            &["`storage.s3.endpoint`", "a user or a password"],
        ),
        (
            "snapshots:\n  generation:\n    history_limit: 256\n",
            &["line 3: `history_limit` takes a number from 0 to 50"],
        ),
        (
            "snapshots:\n  generation:\n    scheduled: { enabled: true, interval: 1s }\n",
            &["slipway.yaml", "`snapshots`", "interval", "1m"],
        ),
        ("storage:\n\ttype: hunter2\n", &["slipway.yaml", "line 2"]),
        ("hunter2: 1\n", &["slipway.yaml: line 1"]),
        ("storage: &hunter2 [*hunter2]\n", &["slipway.yaml: line 1"]),
        (
            "a: &a [hunter2, hunter2, hunter2, hunter2, hunter2, hunter2, hunter2, hunter2]\n\
             b: &b [*a, *a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b, *b, *b]\n\
             d: &d [*c, *c, *c, *c, *c, *c, *c, *c]\ne: &e [*d, *d, *d, *d, *d, *d, *d, *d]\n\
             f: &f [*e, *e, *e, *e, *e, *e, *e, *e]\nstorage: [*f, *f, *f, *f, *f, *f, *f, *f]\n",
            &["slipway.yaml: line"],
        ),
        (
            "snapshots:\n  generation:\n    batch_window: 6m\n",
            &["`snapshots.generation.batch_window`", "5m"],
        ),
    ] {
        std::fs::write(directory.path().join("slipway.yaml"), text).unwrap();
        let keys = [
            ("RELEASY_ARTIFACT_ACCESS_KEY", "hunter2-id"),
            ("RELEASY_ARTIFACT_SECRET_KEY", "hunter2-secret"),
        ];
        let variables = if text.contains("storage") { &keys[..] } else { &[] };
        let output = run(directory.path(), &["--config", "slipway.yaml"], variables);
        refused(&output, 2, words);
    }
    for (file, words) in [("/dev/zero", "more than 65536 bytes"), (".", "directory")] {
        refused(&run(directory.path(), &["--config", file], &[]), 2, &["--config", words]);
    }
    let missing = run(directory.path(), &["--config", "none.yaml"], &[]);
    refused(&missing, 2, &["--config none.yaml", "No such file"]);
}

#[test]
fn variables_that_are_wrong_are_refused_by_name() {
    let directory = tempfile::tempdir().unwrap();
    let (bucket, id, secret) = (
        ("RELEASY_ARTIFACT_BUCKET", "b-1"),
        ("RELEASY_ARTIFACT_ACCESS_KEY", "hunter2-id"),
        ("RELEASY_ARTIFACT_SECRET_KEY", "hunter2-secret"),
    );
    let endpoint = ("RELEASY_ARTIFACT_ENDPOINT", "https://a:hunter2@s.example");
    let style = ("RELEASY_ARTIFACT_PATH_STYLE", "hunter2");
    for (variables, words) in [
        (
            &[bucket, id][..],
            &["RELEASY_ARTIFACT_SECRET_KEY (--artifact-secret-key) is not set"][..],
        ),
        (&[bucket, secret], &["RELEASY_ARTIFACT_ACCESS_KEY (--artifact-access-key) is not set"]),
        (
            &[id, secret],
            &["RELEASY_ARTIFACT_ACCESS_KEY", "no bucket is", "RELEASY_ARTIFACT_BUCKET"],
        ),
        (&[bucket, id, secret, endpoint], &["RELEASY_ARTIFACT_ENDPOINT", "a user or a password"]),
        (&[bucket, id, secret, style], &["RELEASY_ARTIFACT_PATH_STYLE", "`true` or `false`"]),
        (&[("SLIPWAY_ADMIN_TOKEN", " ")], &["--admin-token", "blank"]),
    ] {
        refused(&run(directory.path(), &[], variables), 2, words);
    }
    for (argument, value) in [
        ("--public-url", "https://a:hunter2@s.example"),
        ("--oidc-issuer", "https://a:hunter2@s.example"),
    ] {
        let output = run(directory.path(), &[argument, value, "--oidc-audience", "a"], &[]);
        refused(&output, 2, &[argument, "(not shown)"]);
    }
}

#[test]
fn a_store_that_does_not_answer_is_named_with_the_cause_and_without_its_credentials() {
    let directory = tempfile::tempdir().unwrap();
    let variables = [
        ("RELEASY_ARTIFACT_BUCKET", "b-1"),
        ("RELEASY_ARTIFACT_ACCESS_KEY", "hunter2-id"),
        ("RELEASY_ARTIFACT_SECRET_KEY", "hunter2-secret"),
        // Blank is as if it were not set.
        ("RELEASY_ARTIFACT_PATH_STYLE", ""),
        ("RELEASY_ARTIFACT_ENDPOINT", "http://127.0.0.1:9"),
        ("RUST_LOG", "trace"),
        ("RUST_BACKTRACE", "full"),
    ];
    let output = run(directory.path(), &[], &variables);
    refused(&output, 1, &["the bucket b-1 at http://127.0.0.1:9", "does not answer", "refused"]);
}

/// What a stack prints until it is ready, which ends with a request to try.
fn printed(arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let mut child = Command::new(env!("CARGO_BIN_EXE_slipway-local"))
        .args(["--listen", "127.0.0.1:0", "--ephemeral", "--quiet"])
        .args(arguments)
        .env_clear()
        .envs(variables.iter().copied())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the command");
    let mut said = String::new();
    for line in BufReader::new(child.stdout.take().expect("a pipe")).lines() {
        let line = line.expect("UTF-8");
        said.push_str(&line);
        said.push('\n');
        if line.contains("curl") {
            break;
        }
    }
    child.kill().expect("the command runs");
    child.wait().expect("it has ended");
    said
}

#[test]
fn a_token_that_was_given_is_not_printed_and_one_that_was_made_is() {
    for (arguments, variables) in
        [(&["--admin-token", "hunter2"][..], &[][..]), (&[], &[("SLIPWAY_ADMIN_TOKEN", "hunter2")])]
    {
        let said = printed(arguments, variables);
        assert!(!said.contains(SECRET), "{said}");
        assert!(said.contains("--admin-token") && said.contains("curl"), "{said}");
    }
    let said = printed(&[], &[]);
    let token = said.lines().find_map(|line| line.trim().strip_prefix("token ")).expect("a token");
    assert!(said.contains(&format!("Authorization: Bearer {}", token.trim())), "{said}");
}
