//! `template.yaml`: its functions and routes, from the registry. The rest of it is written by hand.

mod api;
mod function;
pub mod limits;
mod log_group;
mod name;
mod package;
mod role;
mod statement;

use crate::description::Lambda;
use crate::failure::{Failure, Result};
use crate::generated::Generated;
use crate::paths;
use crate::template::function::Invokers;

/// The template with a function and a role for each of `lambdas`, with their routes, and with what
/// the functions of a package share.
pub fn generate(lambdas: &[Lambda]) -> Result<Generated> {
    let path = paths::root().join("template.yaml");
    let standing = std::fs::read_to_string(&path).map_err(|error| Failure::at(&path, error))?;
    let packages =
        lambdas.iter().map(|lambda| package::of(&lambda.op)).collect::<Result<Vec<_>>>()?;
    let functions: Vec<_> = lambdas.iter().zip(packages).collect();
    let resources = functions.iter().map(|(lambda, package)| {
        function::resources(lambda, package, Invokers::of(lambda, lambdas))
    });
    let shared = api::invokers(&functions).into_iter().chain(log_group::resources(&functions));
    let resources: Vec<_> = resources.chain(shared).collect();
    let template = with_section(&standing, "routes", &api::paths(&functions))?;
    let template = with_section(&template, "functions", &resources.join("\n"))?;
    Ok(Generated::new("template.yaml", template))
}

/// `template` with `text` in its section `name`: between the line that begins with the mark
/// `# <name>` and the one that ends it, `# </name>`.
fn with_section(template: &str, name: &str, text: &str) -> Result<String> {
    let lacking = |mark: &str| Failure::Wrong(format!("template.yaml lacks the mark {mark}"));
    let (begin, end) = (format!("# <{name}>"), format!("# </{name}>"));
    let from = template.find(&begin).ok_or_else(|| lacking(&begin))?;
    let (before, rest) = template.split_at(from);
    let (mark, rest) = rest.split_once('\n').ok_or_else(|| lacking(&end))?;
    let (section, after) = rest.split_once(&end).ok_or_else(|| lacking(&end))?;
    let indentation = section.rsplit('\n').next().unwrap_or_default();
    Ok([before, mark, "\n", text, indentation, &end, after].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_section_replaces_what_stood_between_the_marks() {
        let template = |section| format!("a\n  # <b> by hand: no\n{section}  # </b>\nc\n");
        let replaced = with_section(&template("  old\n"), "b", "  new\n").unwrap();
        assert_eq!(replaced, template("  new\n"));
    }

    /// What a function reads from its environment; private keys are files on the local stack alone.
    fn settings() -> Vec<String> {
        let source = paths::root().join("shared/edge/src/services.rs");
        let source = std::fs::read_to_string(source).unwrap();
        let settings = source
            .split("/// `SLIPWAY_")
            .skip(1)
            .filter_map(|text| Some(format!("SLIPWAY_{}", text.split('`').next()?)));
        settings
            .filter(|name| {
                !matches!(name.as_str(), "SLIPWAY_KEY_DIRECTORY" | "SLIPWAY_SECRET_DIRECTORY")
            })
            .collect()
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
    fn what_every_client_asks_and_what_ends_a_release_can_have_executions_kept() {
        let template = std::fs::read_to_string(paths::root().join("template.yaml")).unwrap();
        for parameter in ["DecisionConcurrency", "RevocationConcurrency"] {
            let property = format!("ReservedConcurrentExecutions: !If [Has{parameter}, ");
            assert_eq!(template.matches(&property).count(), 1, "{parameter}");
        }
    }

    #[test]
    fn a_template_without_marks_is_refused() {
        for template in ["before\nafter\n", "before\n# <b>\n", "# </b>\n# <b>\n"] {
            assert!(with_section(template, "b", "new\n").is_err(), "{template}");
        }
    }
}
