//! Operators: people and programs for whom an OIDC issuer vouches.

use std::collections::BTreeSet;

use serde_json::json;

use super::Principal;
use crate::role::Role;
use crate::text::Name;
use crate::{Code, Error, Result, Sha256, Timestamp};

/// The longest `sub`, in bytes.
const MAX_SUBJECT: usize = 255;

/// What an issuer says of an operator.
#[derive(Debug, Clone)]
pub struct OperatorIdentity<'a> {
    /// The issuer.
    pub issuer: &'a str,
    /// `sub`: who it is, unique for the issuer.
    pub subject: &'a str,
    /// Display name, if there is one.
    pub name: Option<Name>,
    /// Names of roles.
    pub roles: BTreeSet<&'a str>,
    /// When the issuer's word ends.
    pub expires_at: Timestamp,
}

impl Principal {
    /// The operator of this identity, with the scopes of its roles. It is bound to nothing.
    ///
    /// # Errors
    /// `jwt_malformed` for a `sub` that is empty, longer than 255 bytes, or has control characters;
    /// `forbidden` without any role, naming the roles.
    pub fn operator(identity: OperatorIdentity<'_>) -> Result<Self> {
        let subject = identity.subject;
        if !(1..=MAX_SUBJECT).contains(&subject.len()) || subject.chars().any(char::is_control) {
            let message = "the JWT needs a `sub` of 1 to 255 bytes without control characters";
            return Err(Error::new(Code::JwtMalformed, message));
        }
        let scopes = Role::scopes_of(identity.roles);
        if scopes.is_empty() {
            let roles = Role::ALL.map(Role::as_str);
            let message = format!("the JWT has none of the roles {}", roles.join(", "));
            return Err(Error::new(Code::Forbidden, message).with(json!({ "roles": roles })));
        }
        Ok(Self {
            actor: format!("oidc:{}", printable(subject)),
            issuer: Some(Sha256::of(identity.issuer.as_bytes())),
            name: identity.name,
            scopes,
            expires_at: Some(identity.expires_at),
            ..Self::bootstrap()
        })
    }
}

/// The text with every byte percent-encoded that is no visible ASCII character, and `#` and `%`, so
/// that different texts stay different, and none ends a part of a key.
pub(crate) fn printable(text: &str) -> String {
    let shown = |byte: u8| match byte {
        b'#' | b'%' => format!("%{byte:02X}"),
        _ if byte.is_ascii_graphic() => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn operator(issuer: &str, subject: &str, roles: &[&str]) -> Result<Principal> {
        Principal::operator(OperatorIdentity {
            issuer,
            subject,
            name: None,
            roles: roles.iter().copied().collect(),
            expires_at: Timestamp::UNIX_EPOCH,
        })
    }

    #[test]
    fn an_actor_is_printable_and_no_two_subjects_have_one() {
        let actor = |sub| operator("i", sub, &["platform_admin"]).unwrap().actor().to_owned();
        assert_eq!(actor("auth0|1a"), "oidc:auth0|1a");
        assert_eq!(actor("a b#c%é"), "oidc:a%20b%23c%25%C3%A9");
        for sub in ["", "a\nb", "a\u{0}", &"x".repeat(256)] {
            let refused = operator("i", sub, &["platform_admin"]).unwrap_err();
            assert_eq!(refused.code(), Code::JwtMalformed, "{sub:?}");
        }
    }

    #[test]
    fn the_same_subject_of_another_issuer_has_other_idempotency_keys() {
        let scope =
            |issuer| operator(issuer, "me", &["platform_admin"]).unwrap().idempotency_scope();
        assert_ne!(scope("https://a.example"), scope("https://b.example"));
        assert_eq!(Principal::bootstrap().idempotency_scope(), "bootstrap");
    }

    #[test]
    fn without_a_role_the_roles_are_named() {
        let refused = operator("i", "me", &["owner"]).unwrap_err();
        assert_eq!(refused.code(), Code::Forbidden);
        assert!(refused.message().contains("release_publisher"), "{refused}");
    }
}
