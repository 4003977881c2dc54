//! Logical ids of resources.

/// The logical id of a resource of `op`: `release-create` and `Role` make `ReleaseCreateRole`.
pub fn logical_id(op: &str, kind: &str) -> String {
    op.split('-').map(capitalised).chain([kind.to_owned()]).collect()
}

/// `word` with a capital.
fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_op_names_the_resource() {
        assert_eq!(logical_id("release-create", "Function"), "ReleaseCreateFunction");
        assert_eq!(logical_id("health", "Role"), "HealthRole");
    }
}
