//! Trust rules: which workloads of which issuer get tokens without a secret, and what these permit.

mod claim_pattern;
mod conditions;
mod exchange;
#[cfg(test)]
mod laws;

use std::collections::BTreeSet;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::claim_pattern::{ClaimName, ClaimPattern};
pub use self::conditions::Conditions;
use self::conditions::MAX_CONDITIONS;
pub(crate) use self::exchange::trust_rule_of;
pub use self::exchange::{JwtUse, TokenExchangeRequest, Workload};
use crate::json::sets;
use crate::page::Listed;
use crate::text::Name;
use crate::token::NewToken;
use crate::{
    Channel, Error, IssuerUrl, Principal, ProductId, Result, Scope, TenantId, TokenId, TrustRuleId,
    string_newtype,
};

/// How long a token is good for at the least, in seconds.
const MIN_LIFETIME: u32 = 60;
/// How long a token is good for at the most, in seconds.
const MAX_LIFETIME: u32 = 3600;
/// How long a token is good for, where the rule does not say it: a quarter of an hour.
const DEFAULT_LIFETIME: u32 = 900;

string_newtype! {
    /// Whom a JWT is for, exactly as it has it in `aud`: 1 to 255 visible ASCII characters.
    #[schemars(extend("examples" = ["https://slipway.example"]))]
    Audience, what = "an audience", rule = "1 to 255 visible ASCII characters, exactly as tokens have it in `aud`",
    pattern = "^[!-~]{1,255}$", check = |text| (1..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// A trust rule: JWTs of an issuer, for an audience, whose claims are what the conditions ask for,
/// are exchanged for tokens of an hour at most. It is never changed, only deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TrustRule {
    /// Id of the trust rule. Whoever exchanges a JWT names it.
    pub trust_rule_id: TrustRuleId,
    /// Display name, which its tokens have too.
    pub name: Name,
    /// Issuer of the JWTs, one of those that the deployment trusts.
    pub issuer: IssuerUrl,
    /// Whom the JWTs are for.
    pub audience: Audience,
    /// What their claims have to be.
    pub conditions: Conditions,
    /// Scopes: what its tokens permit.
    pub scopes: BTreeSet<Scope>,
    /// Tenant that its tokens are bound to; null if they are not bound to one.
    pub tenant_id: Option<TenantId>,
    /// Products that its tokens are restricted to; null for all products.
    pub product_ids: Option<BTreeSet<ProductId>>,
    /// Channels that its tokens may change; null for all channels.
    pub channels: Option<BTreeSet<Channel>>,
    /// How long a token is good for, in seconds.
    pub lifetime_seconds: u32,
    /// When the rule and its tokens end, RFC 3339, UTC; null if the rule stays until it is deleted.
    #[schemars(with = "Option<crate::page::Rfc3339>")]
    pub expires_at: Option<Timestamp>,
    /// Time of creation, RFC 3339, UTC.
    #[schemars(with = "crate::page::Rfc3339")]
    pub created_at: Timestamp,
    /// Actor that created the rule, as the audit log names it.
    pub created_by: String,
}

impl Listed for TrustRule {
    const MEMBER: &'static str = "trust_rules";
}

/// Request body of trust-create.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTrustRule {
    /// Display name.
    pub name: Name,
    /// Issuer of the JWTs, one of those that the deployment trusts.
    pub issuer: IssuerUrl,
    /// Whom the JWTs are for: one of their `aud`.
    pub audience: Audience,
    /// What the claims of the JWTs have to be, by their names; at most 16. One of them names the
    /// repository or project: `repository`, `project_path` or `sub`, with an owner without wildcard,
    /// or `repository_id` or `project_id` without wildcard.
    #[schemars(extend("minProperties" = 1, "maxProperties" = MAX_CONDITIONS))]
    pub conditions: Conditions,
    /// Scopes: at least one, none that the caller lacks, and none that governs the deployment
    /// (`admin:` and `audit:`).
    #[serde(deserialize_with = "sets::distinct")]
    #[schemars(length(min = 1))]
    pub scopes: BTreeSet<Scope>,
    /// Binds the tokens to a tenant: their holders see what the tenant is entitled to. Default: not
    /// bound.
    pub tenant_id: Option<TenantId>,
    /// Restricts the tokens to these products, which exist; at most 100. Default: all products.
    #[serde(default, deserialize_with = "sets::optional")]
    #[schemars(length(min = 1, max = 100), !default)]
    pub product_ids: Option<BTreeSet<ProductId>>,
    /// Restricts changes to these channels, each of which a product of `product_ids` has; at most
    /// 100. Default: all channels.
    #[serde(default, deserialize_with = "sets::optional")]
    #[schemars(length(min = 1, max = 100), !default)]
    pub channels: Option<BTreeSet<Channel>>,
    /// How long a token is good for, in seconds. Default: 900.
    #[schemars(range(min = 60, max = 3600))]
    pub lifetime_seconds: Option<u32>,
    /// When the rule and its tokens end, RFC 3339; not after the credential that creates the rule.
    /// Default: when that ends, or never.
    #[schemars(with = "Option<crate::page::Rfc3339>")]
    pub expires_at: Option<Timestamp>,
}

impl NewTrustRule {
    /// The rule as of `now`. Its tokens are such as `creator` could make itself.
    ///
    /// # Errors
    /// `invalid_field` for conditions that name no repository or project, for a scope that governs
    /// the deployment, for a lifetime that is too short or too long, and as for [`NewToken::create`];
    /// `forbidden` for a scope that `creator` lacks.
    pub fn create(self, now: Timestamp, id: TrustRuleId, creator: &Principal) -> Result<TrustRule> {
        conditions::check(&self.conditions)?;
        if let Some(scope) = self.scopes.iter().find(|scope| scope.is_deployment_wide()) {
            let message = format!(
                "scopes of releases, artifacts, snapshots, mirrors and bundles; `{scope}` governs the whole deployment, and is for people"
            );
            return Err(Error::invalid("scopes", message));
        }
        let lifetime_seconds = self.lifetime_seconds.unwrap_or(DEFAULT_LIFETIME);
        if !(MIN_LIFETIME..=MAX_LIFETIME).contains(&lifetime_seconds) {
            let message = format!("{MIN_LIFETIME} to {MAX_LIFETIME} seconds");
            return Err(Error::invalid("lifetime_seconds", message));
        }
        let (issuer, audience, conditions) = (self.issuer, self.audience, self.conditions);
        let rights = NewToken {
            name: self.name,
            scopes: self.scopes,
            tenant_id: self.tenant_id,
            product_ids: self.product_ids,
            channels: self.channels,
            expires_at: self.expires_at,
        };
        let token = rights.create(now, TokenId::from_stored("tok_none"), creator)?;
        Ok(TrustRule {
            trust_rule_id: id,
            name: token.name,
            issuer,
            audience,
            conditions,
            scopes: token.scopes,
            tenant_id: token.tenant_id,
            product_ids: token.product_ids,
            channels: token.channels,
            lifetime_seconds,
            expires_at: token.expires_at,
            created_at: token.created_at,
            created_by: token.created_by,
        })
    }
}
