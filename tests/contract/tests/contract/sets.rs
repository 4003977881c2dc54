//! The sets of names that have to be equal.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The OpenAPI document.
pub fn openapi() -> Value {
    let text = std::fs::read_to_string(workspace().join("docs/openapi.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The names of all operations.
fn operations() -> BTreeSet<String> {
    slipway_registry::operations().iter().map(|operation| operation.route().op.to_owned()).collect()
}

/// The names of all functions.
pub fn functions() -> BTreeSet<String> {
    operations()
        .into_iter()
        .chain(slipway_registry::jobs().iter().map(|job| job.name().to_owned()))
        .collect()
}

/// The names of the files in `directory` without their `ending`.
fn stems(directory: &Path, ending: &str) -> BTreeSet<String> {
    let files = std::fs::read_dir(directory)
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap());
    files.filter_map(|name| name.strip_suffix(ending).map(str::to_owned)).collect()
}

/// Names are the same thing in another spelling: `release-create` and `ReleaseCreateFunction`.
fn logical_id(op: &str) -> String {
    let words = op.split('-').map(|word| word[..1].to_uppercase() + &word[1..]);
    words.collect::<String>() + "Function"
}

#[test]
fn every_function_has_one_binary_in_the_package_that_the_registry_says() {
    let of = |directory: &str| {
        stems(&workspace().join("functions").join(directory).join("src/bin"), ".rs")
    };
    for package in slipway_registry::packages() {
        let operations = package.operations.iter().map(|operation| operation.route().op.to_owned());
        let jobs = package.jobs.iter().map(|job| job.name().to_owned());
        let named = operations.chain(jobs).collect();
        assert_eq!(of(package.directory), named, "functions/{}", package.directory);
    }
}

#[test]
fn every_package_of_functions_is_in_the_registry() {
    let packages = slipway_registry::packages();
    let registered: BTreeSet<_> =
        packages.iter().map(|package| package.directory.to_owned()).collect();
    assert_eq!(stems(&workspace().join("functions"), ""), registered);
}

#[test]
fn every_function_has_a_sample_event() {
    assert_eq!(stems(&workspace().join("events"), ".json"), functions());
}

#[test]
fn every_function_is_in_the_template() {
    let template = std::fs::read_to_string(workspace().join("template.yaml")).unwrap();
    // `Globals` has a `Function` of its own.
    let (_, resources) = template.split_once("\nResources:\n").unwrap();
    let resources = resources.lines().filter_map(|line| line.strip_prefix("  ")?.strip_suffix(':'));
    let found: BTreeSet<_> = resources
        .filter(|name| name.ends_with("Function") && !name.starts_with(' '))
        .map(str::to_owned)
        .collect();
    assert_eq!(found, functions().iter().map(|op| logical_id(op)).collect());
}

#[test]
fn every_operation_is_in_the_openapi_document() {
    let document = openapi();
    let paths = document["paths"]
        .as_object()
        .unwrap()
        .values()
        .flat_map(|path| path.as_object().unwrap().values());
    let found: BTreeSet<_> =
        paths.map(|operation| operation["operationId"].as_str().unwrap().to_owned()).collect();
    assert_eq!(found, operations());
}

#[test]
fn no_two_operations_have_the_same_route() {
    let routes: Vec<_> = slipway_registry::operations()
        .iter()
        .map(|operation| (operation.route().verb, operation.route().path))
        .collect();
    assert_eq!(routes.iter().collect::<BTreeSet<_>>().len(), routes.len());
}
