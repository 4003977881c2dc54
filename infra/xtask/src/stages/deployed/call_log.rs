//! What IAM decided, a line of JSON for each call.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Deserialize;

use crate::failure::{Failure, Result};

/// How many denied calls a failure shows.
const SHOWN: usize = 20;

/// One decision of IAM.
#[derive(Debug, Deserialize)]
struct Call {
    /// The role that called; none for the account itself.
    role: Option<String>,
    action: String,
    resource: String,
    keys: Vec<String>,
    allowed: bool,
}

/// All decisions so far.
pub struct CallLog(Vec<Call>);

impl CallLog {
    /// Reads the log at `path`.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(|error| Failure::at(path, error))?;
        Self::parse(&text).map_err(|error| Failure::at(path, error))
    }

    fn parse(text: &str) -> serde_json::Result<Self> {
        text.lines().map(serde_json::from_str).collect::<serde_json::Result<_>>().map(Self)
    }

    /// Fails if a function asked for something that no statement of its role covers.
    pub fn require_none_denied(&self) -> Result<()> {
        let denied = self.denied();
        if denied.is_empty() { Ok(()) } else { Err(Failure::Wrong(denied)) }
    }

    /// The denied calls, each described on a line; nothing, if there are none.
    pub fn denied(&self) -> String {
        let denied: BTreeSet<_> = self.denied_calls().map(Call::describe).collect();
        let lines: Vec<_> = denied.iter().take(SHOWN).map(String::as_str).collect();
        let others = denied.len() - lines.len();
        let more = if others == 0 { String::new() } else { format!("\nand {others} others") };
        lines.join("\n") + &more
    }

    /// The actions that each role of the template used. `names` has the name of each resource in
    /// the template, by the name that it has got.
    pub fn by_role(&self, names: &[(String, String)]) -> BTreeMap<String, BTreeSet<String>> {
        let names: BTreeMap<_, _> = names.iter().map(|(name, logical)| (name, logical)).collect();
        let mut used: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for call in &self.0 {
            let role = call.role.as_ref().and_then(|role| names.get(role));
            if let (Some(role), true) = (role, call.allowed) {
                used.entry((*role).clone()).or_default().insert(call.action.clone());
            }
        }
        used
    }

    /// How many there were.
    pub fn summary(&self) -> String {
        let calls = self.0.iter().filter(|call| call.role.is_some()).count();
        format!("{calls} calls of functions, {} denied", self.denied_calls().count())
    }

    fn denied_calls(&self) -> impl Iterator<Item = &Call> {
        self.0.iter().filter(|call| !call.allowed)
    }
}

impl Call {
    fn describe(&self) -> String {
        let role = self.role.as_deref().unwrap_or("the deployer");
        format!("IAM denied {role} {} {} {:?}", self.action, self.resource, self.keys)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALLOWED: &str = r#"{"role": "slipway-HealthRole-1", "action": "dynamodb:Query",
        "resource": "table", "keys": ["KEYRING"], "allowed": true}"#;
    const DENIED: &str = r#"{"role": "slipway-HealthRole-1", "action": "kms:Sign",
        "resource": "key", "keys": [], "allowed": false}"#;

    /// A log with these calls, each on a line.
    fn log_of(calls: &[&str]) -> CallLog {
        let lines: Vec<_> = calls.iter().map(|call| call.replace('\n', " ")).collect();
        CallLog::parse(&lines.join("\n")).unwrap()
    }

    #[test]
    fn a_denied_call_fails_with_who_asked_for_what() {
        assert_eq!(log_of(&[ALLOWED]).require_none_denied(), Ok(()));
        let log = log_of(&[ALLOWED, DENIED]);
        let failure = log.require_none_denied().unwrap_err().to_string();
        assert_eq!(failure, "IAM denied slipway-HealthRole-1 kms:Sign key []");
        assert_eq!(log.summary(), "2 calls of functions, 1 denied");
    }

    #[test]
    fn of_many_denied_calls_the_first_are_named_and_the_others_counted() {
        let denied: Vec<_> = (0..=SHOWN)
            .map(|number| DENIED.replace("\"key\"", &format!("\"key-{number:02}\"")))
            .collect();
        let log = log_of(&denied.iter().map(String::as_str).collect::<Vec<_>>());
        let said = log.denied();
        assert_eq!(said.lines().count(), SHOWN + 1);
        assert!(said.contains("kms:Sign key-19") && said.ends_with("and 1 others"), "{said}");
    }

    #[test]
    fn a_role_has_used_what_it_was_allowed() {
        let log = log_of(&[ALLOWED, DENIED]);
        let names = [("slipway-HealthRole-1".to_owned(), "HealthRole".to_owned())];
        let used = BTreeSet::from(["dynamodb:Query".to_owned()]);
        assert_eq!(log.by_role(&names), BTreeMap::from([("HealthRole".to_owned(), used)]));
    }
}
