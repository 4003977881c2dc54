//! The sets of names that have to be equal.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;
use slipway_edge::Trigger;
use slipway_edge::default_route::RouteTable;
use slipway_edge::dispatch::DISPATCHED;

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
    let packages = slipway_registry::packages();
    packages.iter().flat_map(|package| package.functions()).map(str::to_owned).collect()
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
        let named = package.functions().into_iter().map(str::to_owned).collect();
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

/// The filters of the event sources that read the table's stream.
fn filters_of_the_stream() -> Vec<String> {
    let template = std::fs::read_to_string(workspace().join("template.yaml")).unwrap();
    let sources = template.split("Stream: !GetAtt Table.StreamArn").skip(1);
    let filter = |source: &str| {
        source.lines().find(|line| line.contains("FilterCriteria:")).unwrap().to_owned()
    };
    sources.map(filter).collect()
}

/// DynamoDB bears two readers of a shard before it throttles them:
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html>.
#[test]
fn the_stream_of_the_table_has_two_readers_at_most_and_every_row_for_a_job_has_one() {
    let filters = filters_of_the_stream();
    assert!((1..=2).contains(&filters.len()), "{filters:?}");
    for job in slipway_registry::jobs() {
        let prefix = match job.trigger() {
            Trigger::RowsInserted { prefix } => prefix,
            Trigger::RowsDispatched(rows) => rows.prefix,
            _ => continue,
        };
        let matcher = format!("{{\"prefix\":\"{prefix}\"}}");
        let readers = filters.iter().filter(|filter| filter.contains(&matcher));
        assert_eq!(readers.count(), 1, "{}: {prefix}", job.name());
    }
}

#[test]
fn the_dispatcher_starts_the_jobs_that_say_so() {
    let jobs = slipway_registry::jobs();
    let started = jobs.iter().filter_map(|job| match job.trigger() {
        Trigger::RowsDispatched(rows) => Some((job.name(), rows.prefix)),
        _ => None,
    });
    let listed = DISPATCHED.iter().map(|rows| (rows.job, rows.prefix));
    assert_eq!(started.collect::<BTreeSet<_>>(), listed.collect());
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

/// The routes in the template, such as `GET /v1/products`, and the functions that answer them.
fn routes_of_the_template() -> Vec<(String, String)> {
    let template = std::fs::read_to_string(workspace().join("template.yaml")).unwrap();
    let (_, section) = template.split_once("# <routes>").unwrap();
    let (section, _) = section.split_once("# </routes>").unwrap();
    let mut path = String::new();
    let mut routes = Vec::new();
    for line in section.lines().map(str::trim) {
        if let Some((_, of_path)) = line.strip_suffix("\":").and_then(|line| line.split_once('"')) {
            of_path.clone_into(&mut path);
        } else if let Some((method, integration)) = line.split_once(": {") {
            let (_, function) = integration.split_once("functions/${").unwrap();
            let (function, _) = function.split_once(".Arn}").unwrap();
            let method = method.replace("x-amazon-apigateway-any-method", "ANY").to_uppercase();
            routes.push((format!("{method} {path}"), function.to_owned()));
        }
    }
    routes
}

#[test]
fn the_template_routes_every_operation_head_beside_get_and_the_rest_to_the_default() {
    let operations = slipway_registry::operations();
    let mut expected: Vec<_> = operations
        .iter()
        .flat_map(|operation| {
            let route = operation.route();
            let methods = route.verb.routed().iter();
            methods.map(move |method| (format!("{method} {}", route.path), logical_id(route.op)))
        })
        .chain([("ANY /$default".to_owned(), "DefaultRouteFunction".to_owned())])
        .collect();
    let mut found = routes_of_the_template();
    expected.sort();
    found.sort();
    assert_eq!(found, expected);
    assert!(found.iter().any(|(route, _)| route == "HEAD /v1/products"), "{found:?}");
    // Of an HTTP API, without asking for more:
    // https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
    assert!(found.len() <= 300, "{} routes", found.len());
}

#[test]
fn the_default_route_knows_the_routes_of_all_operations() {
    let operations = RouteTable::of(&slipway_registry::operations());
    assert_eq!(RouteTable::from_openapi(slipway_service::OPENAPI).unwrap(), operations);
}
