//! Files and functions that are too long to be one thing.

use super::report::Coverage;
use crate::failure::{Failure, Result};
use crate::paths;
use crate::source::distribution::Distribution;
use crate::source::functions::functions;
use crate::source::{SourceFile, files};

/// The longest file, in lines.
const MAX_FILE: usize = 400;
/// The longest function, in lines.
const MAX_FUNCTION: usize = 60;
/// What nine of ten functions are at most, in lines.
const P90_FUNCTION: usize = 25;

/// Measures every source file, those of tests too.
pub fn run() -> Result<Coverage> {
    let files = files(&paths::root())?;
    let (functions, files) = (function_lengths(&files), file_lengths(&files));
    let of_functions = Distribution::of(functions.iter().map(|(length, _)| *length));
    let mut faults = [over(functions, MAX_FUNCTION), over(files, MAX_FILE)].concat();
    if of_functions.p90 > P90_FUNCTION {
        faults.push(format!("one function in ten is over {P90_FUNCTION} lines: {of_functions:?}"));
    }
    if faults.is_empty() { Ok(Coverage::full()) } else { Err(Failure::Wrong(faults.join("\n"))) }
}

/// The length of every function, with where it is.
fn function_lengths(files: &[SourceFile]) -> Vec<(usize, String)> {
    let of_file = |file| functions(file).into_iter().map(move |function| (file, function));
    let all = files.iter().flat_map(of_file);
    all.map(|(file, f)| (f.length, format!("{}:{}: fn {}", file.path, f.line, f.name))).collect()
}

/// The length of every file, with its path.
fn file_lengths(files: &[SourceFile]) -> Vec<(usize, String)> {
    files.iter().map(|file| (file.length(), file.path.clone())).collect()
}

/// A sentence on each that is over `limit`, the longest first.
fn over(mut lengths: Vec<(usize, String)>, limit: usize) -> Vec<String> {
    lengths.retain(|(length, _)| *length > limit);
    lengths.sort_by(|left, right| right.cmp(left));
    lengths
        .into_iter()
        .map(|(length, place)| format!("{place} has {length} lines; at most {limit}"))
        .collect()
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn the_longest_is_named_first() {
        let lengths = vec![(3, "a".to_owned()), (5, "b".to_owned()), (2, "c".to_owned())];
        assert_eq!(over(lengths, 2), ["b has 5 lines; at most 2", "a has 3 lines; at most 2"]);
    }
}
