//! The stages of `cargo xtask test`, one file for each tool that they use.

mod cargo;
mod deny;
mod fuzz;
mod local_stack;
mod openapi;
mod report;
mod template;
mod tests;

use std::time::Instant;

use crate::commands::check;
use crate::description::Description;
use crate::failure::{Failure, Result};
use report::{StageOutcome, StageReport};

/// One stage.
struct Stage {
    /// As `cargo xtask test NAME` takes it.
    name: &'static str,
    /// What holds when it passes.
    about: &'static str,
    /// Runs it. What it returns is a remark for the summary, often empty.
    run: fn() -> Result<String>,
    /// What later stages do if it fails.
    weight: FailureEffect,
}

/// What the failure of a stage means for the later ones.
#[derive(PartialEq, Eq)]
enum FailureEffect {
    /// Later stages run, so that one run shows every failure.
    Single,
    /// Later stages need what it makes, so nothing else runs.
    Gate,
}

/// Every stage, in the order in which they run.
const STAGES: &[Stage] = &[
    single("fmt", "the code is formatted", cargo::fmt),
    single("clippy", "no lint fires, pedantic ones included", cargo::clippy),
    single("doc", "the documentation builds without a warning", cargo::doc),
    Stage {
        name: "build",
        about: "every function and the local stack build",
        run: cargo::build,
        weight: FailureEffect::Gate,
    },
    single("generated", "the generated files are what the code makes of them", generated),
    single("tests", "the test suite passes", tests::suite),
    single("doctests", "the examples in the documentation work", cargo::doctests),
    single("deny", "licences, sources and advisories of the dependencies", deny::deny),
    single("unused", "no package names a dependency that it does not use", deny::unused),
    single("template", "sam, cfn-lint and parliament accept template.yaml", template::run),
    single("openapi", "redocly and spectral accept docs/openapi.json", openapi::run),
    single("fuzz", "schemathesis finds no 5xx and no answer that breaks the schema", fuzz::run),
];

/// A stage without which the others can run.
const fn single(name: &'static str, about: &'static str, run: fn() -> Result<String>) -> Stage {
    Stage { name, about, run, weight: FailureEffect::Single }
}

/// Runs the stages that `names` name, or all of them.
pub fn run(names: &[String]) -> Result<()> {
    let stages = chosen(names)?;
    let mut entries = Vec::new();
    for stage in stages {
        let entry = one(stage);
        let stop =
            stage.weight == FailureEffect::Gate && matches!(entry.verdict, StageOutcome::Failed(_));
        entries.push(entry);
        if stop {
            println!("nothing else can run without this stage");
            break;
        }
    }
    report::summary(&entries)
}

/// The stages that `names` name, in the order in which stages run; all of them if there are no
/// names.
fn chosen(names: &[String]) -> Result<Vec<&'static Stage>> {
    if let Some(unknown) =
        names.iter().find(|name| !STAGES.iter().any(|stage| stage.name == name.as_str()))
    {
        let known: Vec<_> = STAGES.iter().map(|stage| stage.name).collect();
        return Err(Failure::Wrong(format!(
            "there is no stage {unknown}; there are {}",
            known.join(", ")
        )));
    }
    Ok(STAGES
        .iter()
        .filter(|stage| names.is_empty() || names.iter().any(|name| name == stage.name))
        .collect())
}

/// Runs `stage` and tells what came of it.
fn one(stage: &Stage) -> StageReport {
    println!("\n== {}: {}", stage.name, stage.about);
    let start = Instant::now();
    let verdict = StageOutcome::of((stage.run)(), ci());
    let entry = StageReport { name: stage.name, verdict, took: start.elapsed() };
    println!("{}", entry.line());
    entry
}

/// Whether this is CI, where nothing may be skipped.
fn ci() -> bool {
    std::env::var("CI").is_ok_and(|value| !["", "0", "false"].contains(&value.as_str()))
}

/// `cargo xtask check`, on what the stage `build` has built.
fn generated() -> Result<String> {
    check::generated(&Description::built()?).map(|()| String::new())
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn without_names_every_stage_runs() {
        assert_eq!(chosen(&[]).unwrap().len(), STAGES.len());
    }

    #[test]
    fn names_choose_stages_and_keep_their_order() {
        let names = ["deny".to_owned(), "fmt".to_owned()];
        let stages: Vec<_> = chosen(&names).unwrap().iter().map(|stage| stage.name).collect();
        assert_eq!(stages, ["fmt", "deny"]);
    }

    #[test]
    fn an_unknown_stage_is_refused_with_the_known_ones() {
        let failure = chosen(&["lint".to_owned()]).err().unwrap();
        assert!(
            failure.to_string().starts_with("there is no stage lint; there are fmt, "),
            "{failure}"
        );
    }
}
