//! The tests lie where the handlers lie: `functions/<package>/src/<verb>.rs` is tested in
//! `<package>/<verb>.rs` beside this folder, and in `<package>/<verb>_<topic>.rs` where one file
//! would be too long.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

/// The source files in `directory`, without their ending.
fn sources(directory: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(directory).into_iter().flatten();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter_map(|name| Some(name.strip_suffix(".rs")?.to_owned())).collect()
}

/// The source files of a package of functions, by name.
fn package_sources(package: &str) -> BTreeMap<String, String> {
    let directory = workspace().join("functions").join(package).join("src");
    let read = |name: String| {
        let source = std::fs::read_to_string(directory.join(format!("{name}.rs"))).unwrap();
        (name, source)
    };
    sources(&directory).into_iter().map(read).collect()
}

/// The files of a package of functions that hold a handler, and how many operations each has: one,
/// or where a verb is the same on several levels, one on each.
fn handlers(package: &str) -> BTreeMap<String, usize> {
    let sources = package_sources(package);
    let levels = sources.values().map(|source| source.matches("\nimpl Level for ").count()).sum();
    let operations = |source: &String| match source {
        _ if source.contains("impl Endpoint for") => Some(1),
        _ if source.contains("impl<L: Level> Endpoint for") => Some(levels),
        _ => None,
    };
    let handlers = sources.iter();
    handlers.filter_map(|(name, source)| Some((name.clone(), operations(source)?))).collect()
}

/// The files with tests of a package's operations.
fn tests(package: &str) -> BTreeSet<String> {
    let directory = workspace().join("tests/api/tests/api").join(package);
    let mut names = sources(&directory);
    names.remove("mod");
    names
}

#[test]
fn every_handler_has_a_file_of_tests_and_every_file_of_tests_a_handler() {
    for package in slipway_registry::packages() {
        let (handlers, tests) = (handlers(package.directory), tests(package.directory));
        let operations: usize = handlers.values().sum();
        assert_eq!(operations, package.operations.len(), "functions/{}", package.directory);
        let handlers: BTreeSet<_> = handlers.into_keys().collect();
        let missing: Vec<_> = handlers.difference(&tests).collect();
        assert!(missing.is_empty(), "{}: no tests for {missing:?}", package.directory);
        for test in &tests {
            let belongs = |handler: &String| {
                test.strip_prefix(handler.as_str())
                    .is_some_and(|topic| topic.is_empty() || topic.starts_with('_'))
            };
            assert!(handlers.iter().any(belongs), "{}: {test} tests nothing", package.directory);
        }
    }
}

#[test]
fn every_file_of_tests_has_a_test() {
    for package in slipway_registry::packages() {
        for test in tests(package.directory) {
            let path = format!("tests/api/tests/api/{}/{test}.rs", package.directory);
            let source = std::fs::read_to_string(workspace().join(&path)).unwrap();
            assert!(source.contains("test]\n"), "{path} has no test");
        }
    }
}
