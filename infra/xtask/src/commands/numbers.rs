//! `cargo xtask numbers`: what the sources measure, to compare one state with another.

use std::path::PathBuf;

use super::Command;
use crate::paths;
use crate::source::distribution::Distribution;
use crate::source::functions::functions;
use crate::source::{SourceFile, files, tests, types};

/// The command.
pub const COMMAND: Command = Command {
    name: "numbers",
    about: "print what the sources measure; with a path, those of another checkout",
    run: |arguments| {
        let root = arguments.first().map_or_else(paths::root, PathBuf::from);
        print!("{}", table(&files(&root)?));
        Ok(())
    },
};

/// The measures of `files`, one in a line.
fn table(files: &[SourceFile]) -> String {
    let lengths = |distribution: Distribution| {
        let Distribution { count, median, p90, max } = distribution;
        format!("{count} (median {median}, p90 {p90}, max {max} lines)")
    };
    let sum = |of: fn(&SourceFile) -> usize| files.iter().map(of).sum::<usize>().to_string();
    let functions = files.iter().flat_map(functions).map(|function| function.length);
    let rows = [
        ("functions", lengths(Distribution::of(functions))),
        ("files", lengths(Distribution::of(files.iter().map(SourceFile::length)))),
        ("lines", sum(SourceFile::length)),
        ("lines of documentation", sum(SourceFile::doc_lines)),
        ("lines of test code", sum(tests::test_lines)),
        ("type names with two meanings", types::ambiguous_names(files).len().to_string()),
    ];
    rows.map(|(name, value)| format!("{name:<30}{value}\n")).concat()
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn every_measure_has_a_line() {
        let text = "//! Doc.\nfn f() {\n}\n".to_owned();
        let table = table(&[SourceFile { path: "cli/src/a.rs".to_owned(), text }]);
        assert_eq!(
            table.lines().next(),
            Some("functions                     1 (median 2, p90 2, max 2 lines)")
        );
        assert_eq!(table.lines().count(), 6);
    }
}
