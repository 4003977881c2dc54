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
/// Roles of which no scenario can use anything, each with the reason.
const UNTRIED: [(&str, &str); 1] = [(
    "TokenExchangeRole",
    "it asks for nothing before an issuer on the internet has vouched for a job",
)];

/// The actions of a role, by its name in the template.
type Actions = BTreeMap<String, BTreeSet<String>>;

/// Compares the file with what the template at `transformed` grants, requires that each function
/// has used something, and says how much was used.
pub fn check(transformed: &Path, used: &Actions) -> Result<String> {
    let text =
        std::fs::read_to_string(transformed).map_err(|error| Failure::at(transformed, error))?;
    let template: Value =
        serde_json::from_str(&text).map_err(|error| Failure::at(transformed, error))?;
    let granted = granted(&template);
    require_each_has_run(&granted, used)?;
    let file = Generated::new(FILE, document(&granted, used)?);
    if std::env::var_os(UPDATE).is_some() {
        file.write()?;
    }
    require_same_grants(&file.committed(), &granted)?;
    let [used, granted] = counts(&granted, used);
    Ok(format!("{used} of {granted} granted actions used"))
}

/// A function that may ask for something, and did not, was not tried by any scenario.
fn require_each_has_run(granted: &Actions, used: &Actions) -> Result<()> {
    let silent = granted.keys().filter(|role| !used.contains_key(*role)).map(String::as_str);
    let is_untried = |role: &&str| UNTRIED.iter().any(|(untried, _)| untried == role);
    let silent: Vec<_> = silent.filter(|role| !is_untried(role)).collect();
    if silent.is_empty() {
        return Ok(());
    }
    let roles = silent.join(", ");
    Err(Failure::Wrong(format!("no scenario of tests/deployed uses what is granted to {roles}")))
}

/// What was used differs a little from run to run: jobs find more or less to do. What is granted
/// does not.
fn require_same_grants(committed: &str, granted: &Actions) -> Result<()> {
    let written: Actions = committed.lines().filter_map(row).collect();
    let same = |role: &&String| written.get(*role) == granted.get(*role);
    let names: BTreeSet<_> = written.keys().chain(granted.keys()).collect();
    names.into_iter().find(|role| !same(role)).map_or(Ok(()), |role| {
        Err(Failure::Wrong(format!(
            "{FILE} does not say what {role} is granted\n    run `{UPDATE}=1 cargo xtask test \
             build deployed` and commit what it wrote"
        )))
    })
}

/// The role and the actions of a line of the file.
fn row(line: &str) -> Option<(String, BTreeSet<String>)> {
    let cells: Vec<_> = line.strip_prefix("| ")?.strip_suffix(" |")?.split(" | ").collect();
    let (role, actions) = cells.split_first()?;
    let actions = actions.iter().flat_map(|cell| cell.split(", ")).map(str::trim);
    let actions: BTreeSet<_> =
        actions.filter(|action| action.contains(':')).map(str::to_owned).collect();
    (!actions.is_empty()).then(|| ((*role).to_owned(), actions))
}

/// What the template grants each function's role.
fn granted(template: &Value) -> Actions {
    let resources = template.pointer("/Resources").and_then(Value::as_object).into_iter().flatten();
    resources
        .filter(|(_, resource)| resource.get("Type").is_some_and(|it| it == "AWS::IAM::Role"))
        .map(|(name, role)| (name.clone(), actions(role)))
        .filter(|(_, actions)| !actions.is_empty())
        .collect()
}

/// The actions of all statements of a role that the emulator evaluates.
fn actions<'a>(role: &'a Value) -> BTreeSet<String> {
    let elements = |value: &'a Value, pointer: &str| {
        value.pointer(pointer).and_then(Value::as_array).into_iter().flatten()
    };
    let policies = elements(role, "/Properties/Policies");
    let statements = policies.flat_map(|policy| elements(policy, "/PolicyDocument/Statement"));
    let asked = statements.filter(|statement| {
        let sid = statement.get("Sid").and_then(Value::as_str).unwrap_or_default();
        !NOT_ASKED.contains(&sid)
    });
    let actions = asked.flat_map(|statement| elements(statement, "/Action"));
    actions.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The file.
fn document(granted: &Actions, used: &Actions) -> Result<String> {
    let none = BTreeSet::new();
    let [count, of] = counts(granted, used);
    let mut text = String::from(HEAD);
    writeln!(text, "{count} of {of} granted actions were used.\n")?;
    for (role, reason) in UNTRIED {
        writeln!(text, "No scenario uses what is granted to {role}: {reason}.\n")?;
    }
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

Written by `UPDATE_PERMISSIONS=1 cargo xtask test build deployed`: what the role of each function
is granted in template.yaml, and which of it the scenarios of `tests/deployed` used, as IAM decided
about each call of the functions. A call that no statement covers fails the stage. So does a
function that uses nothing at all, since no scenario tries it. What is granted and not used is
listed, and does not fail the stage: the scenarios don't walk through every branch of each
operation. What was used is as of the run that wrote this file.

Not listed is what Lambda and API Gateway do with a role, about which the emulator asks nobody:
writing logs, reading the stream, telling failures, starting functions for requests.

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
        assert_eq!(require_same_grants(&text, &granted(&template)), Ok(()));
        let text = text.replace("dynamodb:GetItem", "dynamodb:PutItem");
        assert!(require_same_grants(&text, &granted(&template)).is_err());
    }

    #[test]
    fn a_role_that_used_nothing_was_not_tried() {
        let granted = Actions::from([("GetRole".to_owned(), BTreeSet::new())]);
        let failure = require_each_has_run(&granted, &Actions::new()).unwrap_err();
        assert!(failure.to_string().ends_with("granted to GetRole"), "{failure}");
    }
}
