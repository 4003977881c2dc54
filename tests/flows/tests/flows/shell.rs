//! A person at a shell: types commands, reads the answers, notes values in variables.

use std::collections::BTreeMap;
use std::process::Stdio;

use slipway_test_support::Value;
use tempfile::TempDir;
use tokio::process::Command;

/// The shell, and what was noted.
pub struct Shell {
    /// Where it is.
    pub directory: TempDir,
    /// Its variables.
    pub noted: BTreeMap<&'static str, String>,
}

impl Shell {
    /// In an empty directory, with these variables.
    pub fn with(noted: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        Self { directory: tempfile::tempdir().unwrap(), noted: noted.into_iter().collect() }
    }

    /// What a command prints.
    pub async fn types(&self, command: &str) -> String {
        let mut bash = Command::new("bash");
        bash.args(["-euo", "pipefail", "-c", command])
            .envs(&self.noted)
            .current_dir(self.directory.path());
        let output = bash.stdin(Stdio::null()).stderr(Stdio::inherit()).output().await.unwrap();
        assert!(output.status.success(), "{command}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// The JSON that a command prints.
    pub async fn asks(&self, command: &str) -> Value {
        let printed = self.types(command).await;
        serde_json::from_str(&printed)
            .unwrap_or_else(|error| panic!("{command}: {error}: {printed}"))
    }

    /// Notes a value for later commands.
    pub fn notes(&mut self, name: &'static str, value: &Value) {
        self.noted
            .insert(name, value.as_str().unwrap_or_else(|| panic!("{name}: {value}")).to_owned());
    }
}
