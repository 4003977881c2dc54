//! `template.yaml`: its function section, from the routes and grants. The rest of it is written by
//! hand.

mod function;
mod name;
mod package;
mod statement;

use crate::description::Lambda;
use crate::failure::{Failure, Result};
use crate::generated::Generated;
use crate::paths;
use crate::template::function::Invokers;

/// The line after which the generated section begins.
const BEGIN: &str =
    "  # <functions> written by `cargo xtask template` from the routes: do not edit\n";
/// The line before which it ends.
const END: &str = "  # </functions>\n";

/// The template with a function, a role and a log group for each of `lambdas`.
pub fn generate(lambdas: &[Lambda]) -> Result<Generated> {
    let path = paths::root().join("template.yaml");
    let standing = std::fs::read_to_string(&path).map_err(|error| Failure::at(&path, error))?;
    let sections = lambdas.iter().map(|lambda| section(lambda, Invokers::of(lambda, lambdas)));
    let functions = sections.collect::<Result<Vec<_>>>()?;
    Ok(Generated::new("template.yaml", with_section(&standing, &functions.join("\n"))?))
}

/// The part of the generated section that is about `lambda`.
fn section(lambda: &Lambda, invokers: Invokers) -> Result<String> {
    Ok(function::resources(lambda, &package::of(&lambda.op)?, invokers))
}

/// `template` with `section` between its marks.
fn with_section(template: &str, section: &str) -> Result<String> {
    let (before, rest) = template
        .split_once(BEGIN)
        .ok_or_else(|| Failure::Wrong(format!("template.yaml lacks the line {BEGIN}")))?;
    let (_, after) = rest
        .split_once(END)
        .ok_or_else(|| Failure::Wrong(format!("template.yaml lacks the line {END}")))?;
    Ok([before, BEGIN, section, END, after].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_section_replaces_what_stood_between_the_marks() {
        let template = format!("before\n{BEGIN}old\n{END}after\n");
        assert_eq!(
            with_section(&template, "new\n").unwrap(),
            format!("before\n{BEGIN}new\n{END}after\n")
        );
    }

    /// What a function reads from its environment; private keys are files on the local stack alone.
    fn settings() -> Vec<String> {
        let source = paths::root().join("shared/edge/src/services.rs");
        let source = std::fs::read_to_string(source).unwrap();
        let settings = source
            .split("/// `SLIPWAY_")
            .skip(1)
            .filter_map(|text| Some(format!("SLIPWAY_{}", text.split('`').next()?)));
        settings.filter(|name| name != "SLIPWAY_KEY_DIRECTORY").collect()
    }

    #[test]
    fn the_template_sets_what_functions_read() {
        let template = std::fs::read_to_string(paths::root().join("template.yaml")).unwrap();
        let settings = settings();
        assert!(settings.len() > 8, "{settings:?}");
        for name in settings {
            assert!(template.contains(&format!("        {name}: ")), "{name} has no parameter");
        }
    }

    #[test]
    fn a_template_without_marks_is_refused() {
        assert!(with_section("before\nafter\n", "new\n").is_err());
    }
}
