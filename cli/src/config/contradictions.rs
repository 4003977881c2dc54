//! Settings that are legal one by one and contradict each other: refused at the start, by name.

use std::path::{Component, Path, PathBuf};

use super::{Config, Files, Identity, ServeFlags};
use crate::error::{CliError, Result};

/// What a sync removes as garbage, in the mirror's directory.
const SWEPT: [&str; 3] = ["snapshots", "blobs", "partial"];

fn refused(one: &str, other: &str, why: &str) -> CliError {
    CliError::Usage(format!("{one} and {other} contradict each other: {why}"))
}

/// Makes sure that the settings of a mirror go together.
pub fn check(config: &Config) -> Result<()> {
    if config.document_timeout < config.timeout {
        return Err(refused(
            "`document_timeout`",
            "`timeout`",
            "a whole document can't have less time than a single silence",
        ));
    }
    let shown = match &config.serve.identity {
        Identity::Files(files) => Some(files),
        Identity::SelfSigned { .. } | Identity::Plain => None,
    };
    let files = [
        ("`token_file`", config.token_file.as_ref()),
        ("`keys`", config.keys.as_ref()),
        ("`ca_file`", config.ca_file.as_ref()),
        ("`serve.certificate`", shown.map(|files| &files.certificate)),
        ("`serve.private_key`", shown.map(|files| &files.private_key)),
        ("`serve.decision_key`", config.serve.decision_key.as_ref()),
    ];
    for (name, path) in files {
        if path.is_some_and(|path| is_swept(&config.directory, path)) {
            let why = "the file lies where each sync removes what it does not know; \
                       `snapshots`, `blobs` and `partial` are the mirror's own";
            return Err(refused(name, "`directory`", why));
        }
    }
    if config.serve.decision_key.is_some() && config.serve.public_url.is_none() {
        return Err(CliError::Usage(
            "`serve.decision_key` needs `serve.public_url`: what is signed names the mirror, and whoever asks must not choose how"
                .to_owned(),
        ));
    }
    Ok(())
}

/// How a mirror shows who it is, as the flags of `serve` and the certificate of the file say
/// together.
pub fn identity(flags: &ServeFlags, files: Option<Files>) -> Result<Identity> {
    match (flags.http, flags.name.as_deref(), files) {
        (true, None, None) => Ok(Identity::Plain),
        (false, None, Some(files)) => Ok(Identity::Files(files)),
        (false, name, None) => {
            Ok(Identity::SelfSigned { name: name.unwrap_or("localhost").to_owned() })
        }
        (true, _, Some(_)) => {
            Err(refused("`--http`", "`certificate`", "without TLS no certificate is shown"))
        }
        (true, Some(_), None) => {
            Err(refused("`--http`", "`--name`", "without TLS no certificate is made"))
        }
        (false, Some(_), Some(_)) => Err(refused(
            "`--name`",
            "`certificate`",
            "the name is for a certificate that the mirror makes",
        )),
    }
}

fn is_swept(directory: &Path, path: &Path) -> bool {
    let (directory, path) = (absolute(directory), absolute(path));
    SWEPT.iter().any(|name| path.starts_with(directory.join(name)))
}

/// The same place without `.` and `..`, as far as text tells.
fn absolute(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for component in std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).components() {
        match component {
            Component::ParentDir => {
                clean.pop();
            }
            Component::CurDir => {}
            part => clean.push(part),
        }
    }
    clean
}
