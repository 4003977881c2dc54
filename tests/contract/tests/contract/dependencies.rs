//! What packages may depend on, directly or through others.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

use crate::sets::workspace;

/// Packages that compute and do nothing else: time, entropy and bytes are arguments.
const PURE: &[&str] = &["slipway-composition", "slipway-domain", "slipway-snapshot"];

/// How the names of packages begin that do input and output: AWS, HTTP, an executor.
const INPUT_AND_OUTPUT: &[&str] = &[
    "aws-", "lambda", "http", "hyper", "h2", "axum", "tower", "reqwest", "rustls", "tokio", "mio",
];

/// What each package brings along where it is linked: by name, the names of its dependencies.
struct DependencyGraph(BTreeMap<String, BTreeSet<String>>);

impl DependencyGraph {
    /// The graph that cargo has resolved, with the features that `Cargo.lock` and the manifests
    /// of the whole workspace give.
    fn resolved() -> Self {
        let output = Command::new(env!("CARGO"))
            .args(["metadata", "--format-version", "1", "--locked", "--offline"])
            .args(["--filter-platform", "x86_64-unknown-linux-gnu"])
            .current_dir(workspace())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
        let packages = metadata["packages"].as_array().unwrap().iter();
        let names: BTreeMap<_, _> = packages.map(|p| (text(&p["id"]), text(&p["name"]))).collect();
        let mut graph = BTreeMap::<_, BTreeSet<_>>::new();
        for node in metadata["resolve"]["nodes"].as_array().unwrap() {
            let linked = node["deps"].as_array().unwrap().iter().filter(|dep| is_linked(dep));
            let linked = linked.map(|dep| names[text(&dep["pkg"])].to_owned());
            graph.entry(names[text(&node["id"])].to_owned()).or_default().extend(linked);
        }
        Self(graph)
    }

    /// Everything that `package` links, with a way that leads there.
    fn closure(&self, package: &str) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        let mut open = vec![(package.to_owned(), package.to_owned())];
        while let Some((name, way)) = open.pop() {
            for dependency in &self.0[&name] {
                if !found.contains_key(dependency) {
                    let way = format!("{way} -> {dependency}");
                    found.insert(dependency.clone(), way.clone());
                    open.push((dependency.clone(), way));
                }
            }
        }
        found
    }

    /// Fails with the ways on which `package` links something whose name begins like one of
    /// `prefixes`.
    fn assert_free_of(&self, package: &str, prefixes: &[&str]) {
        let closure = self.closure(package);
        let ways: Vec<_> = closure
            .iter()
            .filter(|(name, _)| prefixes.iter().any(|prefix| name.starts_with(prefix)))
            .map(|(_, way)| way.as_str())
            .collect();
        assert!(ways.is_empty(), "{package} must not link:\n{}", ways.join("\n"));
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// Whether `dependency` ends up in what is built, as test and build dependencies do not.
fn is_linked(dependency: &Value) -> bool {
    dependency["dep_kinds"].as_array().unwrap().iter().any(|kind| kind["kind"].is_null())
}

#[test]
fn the_pure_packages_know_no_aws_no_http_and_no_executor() {
    let graph = DependencyGraph::resolved();
    for package in PURE {
        graph.assert_free_of(package, INPUT_AND_OUTPUT);
    }
}

#[test]
fn signing_knows_no_aws() {
    DependencyGraph::resolved().assert_free_of("slipway-signing", &["aws-", "lambda"]);
}

#[test]
fn the_command_and_its_http_client_link_no_aws_sdk() {
    let graph = DependencyGraph::resolved();
    for package in ["slipway-cli", "slipway-outbound"] {
        graph.assert_free_of(package, &["aws-", "lambda"]);
    }
}

/// Who looks for credentials elsewhere than in the environment links a client of STS: a third of
/// what a function does at its start.
#[test]
fn functions_link_no_credential_chain() {
    let graph = DependencyGraph::resolved();
    let chain = ["aws-config", "aws-sdk-sts", "aws-sdk-sso", "aws-sdk-signin"];
    for package in ["slipway-registry", "slipway-edge", "slipway-local"] {
        graph.assert_free_of(package, &chain);
    }
}

#[test]
fn what_a_package_links_through_others_is_found() {
    let closure = DependencyGraph::resolved().closure("slipway-catalog");
    assert!(closure["aws-smithy-types"].starts_with("slipway-catalog -> "), "{closure:#?}");
    // Of the domain's tests, which nothing links.
    assert!(!closure.contains_key("proptest"));
}
