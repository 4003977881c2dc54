//! API tokens.

mod bindings;

use std::collections::BTreeSet;
use std::fmt;

use data_encoding::BASE32_NOPAD;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use bindings::{Bindings, OwnChannels};

use crate::json::sets;
use crate::page::Listed;
use crate::text::Name;
use crate::{Channel, Code, Error, Principal, ProductId, Result, Scope, Sha256, TenantId, TokenId};

/// Prefix of every secret, by which secret scanners detect leaked tokens.
pub const PREFIX: &str = "slp_";

/// The secret of a token: `slp_` and 256 random bits in lower-case base32. Returned once; only its
/// SHA-256 digest is stored.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// The secret for `entropy`.
    #[must_use]
    pub fn from_entropy(entropy: [u8; 32]) -> Self {
        Self(format!("{PREFIX}{}", BASE32_NOPAD.encode(&entropy).to_lowercase()))
    }

    /// SHA-256 of the secret, which is stored, and by which tokens are looked up.
    #[must_use]
    pub fn digest(&self) -> Sha256 {
        Sha256::of(self.0.as_bytes())
    }

    /// The secret as text, to be returned once.
    #[must_use]
    pub fn reveal(self) -> String {
        self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// An API token, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Token {
    /// Id of the token.
    pub token_id: TokenId,
    /// Display name.
    pub name: Name,
    /// Scopes: what the token permits.
    pub scopes: BTreeSet<Scope>,
    /// Tenant that the token is bound to; null if it is not bound to one.
    pub tenant_id: Option<TenantId>,
    /// Products that the token is restricted to; null for all products.
    pub product_ids: Option<BTreeSet<ProductId>>,
    /// Channels that the token may change; null for all channels.
    pub channels: Option<BTreeSet<Channel>>,
    /// Time of expiry, RFC 3339, UTC; null if the token does not expire.
    #[schemars(with = "Option<crate::page::Rfc3339>")]
    pub expires_at: Option<Timestamp>,
    /// Time of creation, RFC 3339, UTC.
    #[schemars(with = "crate::page::Rfc3339")]
    pub created_at: Timestamp,
    /// Actor that created the token, as the audit log names it: a token id, `bootstrap`, or `oidc:` and
    /// an operator's `sub`; of an exchanged token, the trust rule's id, `:` and the workload's `sub`.
    pub created_by: String,
    /// Time of revocation, RFC 3339, UTC; null if the token is not revoked.
    #[schemars(with = "Option<crate::page::Rfc3339>")]
    pub revoked_at: Option<Timestamp>,
}

impl Listed for Token {
    const MEMBER: &'static str = "tokens";
}

/// Request body of token-create.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// Display name.
    pub name: Name,
    /// Scopes: at least one, and none that the caller lacks.
    #[serde(deserialize_with = "sets::distinct")]
    #[schemars(length(min = 1))]
    pub scopes: BTreeSet<Scope>,
    /// Binds the token to a tenant: its holder sees what the tenant is entitled to. Default: not
    /// bound.
    pub tenant_id: Option<TenantId>,
    /// Restricts the token to these products, which exist; at most 100. Default: all products.
    #[serde(default, deserialize_with = "sets::optional")]
    #[schemars(length(min = 1, max = 100), !default)]
    pub product_ids: Option<BTreeSet<ProductId>>,
    /// Restricts changes to these channels, each of which a product of `product_ids` has; at most
    /// 100. Default: all channels.
    #[serde(default, deserialize_with = "sets::optional")]
    #[schemars(length(min = 1, max = 100), !default)]
    pub channels: Option<BTreeSet<Channel>>,
    /// Time of expiry, RFC 3339; not after that of the credential that creates the token. Default:
    /// that of the credential, or never.
    #[schemars(with = "Option<crate::page::Rfc3339>")]
    pub expires_at: Option<Timestamp>,
}

impl NewToken {
    /// The token as of `now`.
    ///
    /// # Errors
    /// `invalid_field` for no scope, an empty restriction, a deployment-wide scope on a restricted
    /// token, a vendor's scope on a customer's, or an expiry in the past or after that of `creator`;
    /// `forbidden` for a scope that `creator` lacks.
    pub fn create(self, now: Timestamp, id: TokenId, creator: &Principal) -> Result<Token> {
        self.check(now)?;
        if let Some(scope) = self.scopes.iter().find(|scope| !creator.has_scope(**scope)) {
            let message = format!("a token can't be given `{scope}` by a credential that lacks it");
            return Err(Error::new(Code::Forbidden, message).at("scopes"));
        }
        let expires_at = self.expiry(creator)?;
        Ok(Token {
            token_id: id,
            name: self.name,
            scopes: self.scopes,
            tenant_id: self.tenant_id,
            product_ids: self.product_ids,
            channels: self.channels,
            expires_at,
            created_at: now,
            created_by: creator.actor().to_owned(),
            revoked_at: None,
        })
    }

    /// When the token ends: no later than what created it.
    fn expiry(&self, creator: &Principal) -> Result<Option<Timestamp>> {
        match (self.expires_at, creator.creates_until()) {
            (Some(asked), Some(latest)) if asked > latest => {
                let message =
                    format!("at or before {latest}, when the credential that creates it ends");
                Err(Error::invalid("expires_at", message))
            }
            (asked, latest) => Ok(asked.or(latest)),
        }
    }

    fn check(&self, now: Timestamp) -> Result<()> {
        if self.scopes.is_empty() {
            return Err(Error::invalid("scopes", "at least one scope"));
        }
        if self.expires_at.is_some_and(|end| end <= now) {
            return Err(Error::invalid("expires_at", "a time in the future"));
        }
        check_binding("product_ids", self.product_ids.as_ref())?;
        check_binding("channels", self.channels.as_ref())?;
        let bound =
            self.tenant_id.is_some() || self.product_ids.is_some() || self.channels.is_some();
        if let Some(scope) = self.scopes.iter().find(|scope| bound && scope.is_deployment_wide()) {
            let message =
                format!("`{scope}` governs the whole deployment; it can't go with a bound token");
            return Err(Error::invalid("scopes", message));
        }
        let is_customer = self.tenant_id.is_some();
        match self.scopes.iter().find(|scope| is_customer && scope.is_for_vendors()) {
            Some(scope) => {
                let message = format!(
                    "`{scope}` is for vendors; a token that is bound to a tenant is a customer's"
                );
                Err(Error::invalid("scopes", message))
            }
            None => Ok(()),
        }
    }
}

fn check_binding<T>(field: &str, binding: Option<&BTreeSet<T>>) -> Result<()> {
    match binding {
        Some(binding) if !(1..=100).contains(&binding.len()) => {
            Err(Error::invalid(field, "1 to 100 entries; leave the field out to bind to none"))
        }
        _ => Ok(()),
    }
}

impl Token {
    /// Whether its holder may create tokens.
    #[must_use]
    pub fn can_create_tokens(&self) -> bool {
        self.scopes.contains(&Scope::AdminWrite)
    }

    /// Whether the token is valid at `now`: neither expired nor revoked.
    #[must_use]
    pub fn is_valid_at(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }
}
