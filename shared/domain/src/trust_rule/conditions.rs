//! Conditions on the claims of a JWT.

use std::collections::BTreeMap;

use serde_json::json;

use super::claim_pattern::{ClaimName, ClaimPattern};
use crate::{Code, Error, Result};

/// How many conditions a rule may have.
pub(super) const MAX_CONDITIONS: usize = 16;
/// Claims that a rule has other members for, or that change with each token.
const NO_CONDITIONS: [&str; 6] = ["iss", "aud", "exp", "nbf", "iat", "jti"];

/// What the claims of a JWT have to be: each of these, and each what its pattern stands for.
pub type Conditions = BTreeMap<ClaimName, ClaimPattern>;

/// Checks that `conditions` leave the tokens of one owner's repositories alone.
///
/// # Errors
/// `invalid_field`, with what would be right.
pub(super) fn check(conditions: &Conditions) -> Result<()> {
    if conditions.len() > MAX_CONDITIONS {
        let message = format!("at most {MAX_CONDITIONS} conditions");
        return Err(Error::invalid("conditions", message));
    }
    let other = conditions.keys().find(|name| NO_CONDITIONS.contains(&name.as_str()));
    if let Some(name) = other {
        let message = format!(
            "`{name}` is no claim for a condition: `issuer` and `audience` are members of the rule, and the others change with each token"
        );
        return Err(Error::invalid(format!("conditions.{name}"), message));
    }
    if conditions.iter().any(|(name, pattern)| names_repository(name.as_str(), pattern)) {
        return Ok(());
    }
    let message = "a condition on the repository or project: its issuer vouches for everybody's. One of `repository` \
        (`acme/app`), `project_path` (`acme/app`) or `sub` (`repo:acme/app:ref:refs/heads/main`, `project_path:acme/app:...`), whose owner, before the first `/`, has no wildcard; or \
        `repository_id` or `project_id` without a wildcard";
    Err(Error::invalid("conditions", message))
}

/// Whether the condition is fulfilled by repositories of one owner alone.
fn names_repository(claim: &str, pattern: &ClaimPattern) -> bool {
    match claim {
        "repository" | "project_path" => pattern.has_owner_after(""),
        "repository_id" | "project_id" => pattern.is_exact(),
        "sub" => pattern.has_owner_after("repo:") || pattern.has_owner_after("project_path:"),
        _ => false,
    }
}

/// Checks that each claim is what its condition asks for; `claim` gives the text of one.
///
/// # Errors
/// For the first that is not, the code of what it is about, with its name in `details`. The pattern
/// is not told.
pub(super) fn require(
    conditions: &Conditions,
    claim: impl Fn(&str) -> Option<String>,
) -> Result<()> {
    for (name, pattern) in conditions {
        let value = claim(name.as_str());
        if value.as_deref().is_some_and(|value| pattern.matches(value)) {
            continue;
        }
        let what =
            if value.is_some() { "is not what the trust rule asks for" } else { "is missing" };
        let error =
            Error::new(refusal(name.as_str()), format!("the claim `{name}` of the JWT {what}"));
        return Err(error.with(json!({ "claim": name })));
    }
    Ok(())
}

/// The code of a claim that is not what it should be, by what the issuers of CI systems name so.
fn refusal(claim: &str) -> Code {
    match claim {
        "sub" => Code::JwtSubjectRefused,
        "repository"
        | "repository_id"
        | "repository_owner"
        | "repository_owner_id"
        | "repository_visibility"
        | "project_path"
        | "project_id"
        | "namespace_path"
        | "namespace_id" => Code::JwtRepositoryRefused,
        "ref" | "ref_type" | "ref_path" | "ref_protected" | "base_ref" | "head_ref" => {
            Code::JwtRefRefused
        }
        "environment" | "environment_protected" | "deployment_tier" => Code::JwtEnvironmentRefused,
        _ => Code::JwtClaimRefused,
    }
}
