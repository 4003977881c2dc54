//! The stages of `cargo xtask test`, one file for each tool that they use.

mod cargo;
mod deny;
mod deployed;
mod fuzz;
mod local_stack;
mod openapi;
mod report;
mod size;
mod template;
mod tests;
mod unit;

use std::time::Instant;

use crate::commands::check;
use crate::description::Description;
use crate::failure::{Failure, Result};
use crate::last_green;
use crate::tools::ToolPolicy;
use report::{Coverage, StageOutcome, StageReport};

/// One stage.
struct Stage {
    /// As `cargo xtask test NAME` takes it.
    name: &'static str,
    /// What holds when it passes.
    about: &'static str,
    /// Runs it.
    run: fn() -> Result<Coverage>,
    /// What becomes of the later stages if it fails.
    on_failure: OnFailure,
}

/// What the failure of a stage means for the later ones.
#[derive(PartialEq, Eq)]
enum OnFailure {
    /// Later stages run, so that one run shows every failure.
    Continue,
    /// Later stages need what it makes, so none of them runs.
    Stop,
}

/// Every stage of the whole test, in the order in which they run.
const ALL: &[Stage] = &[
    stage("fmt", "the code is formatted", cargo::fmt),
    stage("size", "no file and no function is too long", size::run),
    stage("clippy", "no lint fires, pedantic ones included", cargo::clippy),
    stage("doc", "the documentation builds without a warning", cargo::doc),
    Stage {
        name: "build",
        about: "every function and the local stack build",
        run: cargo::build,
        on_failure: OnFailure::Stop,
    },
    stage("generated", "the generated files are what the code makes of them", || {
        generated(Description::built)
    }),
    stage("tests", "the test suite passes", tests::suite),
    stage("doctests", "the examples in the documentation work", cargo::doctests),
    stage("deny", "licences, sources and advisories of the dependencies", deny::deny),
    stage("unused", "no package names a dependency that it does not use", || {
        deny::unused(ToolPolicy::Install)
    }),
    stage("template", "sam, cfn-lint and parliament accept template.yaml", || {
        template::run(ToolPolicy::Install)
    }),
    stage("openapi", "redocly and spectral accept docs/openapi.json", openapi::run),
    stage("fuzz", "schemathesis finds no 5xx and no answer that breaks the schema", fuzz::run),
    stage("deployed", "the main job works as template.yaml deploys it", deployed::run),
];

/// The stages of `--quick`. They install nothing: a tool that is not there yet is skipped by name.
const QUICK: &[Stage] = &[
    stage("fmt", "the code is formatted", cargo::fmt),
    stage("size", "no file and no function is too long", size::run),
    // Of the whole workspace: cargo checks again only what changed and what depends on it. A
    // selection of packages would have features of its own, and dependencies compiled for them.
    stage("clippy", "no lint fires, pedantic ones included", cargo::clippy),
    stage("unit", "the unit tests of the changed packages pass", unit::run_changed),
    stage("generated", "the generated files are what the code makes of them", || {
        generated(Description::fresh)
    }),
    stage("unused", "no package names a dependency that it does not use", || {
        deny::unused(ToolPolicy::UseInstalled)
    }),
    stage("template", "sam, cfn-lint and parliament accept template.yaml", || {
        template::run(ToolPolicy::UseInstalled)
    }),
];

/// A stage without which the others can run.
const fn stage(name: &'static str, about: &'static str, run: fn() -> Result<Coverage>) -> Stage {
    Stage { name, about, run, on_failure: OnFailure::Continue }
}

/// Runs every stage, and records the commit if all of them passed on it.
pub fn run_all() -> Result<()> {
    let before = last_green::clean_commit();
    let reports = run_each(ALL);
    let outcome = report::summary(&reports);
    match last_green::record(before, report::covers_everything(&reports)) {
        Ok(commit) => println!("target/last-green: {commit}"),
        Err(reason) => println!("target/last-green is not written: {reason}"),
    }
    outcome
}

/// Runs what takes less than three minutes after a change: what to run before each commit.
pub fn run_quick() -> Result<()> {
    report::summary(&run_each(QUICK))
}

/// Runs the stages that `names` name.
pub fn run_named(names: &[String]) -> Result<()> {
    report::summary(&run_each(select(names)?))
}

/// Runs `stages` in order, up to the first failure without which nothing else can run.
fn run_each(stages: impl IntoIterator<Item = &'static Stage>) -> Vec<StageReport> {
    let mut reports = Vec::new();
    for stage in stages {
        let report = run_one(stage);
        let stop = stage.on_failure == OnFailure::Stop
            && matches!(report.outcome, StageOutcome::Failed(_));
        reports.push(report);
        if stop {
            println!("nothing else can run without this stage");
            break;
        }
    }
    reports
}

/// The stages that `names` name, in the order in which stages run.
fn select(names: &[String]) -> Result<Vec<&'static Stage>> {
    let unknown = names.iter().find(|name| !ALL.iter().any(|stage| stage.name == name.as_str()));
    if let Some(unknown) = unknown {
        let known: Vec<_> = ALL.iter().map(|stage| stage.name).collect();
        return Err(Failure::Wrong(format!(
            "there is no stage {unknown}; there are {}",
            known.join(", ")
        )));
    }
    Ok(ALL.iter().filter(|stage| names.iter().any(|name| name == stage.name)).collect())
}

/// Runs `stage` and tells what came of it.
fn run_one(stage: &Stage) -> StageReport {
    println!("\n== {}: {}", stage.name, stage.about);
    let start = Instant::now();
    let outcome = StageOutcome::of((stage.run)(), ci());
    let report = StageReport { name: stage.name, outcome, duration: start.elapsed() };
    println!("{}", report.last_lines());
    report
}

/// Whether this is CI, where nothing may be skipped.
fn ci() -> bool {
    std::env::var("CI").is_ok_and(|value| !["", "0", "false"].contains(&value.as_str()))
}

/// `cargo xtask check`, on the description that `describe` gives.
fn generated(describe: fn() -> Result<Description>) -> Result<Coverage> {
    check::generated(&describe()?).map(|()| Coverage::full())
}

#[cfg(test)]
mod selection {
    use super::*;

    #[test]
    fn names_choose_stages_and_keep_their_order() {
        let names = ["deny".to_owned(), "fmt".to_owned()];
        let stages: Vec<_> = select(&names).unwrap().iter().map(|stage| stage.name).collect();
        assert_eq!(stages, ["fmt", "deny"]);
    }

    #[test]
    fn an_unknown_stage_is_refused_with_the_known_ones() {
        let failure = select(&["lint".to_owned()]).err().unwrap();
        assert!(
            failure.to_string().starts_with("there is no stage lint; there are fmt, "),
            "{failure}"
        );
    }
}
