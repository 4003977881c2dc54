//! The exchange of a JWT for a token, which happens once for each JWT.

use jiff::{SignedDuration, Timestamp};
use slipway_domain::audit::EventType;
use slipway_domain::token::Token;
use slipway_domain::trust_rule::{JwtUse, TrustRule};
use slipway_domain::{Code, Error, Principal, Result, Sha256, TrustRuleId};

use crate::audit::AuditContext;
use crate::audited;
use crate::schema;
use crate::store::{Reader, Row, Table};
use crate::tokens;

/// How long the use of a JWT is kept after its end: longer than clocks may be apart.
const KEPT: SignedDuration = SignedDuration::from_hours(1);

/// Reads trust rules and adds tokens, and does nothing else: whoever asks has no credential yet.
#[derive(Debug, Clone)]
pub struct TokenExchanger(Reader);

impl TokenExchanger {
    /// Exchanges in `table`.
    #[must_use]
    pub fn new(table: Table) -> Self {
        Self(Reader::new(table, Principal::system().into()))
    }

    /// The trust rule with this id that is in force at `now`.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get_trust_rule(&self, id: &TrustRuleId, now: Timestamp) -> Result<TrustRule> {
        let rule = self.0.find_trust_rule(id).await?.map(|stored| stored.value);
        let rule = rule.filter(|rule| rule.is_valid_at(now));
        rule.ok_or_else(|| Error::not_found("trust rule", id).at("trust_rule_id"))
    }

    /// Stores a token under the digest of its secret, and that `jwt` is used up by it.
    ///
    /// The trust rule is no condition of it: each request with the token reads the rule.
    ///
    /// # Errors
    /// `jwt_replayed` for a JWT that was used before.
    pub async fn exchange(
        &self,
        token: &Token,
        digest: &Sha256,
        jwt: &JwtUse,
        audit: &AuditContext,
    ) -> Result<()> {
        let table = &self.0.table;
        table
            .transact(|mut tx| async move {
                let used = Row::new(schema::jwt_use(&jwt.digest), &token.token_id)?;
                let end = jwt.expires_at.saturating_add(KEPT).unwrap_or(Timestamp::MAX);
                tx.create(used.expires_at(end))?.or(replayed());
                tx.create(tokens::row(token, digest)?)?;
                let pointer = Row::new(schema::token_pointer(&token.token_id), digest)?;
                tx.create(pointer.expires_at(token.expires_at.unwrap_or(Timestamp::MAX)))?;
                audit.record(&mut tx, EventType::TokenExchanged, audited::created(token)?)?;
                Ok(tx.returning(()))
            })
            .await
    }
}

fn replayed() -> Error {
    let message = "the JWT was exchanged before; ask the CI system for a new one";
    Error::new(Code::JwtReplayed, message)
}
