//! `target/last-green`: the commit that passed every stage of `cargo xtask test`.
//!
//! One line, `<commit> <time>`: the full hash, and when the run ended in RFC 3339. It is in the
//! checkout's own `target`, wherever cargo builds: checkouts may share a build directory, and each
//! has its own commit.

use std::path::PathBuf;

use jiff::Timestamp;

use crate::exec::{capture, program};
use crate::failure::{Failure, Result};
use crate::paths;

/// The commit that is checked out.
///
/// # Errors
/// If files differ from it or are not part of it: what runs would not be the commit.
pub fn clean_commit() -> Result<String> {
    let changes = capture(program("git").args(["status", "--porcelain"]))?;
    if let Some(first) = changes.lines().next() {
        return Err(Failure::wrong(format!("the tree is not clean: {}", first.trim())));
    }
    Ok(capture(program("git").args(["rev-parse", "HEAD"]))?.trim().to_owned())
}

/// Records the commit that a run has passed on.
///
/// `before` is what [`clean_commit`] said before the run; the record is made only if it still says
/// so, and if the run was `complete`: every stage passed, with nothing left out.
///
/// # Errors
/// The reason for which nothing is recorded.
pub fn record(before: Result<String>, complete: bool) -> Result<String> {
    let commit = decide(before, clean_commit(), complete)?;
    let path = path();
    path.parent()
        .map_or(Ok(()), std::fs::create_dir_all)
        .and_then(|()| std::fs::write(&path, line(&commit, Timestamp::now())))
        .map_err(|error| Failure::at(&path, error))?;
    Ok(commit)
}

/// The commit that a run has proven green, given the checkout before and after it.
fn decide(before: Result<String>, after: Result<String>, complete: bool) -> Result<String> {
    if !complete {
        return Err(Failure::wrong("not every stage passed with nothing left out"));
    }
    let commit = before?;
    if after? == commit {
        Ok(commit)
    } else {
        Err(Failure::wrong("another commit was checked out meanwhile"))
    }
}

/// The record.
fn line(commit: &str, time: Timestamp) -> String {
    format!("{commit} {time:.0}\n")
}

/// Where it is.
fn path() -> PathBuf {
    paths::root().join("target/last-green")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A checkout of the commit `hash`, clean.
    #[expect(clippy::unnecessary_wraps, reason = "stands for `clean_commit`, which may fail")]
    fn commit(hash: &str) -> Result<String> {
        Ok(hash.to_owned())
    }

    #[test]
    fn a_complete_run_on_one_clean_commit_is_recorded() {
        assert_eq!(decide(commit("c0ffee"), commit("c0ffee"), true), commit("c0ffee"));
    }

    #[test]
    fn nothing_is_recorded_for_a_changed_tree_another_commit_or_an_incomplete_run() {
        let dirty = || Err(Failure::wrong("the tree is not clean: M README.md"));
        assert_eq!(decide(dirty(), commit("c0ffee"), true), dirty());
        assert_eq!(decide(commit("c0ffee"), dirty(), true), dirty());
        assert!(decide(commit("c0ffee"), commit("decade"), true).is_err());
        assert!(decide(commit("c0ffee"), commit("c0ffee"), false).is_err());
    }

    #[test]
    fn the_first_word_is_the_commit_and_the_second_the_time() {
        assert_eq!(line("c0ffee", Timestamp::UNIX_EPOCH), "c0ffee 1970-01-01T00:00:00Z\n");
    }
}
