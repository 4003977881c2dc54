//! A verifier that shares no code with Slipway: Python, `cryptography` and `rfc8785`.

use std::ffi::OsString;
use std::path::Path;

use serde_json::Value;
use tokio::process::Command;

/// Makes sure that the independent verifier accepts `genuine`, signed for `purpose` by a key of
/// `jwks`, and refuses `forged`. Where there is no Python for it, which CI has, this says so.
pub async fn independently(purpose: &str, genuine: &Value, forged: &Value, jwks: &Value) {
    let Some(python) = python() else { return };
    let judge = async |object| judgement(&python, purpose, object, jwks, None).await;
    let unbound = if purpose == "decision" { "not bound to a request" } else { "" };
    let accepted = judge(genuine).await;
    assert!(accepted.is_ok_and(|said| said.starts_with(unbound)), "{genuine:#}");
    assert_eq!(judge(forged).await, Err("the signature is wrong".to_owned()), "{forged:#}");
}

/// Makes sure that the independent verifier accepts `decision`, signed by a key of `jwks`, as the
/// answer to `request`, and refuses it as the answer to `other`.
pub async fn independently_bound(decision: &Value, request: &[u8], other: &[u8], jwks: &Value) {
    let Some(python) = python() else { return };
    let judge = async |body| judgement(&python, "decision", decision, jwks, Some(body)).await;
    assert_eq!(judge(request).await, Ok(String::new()), "{decision:#}");
    let refused = Err("the decision answers another request".to_owned());
    assert_eq!(judge(other).await, refused, "{decision:#}");
}

/// What parsers that are not Slipway's read in `text`: of `kind` `compose` a Compose file, of
/// `kustomize` a block `images` of a kustomization. None where there is no Python for it, which CI
/// has.
pub async fn as_deployed(kind: &str, text: &str) -> Option<Value> {
    let python = python()?;
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("release.yaml");
    std::fs::write(&file, text).expect("a file");
    let reader = Path::new(env!("CARGO_MANIFEST_DIR")).join("../python/deployed.py");
    let output = Command::new(python).arg(reader).arg(kind).arg(file).output().await;
    let output = output.expect("an answer");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{kind}: {said}\n{text}");
    Some(serde_json::from_slice(&output.stdout).expect("JSON"))
}

/// The Python that has the verifier's packages.
fn python() -> Option<OsString> {
    let python = std::env::var_os("SLIPWAY_PYTHON");
    if python.is_none() {
        assert_ne!(
            std::env::var("CI").as_deref(),
            Ok("true"),
            "SLIPWAY_PYTHON has to name a Python with cryptography and rfc8785"
        );
        eprintln!(
            "skipped: the independent verifier; SLIPWAY_PYTHON names no Python with cryptography and rfc8785"
        );
    }
    python
}

/// What the verifier says of `object`, and of the request that it answers: a remark where it
/// accepts it, else the reason.
async fn judgement(
    python: &OsString,
    purpose: &str,
    object: &Value,
    jwks: &Value,
    request: Option<&[u8]>,
) -> Result<String, String> {
    let directory = tempfile::tempdir().expect("a directory");
    let (object, jwks) = (object.to_string(), jwks.to_string());
    let files = [
        ("object.json", Some(object.as_bytes())),
        ("jwks.json", Some(jwks.as_bytes())),
        ("request.json", request),
    ];
    let files = files.iter().filter_map(|(name, bytes)| {
        let path = directory.path().join(name);
        std::fs::write(&path, bytes.as_ref()?).expect("a file");
        Some(path)
    });
    let verifier = Path::new(env!("CARGO_MANIFEST_DIR")).join("../python/verify.py");
    let output = Command::new(python).arg(verifier).arg(purpose).args(files).output().await;
    let output = output.expect("an answer");
    let said = |bytes| String::from_utf8_lossy(bytes).trim().to_owned();
    if output.status.success() { Ok(said(&output.stdout)) } else { Err(said(&output.stderr)) }
}
