//! `docs/PERMISSIONS.md`: what each function may do, and what it did.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;

use crate::failure::{Failure, Result};
use crate::generated::Generated;

/// The file.
const FILE: &str = "docs/PERMISSIONS.md";
/// Set, the stage writes the file instead of comparing it.
const UPDATE: &str = "UPDATE_PERMISSIONS";
/// Statements about which the emulator asks nobody: Lambda itself uses them, for the function or
/// to start it.
const NOT_ASKED: [&str; 5] =
    ["WriteLogs", "TellFailures", "ReadStream", "ListStreams", "AnswerRequests"];

/// The actions of a role, by its name in the template.
type Actions = BTreeMap<String, BTreeSet<String>>;

/// Compares the file with what the template at `transformed` grants and the functions have used,
/// and says how much was used.
pub fn check(transformed: &Path, used: &Actions) -> Result<String> {
    let text =
        std::fs::read_to_string(transformed).map_err(|error| Failure::at(transformed, error))?;
    let template: Value =
        serde_json::from_str(&text).map_err(|error| Failure::at(transformed, error))?;
    let granted = granted(&template);
    let file = Generated::new(FILE, document(&granted, used)?);
    if std::env::var_os(UPDATE).is_some() {
        file.write()?;
    }
    file.difference().map_or(Ok(()), |said| {
        let run = format!("run `{UPDATE}=1 cargo xtask test deployed` and commit what it wrote");
        Err(Failure::Wrong(format!("{said}\n    {run}")))
    })?;
    let [used, granted] = counts(&granted, used);
    Ok(format!("{used} of {granted} granted actions used"))
}

/// What the template grants each function's role.
fn granted(template: &Value) -> Actions {
    let resources = template["Resources"].as_object().into_iter().flatten();
    resources
        .filter(|(_, resource)| resource["Type"] == "AWS::IAM::Role")
        .map(|(name, role)| (name.clone(), actions(role)))
        .filter(|(_, actions)| !actions.is_empty())
        .collect()
}

/// The actions of all statements of a role that the emulator evaluates.
fn actions(role: &Value) -> BTreeSet<String> {
    let policies = role["Properties"]["Policies"].as_array().into_iter().flatten();
    let statements =
        policies.flat_map(|policy| policy["PolicyDocument"]["Statement"].as_array()).flatten();
    let asked = statements
        .filter(|statement| !NOT_ASKED.iter().any(|not_asked| statement["Sid"] == *not_asked));
    let actions = asked.filter_map(|statement| statement["Action"].as_array()).flatten();
    actions.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The file.
fn document(granted: &Actions, used: &Actions) -> Result<String> {
    let none = BTreeSet::new();
    let [count, of] = counts(granted, used);
    let mut text = String::from(HEAD);
    writeln!(text, "{count} of {of} granted actions were used.\n")?;
    text.push_str("| role | used | granted, not used |\n|---|---|---|\n");
    for (role, granted) in granted {
        let used = used.get(role).unwrap_or(&none);
        let unused = granted - used;
        writeln!(text, "| {role} | {} | {} |", list(&(granted & used)), list(&unused))?;
    }
    Ok(text)
}

/// What the file begins with.
const HEAD: &str = "# Permissions

Written by `UPDATE_PERMISSIONS=1 cargo xtask test deployed`: what the role of each function is granted in template.yaml, and which of it the
scenarios of `tests/deployed` used, as IAM decided about each call of the functions. A call that no statement covers fails the stage.
What is granted and not used is listed, and does not fail it: the scenarios don't walk through every branch of each operation.

Not listed is what Lambda and API Gateway do with a role, about which the emulator asks nobody: writing logs, reading the stream, telling
failures, starting functions for requests.

";

/// How many of the granted actions were used, and how many there are.
fn counts(granted: &Actions, used: &Actions) -> [usize; 2] {
    let in_use = |(role, actions): (&String, &BTreeSet<String>)| {
        used.get(role).map_or(0, |used| (actions & used).len())
    };
    [granted.iter().map(in_use).sum(), granted.values().map(BTreeSet::len).sum()]
}

/// Actions in one cell.
fn list(actions: &BTreeSet<String>) -> String {
    actions.iter().cloned().collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_role_is_listed_with_what_it_used_and_what_it_did_not() {
        let statement = |sid: &str, actions: Value| json!({ "Sid": sid, "Action": actions });
        let template = json!({ "Resources": { "GetRole": {
            "Type": "AWS::IAM::Role",
            "Properties": { "Policies": [{ "PolicyDocument": { "Statement": [
                statement("WriteLogs", json!(["logs:PutLogEvents"])),
                statement("ReadCatalog", json!(["dynamodb:GetItem", "dynamodb:Query"])),
            ] } }] },
        } } });
        let used =
            Actions::from([("GetRole".to_owned(), BTreeSet::from(["dynamodb:Query".to_owned()]))]);
        let text = document(&granted(&template), &used).unwrap();
        assert!(text.contains("1 of 2 granted actions were used."), "{text}");
        assert!(text.ends_with("| GetRole | dynamodb:Query | dynamodb:GetItem |\n"), "{text}");
    }
}
