//! What an issuer has signed.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use slipway_domain::i_json::JsonObject;
use slipway_domain::{Code, Error, Result};

use crate::jwt::malformed;

/// How far the clocks of issuer and deployment may be apart.
const LEEWAY: SignedDuration = SignedDuration::from_secs(60);

/// The claims of a JWT whose signature is verified.
#[derive(Debug, Clone, PartialEq)]
pub struct Claims(JsonObject);

impl Claims {
    pub(crate) fn new(claims: JsonObject) -> Self {
        Self(claims)
    }

    /// Makes sure that the token is of `issuer`, for `audience`, and valid at `now`; clocks may be a
    /// minute apart.
    ///
    /// # Errors
    /// `jwt_issuer_refused`, `jwt_audience_refused`, `jwt_expired`, `jwt_not_yet_valid`, and
    /// `jwt_malformed` without `exp`.
    pub fn require(&self, issuer: &str, audience: &str, now: Timestamp) -> Result<()> {
        if self.text("iss") != Some(issuer) {
            let message = "the issuer of the JWT is not trusted here";
            return Err(Error::new(Code::JwtIssuerRefused, message));
        }
        if !self.is_for(audience) {
            let message = "the JWT is not for this deployment: its `aud` is another one";
            return Err(Error::new(Code::JwtAudienceRefused, message));
        }
        let later = now.saturating_add(LEEWAY).unwrap_or(Timestamp::MAX);
        let earlier = now.saturating_sub(LEEWAY).unwrap_or(Timestamp::MIN);
        if self.expires_at()? <= earlier {
            return Err(Error::new(Code::JwtExpired, "the JWT has expired"));
        }
        for name in ["nbf", "iat"] {
            if self.time(name)?.is_some_and(|time| time > later) {
                return Err(Error::new(Code::JwtNotYetValid, "the JWT is not valid yet"));
            }
        }
        Ok(())
    }

    /// When the token ends.
    ///
    /// # Errors
    /// `jwt_malformed`, where it does not say so.
    pub fn expires_at(&self) -> Result<Timestamp> {
        self.time("exp")?.ok_or_else(|| malformed("it needs an `exp`"))
    }

    /// The claim `name`, if it is text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// The text of the claim `name`, for what is compared to it: of a text itself, of a whole number
    /// or a truth value its JSON; `None` for others.
    #[must_use]
    pub fn scalar(&self, name: &str) -> Option<String> {
        match self.0.get(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Bool(value) => Some(value.to_string()),
            Value::Number(number) if number.is_i64() => Some(number.to_string()),
            _ => None,
        }
    }

    /// What the issuer calls the token, which no other token of it is called; `None` where it has no
    /// name.
    ///
    /// # Errors
    /// `jwt_malformed` for a name that is no text, or empty.
    pub fn id(&self) -> Result<Option<&str>> {
        match self.0.get("jti") {
            None => Ok(None),
            Some(Value::String(id)) if !id.is_empty() => Ok(Some(id)),
            Some(_) => Err(malformed("its `jti` is no text")),
        }
    }

    /// The names of roles in `roles`, `realm_access.roles` and, where `resource` is one,
    /// `resource_access.<resource>.roles`.
    #[must_use]
    pub fn roles(&self, resource: Option<&str>) -> BTreeSet<&str> {
        let realm = self.0.get("realm_access").and_then(|access| access.get("roles"));
        let resource = resource
            .and_then(|name| self.0.get("resource_access")?.get(name))
            .and_then(|access| access.get("roles"));
        let lists = [self.0.get("roles"), realm, resource];
        let roles = lists.into_iter().flatten().filter_map(Value::as_array).flatten();
        roles.filter_map(Value::as_str).collect()
    }

    fn is_for(&self, audience: &str) -> bool {
        match self.0.get("aud") {
            Some(Value::String(one)) => one == audience,
            Some(Value::Array(all)) => all.iter().any(|one| one == audience),
            _ => false,
        }
    }

    /// A time in seconds since 1970 (RFC 7519, section 2), whose fraction does not count.
    fn time(&self, name: &str) -> Result<Option<Timestamp>> {
        let Some(value) = self.0.get(name) else { return Ok(None) };
        #[expect(clippy::cast_possible_truncation, reason = "I-JSON has no number beyond 2^53")]
        let seconds = value.as_i64().or_else(|| value.as_f64().map(|seconds| seconds as i64));
        let time = seconds.and_then(|seconds| Timestamp::from_second(seconds).ok());
        time.map(Some).ok_or_else(|| malformed(&format!("its `{name}` is no time in seconds")))
    }
}
