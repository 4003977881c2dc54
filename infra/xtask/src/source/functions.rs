//! Functions and their lengths.

use super::{SourceFile, item_length};

/// One function with a body.
pub struct Function {
    /// Its name.
    pub name: String,
    /// The line of its signature, counted from one.
    pub line: usize,
    /// How many lines it takes, from its signature to its last brace.
    pub length: usize,
}

/// What may stand before `fn`.
const QUALIFIERS: &[&str] =
    &["pub", "pub(crate)", "pub(super)", "default", "const", "async", "unsafe", "extern", "\"C\""];

/// The functions of `file`, with those that are inside others.
pub fn functions(file: &SourceFile) -> Vec<Function> {
    let lines: Vec<_> = file.text.lines().collect();
    let starts = lines.iter().enumerate();
    let found = starts.filter_map(|(index, line)| {
        let name = name(line)?.to_owned();
        let length = item_length(lines.get(index..)?)?;
        Some(Function { name, line: index + 1, length })
    });
    found.collect()
}

/// The name of the function that begins on `line`.
fn name(line: &str) -> Option<&str> {
    let mut rest = line.trim_start();
    loop {
        let (word, after) = rest.split_once(' ')?;
        if word == "fn" {
            return after.split(['(', '<']).next();
        }
        if !QUALIFIERS.contains(&word) {
            return None;
        }
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "\
/// A one.
pub async fn one(&self) {}

impl Trait for Type {
    fn two<T>(
        a: T,
    ) -> Option<T>
    where
        T: Copy,
    {
        if true {
            fn inner() -> u8 { 1 }
        }

        Some(a)
    }

    fn declared(&self);
    fn declared_long(
        &self,
    ) -> u8;
}
";

    #[test]
    fn a_function_is_as_long_as_the_lines_from_its_signature_to_its_brace() {
        let file = SourceFile { path: "x.rs".to_owned(), text: SOURCE.to_owned() };
        let found: Vec<_> =
            functions(&file).into_iter().map(|f| (f.name, f.line, f.length)).collect();
        let expected = [("one", 2, 1), ("two", 5, 12), ("inner", 12, 1)];
        assert_eq!(found, expected.map(|(name, line, length)| (name.to_owned(), line, length)));
    }
}
