//! The exchange of a JWT for a token.

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{TrustRule, conditions};
use crate::principal::printable;
use crate::token::Token;
use crate::{Code, Error, IssuerUrl, Result, Sha256, TokenId, TrustRuleId};

/// The longest `sub` in the form that the audit log has it in, in bytes.
const MAX_SUBJECT: usize = 900;

/// Request body of token-exchange.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenExchangeRequest {
    /// The trust rule that the JWT fulfils.
    pub trust_rule_id: TrustRuleId,
    /// The JWT of the CI system, at most 16 KiB.
    #[schemars(length(max = 16_384))]
    pub token: String,
}

/// What an issuer vouches for in a JWT, and the JWT's name among those that were exchanged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workload {
    /// `sub`, printable.
    subject: String,
    /// The one exchange that the JWT is good for.
    jwt: JwtUse,
}

/// The use of a JWT, which happens once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JwtUse {
    /// Digest of the issuer and of what names the JWT.
    pub digest: Sha256,
    /// When the JWT expires.
    pub expires_at: Timestamp,
}

impl JwtUse {
    /// Of the JWT that `issuer` names `jti`, which expires at `expires_at`; without a `jti`, of the
    /// one with these header and claims, `signed`: its signature can be altered and stay valid.
    #[must_use]
    pub fn new(issuer: &str, jti: Option<&str>, signed: &str, expires_at: Timestamp) -> Self {
        // No issuer has a line end, so that nothing else is digested to the same.
        let digest = match jti {
            Some(jti) => Sha256::of(format!("jti\n{issuer}\n{jti}").as_bytes()),
            None => Sha256::of(format!("jwt\n{issuer}\n{signed}").as_bytes()),
        };
        Self { digest, expires_at }
    }
}

impl Workload {
    /// The workload that the issuer calls `subject`.
    ///
    /// # Errors
    /// `jwt_malformed` for a `sub` that is empty, too long, or has control characters.
    pub fn new(subject: Option<&str>, jwt: JwtUse) -> Result<Self> {
        let subject = subject.filter(|text| !text.chars().any(char::is_control));
        let printable =
            subject.map(printable).filter(|text| (1..=MAX_SUBJECT).contains(&text.len()));
        let subject = printable.ok_or_else(|| {
            let message = format!(
                "the JWT needs a `sub` of 1 to {MAX_SUBJECT} bytes without control characters"
            );
            Error::new(Code::JwtMalformed, message)
        })?;
        Ok(Self { subject, jwt })
    }

    /// The exchange that is to happen once.
    #[must_use]
    pub fn jwt(&self) -> &JwtUse {
        &self.jwt
    }
}

impl TrustRule {
    /// Whether the rule is in force at `now`.
    #[must_use]
    pub fn is_valid_at(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }

    /// Checks that the rule is for the JWTs of `issuer`.
    ///
    /// # Errors
    /// `jwt_issuer_refused`.
    pub fn require_issuer(&self, issuer: &IssuerUrl) -> Result<()> {
        if self.issuer == *issuer {
            return Ok(());
        }
        let message = "the trust rule is for JWTs of another issuer";
        Err(Error::new(Code::JwtIssuerRefused, message))
    }

    /// Checks that the claims, whose texts `claim` gives, are what the rule's conditions ask for.
    ///
    /// # Errors
    /// The code of the first that is not: `jwt_subject_refused`, `jwt_repository_refused`,
    /// `jwt_ref_refused`, `jwt_environment_refused` or `jwt_claim_refused`.
    pub fn require_claims(&self, claim: impl Fn(&str) -> Option<String>) -> Result<()> {
        conditions::require(&self.conditions, claim)
    }

    /// The token that `workload` gets at `now`. It permits what the rule says, and its actor is the
    /// same for all tokens of the rule and `sub`: what one begins, the next goes on with.
    #[must_use]
    pub fn token(&self, now: Timestamp, id: TokenId, workload: &Workload) -> Token {
        let lifetime = SignedDuration::from_secs(self.lifetime_seconds.into());
        let end = now.saturating_add(lifetime).unwrap_or(Timestamp::MAX);
        Token {
            token_id: id,
            name: self.name.clone(),
            scopes: self.scopes.clone(),
            tenant_id: self.tenant_id.clone(),
            product_ids: self.product_ids.clone(),
            channels: self.channels.clone(),
            expires_at: Some(self.expires_at.map_or(end, |latest| latest.min(end))),
            created_at: now,
            created_by: format!("{}:{}", self.trust_rule_id, workload.subject),
            revoked_at: None,
        }
    }
}

impl Token {
    /// The trust rule by which it was exchanged; `None` for a token of token-create.
    #[must_use]
    pub fn trust_rule(&self) -> Option<TrustRuleId> {
        trust_rule_of(&self.created_by)
    }

    /// Whom the audit log names for what its holder does: the token, or for an exchanged one the
    /// workload, which gets another token for each job.
    #[must_use]
    pub fn actor(&self) -> &str {
        if self.trust_rule().is_some() { &self.created_by } else { self.token_id.as_str() }
    }
}

/// The trust rule of a workload that is called `actor`. No other actor begins with the id of a trust
/// rule and a colon.
pub(crate) fn trust_rule_of(actor: &str) -> Option<TrustRuleId> {
    actor.split_once(':')?.0.parse().ok()
}
