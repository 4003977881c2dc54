//! The Rust sources of a checkout, counted.
//!
//! Lines are counted as they stand. Every file is formatted, which `cargo xtask test fmt` holds, so
//! an item ends at the first line that closes a brace at its own indentation.

pub mod distribution;
pub mod functions;
pub mod tests;
pub mod types;

use std::path::{Path, PathBuf};

use crate::failure::{Failure, Result};

/// The directories that hold packages.
const PACKAGES: &[&str] = &["cli", "functions", "infra", "shared", "tests"];

/// One file.
pub struct SourceFile {
    /// Relative to the root of the checkout, with slashes.
    pub path: String,
    /// What it says.
    pub text: String,
}

impl SourceFile {
    /// How many lines it has.
    pub fn length(&self) -> usize {
        self.text.lines().count()
    }

    /// How many of its lines are documentation.
    pub fn doc_lines(&self) -> usize {
        let lines = self.text.lines().map(str::trim_start);
        lines.filter(|line| line.starts_with("///") || line.starts_with("//!")).count()
    }
}

/// Every source file of the packages below `root`, in the order of their paths.
pub fn files(root: &Path) -> Result<Vec<SourceFile>> {
    let mut paths = Vec::new();
    for directory in PACKAGES {
        collect(&root.join(directory), &mut paths)?;
    }
    paths.sort();
    paths.iter().map(|path| read(root, path)).collect()
}

/// Adds the Rust files below `directory` to `paths`.
fn collect(directory: &Path, paths: &mut Vec<PathBuf>) -> Result<()> {
    let at = |error| Failure::at(directory, error);
    for entry in std::fs::read_dir(directory).map_err(at)? {
        let path = entry.map_err(at)?.path();
        if path.is_dir() && !path.ends_with("target") {
            collect(&path, paths)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            paths.push(path);
        }
    }
    Ok(())
}

/// The file at `path`.
fn read(root: &Path, path: &Path) -> Result<SourceFile> {
    let text = std::fs::read_to_string(path).map_err(|error| Failure::at(path, error))?;
    let path = path.strip_prefix(root).unwrap_or(path).display().to_string();
    Ok(SourceFile { path, text })
}

/// How many spaces `line` begins with.
fn indentation(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// How many of `lines` an item takes that begins with the first of them: up to the one that closes
/// it at the same indentation. None if a semicolon ends it: then it has no body.
fn item_length(lines: &[&str]) -> Option<usize> {
    let indent = indentation(lines.first()?);
    for (index, line) in lines.iter().enumerate() {
        if line.trim().is_empty() || indentation(line) != indent {
            continue;
        }
        let line = line.trim();
        if line.ends_with(';') {
            return None;
        }
        if line.starts_with('}') || line.ends_with('}') {
            return Some(index + 1);
        }
    }
    None
}
