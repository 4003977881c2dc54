//! Files that a command writes from the code, committed so that a change of them is read in review.

use std::path::PathBuf;

use crate::failure::{Failure, Result};
use crate::paths;

/// One generated file.
#[derive(Debug)]
pub struct Generated {
    /// Relative to the root of the workspace.
    pub path: String,
    /// What the file has to say, byte by byte.
    pub content: String,
}

impl Generated {
    /// The generated file `path` with `content`.
    pub fn new(path: impl Into<String>, content: String) -> Self {
        Self { path: path.into(), content }
    }

    /// Writes the file if it says something else, and tells on the terminal.
    pub fn write(&self) -> Result<()> {
        if self.committed() == self.content {
            return Ok(());
        }
        let path = self.paths();
        path.parent()
            .map_or(Ok(()), std::fs::create_dir_all)
            .map_err(|error| Failure::at(&path, error))?;
        std::fs::write(&path, &self.content).map_err(|error| Failure::at(&path, error))?;
        println!("wrote {}", self.path);
        Ok(())
    }

    /// How the committed file differs from what it has to say, if it does.
    pub fn difference(&self) -> Option<String> {
        difference(&self.committed(), &self.content).map(|said| format!("{}: {said}", self.path))
    }

    /// What the file says now; nothing if there is none.
    pub fn committed(&self) -> String {
        std::fs::read_to_string(self.paths()).unwrap_or_default()
    }

    /// The whole path.
    fn paths(&self) -> PathBuf {
        paths::root().join(&self.path)
    }
}

/// The first line in which `committed` and `generated` differ, and how many lines each has.
fn difference(committed: &str, generated: &str) -> Option<String> {
    if committed == generated {
        return None;
    }
    let line =
        committed.lines().zip(generated.lines()).take_while(|(left, right)| left == right).count();
    let [is, should] =
        [committed, generated].map(|text| text.lines().nth(line).unwrap_or("(the end)"));
    Some(format!(
        "line {} of {} (should be {})\n    is         {is}\n    should be  {should}",
        line + 1,
        committed.lines().count(),
        generated.lines().count()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_have_no_difference() {
        assert_eq!(difference("a\nb\n", "a\nb\n"), None);
    }

    #[test]
    fn the_first_differing_line_is_shown() {
        let said = difference("a\nb\nc\n", "a\nB\n").unwrap();
        assert_eq!(said, "line 2 of 3 (should be 2)\n    is         b\n    should be  B");
    }

    #[test]
    fn a_missing_end_is_a_difference() {
        assert!(difference("a\n", "a\nb\n").unwrap().contains("(the end)"));
    }
}
