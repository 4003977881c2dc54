//! Names of types.

use std::collections::BTreeMap;

use super::SourceFile;

/// The type names that are declared more than once, each with the files that declare it.
pub fn ambiguous_names(files: &[SourceFile]) -> BTreeMap<&str, Vec<&str>> {
    let mut declared: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for file in files {
        for name in file.text.lines().filter_map(declaration) {
            declared.entry(name).or_default().push(&file.path);
        }
    }
    declared.retain(|_, files| files.len() > 1);
    declared
}

/// The name of the type, or trait, that `line` declares outside of functions and implementations.
fn declaration(line: &str) -> Option<&str> {
    let mut words = line.split_once(' ').filter(|(first, _)| !first.is_empty())?;
    if words.0.starts_with("pub") {
        words = words.1.split_once(' ')?;
    }
    if !["struct", "enum", "trait", "type", "union"].contains(&words.0) {
        return None;
    }
    words.1.split(|character: char| !character.is_alphanumeric() && character != '_').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_two_declarations_is_ambiguous_and_an_associated_type_is_none() {
        let file =
            |path: &str, text: &str| SourceFile { path: path.to_owned(), text: text.to_owned() };
        let files = [
            file(
                "a.rs",
                "pub struct Release {\n}\nimpl Endpoint for A {\n    type Input = ();\n}\n",
            ),
            file(
                "b.rs",
                "pub(crate) enum Release<T> {\n}\n    type Input = ();\nstruct Draft(u8);\n",
            ),
        ];
        assert_eq!(ambiguous_names(&files), BTreeMap::from([("Release", vec!["a.rs", "b.rs"])]));
    }
}
