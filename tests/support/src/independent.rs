//! A verifier that shares no code with Slipway: Python, `cryptography` and `rfc8785`.

use std::path::Path;

use serde_json::Value;
use tokio::process::Command;

/// Makes sure that the independent verifier accepts `genuine`, signed for `purpose` by a key of
/// `jwks`, and refuses `forged`. Where there is no Python for it, which CI has, this says so.
pub async fn independently(purpose: &str, genuine: &Value, forged: &Value, jwks: &Value) {
    let Some(python) = std::env::var_os("SLIPWAY_PYTHON") else {
        assert_ne!(
            std::env::var("CI").as_deref(),
            Ok("true"),
            "SLIPWAY_PYTHON has to name a Python with cryptography and rfc8785"
        );
        eprintln!(
            "skipped: the independent verifier; SLIPWAY_PYTHON names no Python with cryptography and rfc8785"
        );
        return;
    };
    assert!(accepts(Path::new(&python), purpose, genuine, jwks).await, "{genuine:#}");
    assert!(!accepts(Path::new(&python), purpose, forged, jwks).await, "{forged:#}");
}

async fn accepts(python: &Path, purpose: &str, object: &Value, jwks: &Value) -> bool {
    let directory = tempfile::tempdir().expect("a directory");
    let files = [("object.json", object), ("jwks.json", jwks)].map(|(name, value)| {
        let path = directory.path().join(name);
        std::fs::write(&path, value.to_string()).expect("a file");
        path
    });
    let verifier = Path::new(env!("CARGO_MANIFEST_DIR")).join("../python/verify.py");
    let output = Command::new(python)
        .arg(verifier)
        .arg(purpose)
        .args(files)
        .output()
        .await
        .expect("an answer");
    let said = String::from_utf8_lossy(&output.stderr);
    // Nothing but a wrong signature is a refusal: not a missing package, for one.
    assert!(output.status.success() || said.trim() == "the signature is wrong", "{said}");
    output.status.success()
}
