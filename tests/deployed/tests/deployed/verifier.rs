//! The independent verifier, which knows docs/SIGNING.md and none of our code.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Requires that `tests/python/verify.py` accepts what was `signed` for `purpose`.
pub fn accept(purpose: &str, signed: &Value, keys: &Value) {
    let directory = tempfile::tempdir().unwrap();
    let written = |name: &str, value: &Value| -> PathBuf {
        let path = directory.path().join(name);
        fs::write(&path, value.to_string()).unwrap();
        path
    };
    let files = [written("signed.json", signed), written("keys.json", keys)];
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../python/verify.py");
    let mut command = Command::new(std::env::var_os("SLIPWAY_PYTHON").unwrap());
    let output = command.arg(script).arg(purpose).args(files).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
