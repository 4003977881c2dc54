//! Why a command stopped.

use std::fmt;
use std::path::Path;

/// What every fallible step of a command returns.
pub type Result<T> = std::result::Result<T, Failure>;

/// A sentence for the person who called the command, and whether the machine or the project is to
/// blame.
#[derive(Debug, PartialEq, Eq)]
pub enum Failure {
    /// The machine lacks something: a program, a network. Off CI the part that needs it is skipped
    /// by name.
    Missing(String),
    /// Something is wrong with the project.
    Wrong(String),
}

impl Failure {
    /// A failure of the project, in the words of `said`.
    pub fn wrong(said: impl fmt::Display) -> Self {
        Self::Wrong(said.to_string())
    }

    /// Reading or writing `path` failed.
    pub fn at(path: &Path, error: impl fmt::Display) -> Self {
        Self::Wrong(format!("{}: {error}", path.display()))
    }

    /// The same failure, blamed on the machine.
    pub fn missing(self) -> Self {
        match self {
            Self::Missing(said) | Self::Wrong(said) => Self::Missing(said),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(said) | Self::Wrong(said) => f.write_str(said),
        }
    }
}

impl From<fmt::Error> for Failure {
    fn from(error: fmt::Error) -> Self {
        Self::wrong(error)
    }
}
