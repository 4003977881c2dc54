//! What bash prints.
#![expect(clippy::unwrap_used, reason = "a test that can't go on has to say so at once")]

use std::path::Path;
use std::process::Stdio;

use tokio::process::Command;

/// Runs `script` by bash in `directory`, up to its first failure, and returns what it prints.
pub async fn typed(script: &str, directory: &Path) -> String {
    let bash = Command::new("bash")
        .args(["-euo", "pipefail", "-c", script])
        .current_dir(directory)
        .stderr(Stdio::inherit())
        .output();
    let output = bash.await.unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{printed}");
    printed
}
