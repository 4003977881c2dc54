//! Code that only tests run.

use super::{SourceFile, item_length};

/// How many lines of `file` are test code: all of them in a directory `tests`, and elsewhere those
/// of its modules `#[cfg(test)]`.
pub fn test_lines(file: &SourceFile) -> usize {
    if file.path.split('/').any(|directory| directory == "tests") {
        return file.length();
    }
    let lines: Vec<_> = file.text.lines().collect();
    let starts = lines.iter().enumerate().filter(|(_, line)| **line == "#[cfg(test)]");
    starts
        .filter_map(|(index, _)| item_length(lines.get(index + 1..)?))
        .map(|length| length + 1)
        .sum()
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn test_code_is_a_directory_of_tests_or_a_module_of_tests() {
        let text = "fn f() {}\n\n#[cfg(test)]\nmod tests {\n    fn g() {}\n}\n".to_owned();
        let lines =
            |path: &str| test_lines(&SourceFile { path: path.to_owned(), text: text.clone() });
        assert_eq!(lines("shared/domain/src/id.rs"), 4);
        assert_eq!(lines("cli/tests/mirror/sync.rs"), 6);
    }
}
