//! Principals: authenticated callers, and what they are allowed to see and do.

mod operator;

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use crate::tenant::{Entitlement, Tenant};
use crate::text::Name;
use crate::token::Token;
use crate::trust_rule::trust_rule_of;
use crate::{Channel, Code, Error, ProductId, Result, Scope, Sha256, TenantId, Timestamp};

pub use self::operator::OperatorIdentity;
pub(crate) use self::operator::printable;

/// An authenticated caller: a token's holder, the bootstrap token's holder, an operator, a job, a
/// registry's webhook, or an anonymous caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    actor: String,
    /// Digest of the issuer of an operator.
    issuer: Option<Sha256>,
    name: Option<Name>,
    tenant_id: Option<TenantId>,
    scopes: BTreeSet<Scope>,
    products: Option<BTreeSet<ProductId>>,
    channels: Option<BTreeSet<Channel>>,
    tenants: TenantScope,
    bound: bool,
    customer: bool,
    expires_at: Option<Timestamp>,
}

/// What a credential permits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Credential {
    /// Whom the audit log names for what is done with it: a token id, `bootstrap`, `oidc:` and an
    /// operator's `sub`, or of an exchanged token the trust rule's id, `:` and the workload's `sub`.
    pub actor: String,
    /// Display name of the token or operator; null for the bootstrap key.
    pub name: Option<Name>,
    /// Scopes: what it permits. `ci:write` includes its parts, which are not listed beside it.
    pub scopes: BTreeSet<Scope>,
    /// Tenant that it is bound to; null if it is not bound to one.
    pub tenant_id: Option<TenantId>,
    /// Products that it is restricted to, by its binding and by what its tenant is entitled to; null
    /// for all products.
    pub product_ids: Option<BTreeSet<ProductId>>,
    /// Channels that it may change; null for all channels.
    pub channels: Option<BTreeSet<Channel>>,
    /// Time of expiry, RFC 3339, UTC; null if it does not expire.
    #[schemars(with = "Option<crate::page::Rfc3339>")]
    pub expires_at: Option<Timestamp>,
}

/// The tenants whose snapshots and mirrors a caller may see. A snapshot has all releases of a
/// tenant, so a caller that is restricted to products or channels sees none.
#[derive(Debug, Clone, PartialEq, Eq)]
enum TenantScope {
    All,
    One(TenantId),
    None,
}

impl Principal {
    /// The holder of the bootstrap token: role `platform_admin`, which has every scope.
    #[must_use]
    pub fn bootstrap() -> Self {
        Self {
            actor: "bootstrap".to_owned(),
            issuer: None,
            name: None,
            tenant_id: None,
            scopes: Scope::ALL.into(),
            products: None,
            channels: None,
            tenants: TenantScope::All,
            bound: false,
            customer: false,
            expires_at: None,
        }
    }

    /// The unauthenticated caller of a public operation.
    #[must_use]
    pub fn anonymous() -> Self {
        Self {
            actor: "anonymous".to_owned(),
            issuer: None,
            name: None,
            tenant_id: None,
            scopes: BTreeSet::new(),
            products: None,
            channels: None,
            tenants: TenantScope::None,
            bound: false,
            customer: false,
            expires_at: None,
        }
    }

    /// The job `name`, which sees what any caller may see.
    #[must_use]
    pub fn job(name: &str) -> Self {
        Self { actor: format!("job:{name}"), ..Self::system() }
    }

    /// The webhook of the integration with this id and name: a registry that has brought the
    /// integration's secret. It sees what jobs see, and has no scope.
    #[must_use]
    pub fn registry_webhook(integration_id: &str, name: Name) -> Self {
        let actor = format!("registry-webhook:{integration_id}");
        Self { actor, name: Some(name), ..Self::system() }
    }

    /// Slipway itself, before it knows who calls, and its deployer. It sees everything, and no
    /// operation takes it: it has no scope.
    #[must_use]
    pub fn system() -> Self {
        let (actor, tenants) = ("system".to_owned(), TenantScope::All);
        Self { actor, tenants, ..Self::anonymous() }
    }

    /// The holder of `token`. `tenant` is the tenant that the token is bound to, if any: the holder
    /// is its customer, who sees what that tenant is entitled to, once it is released.
    ///
    /// # Errors
    /// `forbidden` if the tenant is suspended.
    pub fn holder(mut token: Token, tenant: Option<&Tenant>) -> Result<Self> {
        if let Some(tenant) = tenant.filter(|tenant| tenant.suspended) {
            let message = format!("this credential is of {}, which is suspended", tenant.tenant_id);
            return Err(Error::new(Code::Forbidden, message));
        }
        let (actor, customer) = (token.actor().to_owned(), token.tenant_id.is_some());
        // Version 0.1.0 made tokens that had such scopes and were bound to a tenant.
        token.scopes.retain(|scope| !customer || !scope.is_for_vendors());
        let bound = customer || token.product_ids.is_some() || token.channels.is_some();
        let tenants = tenants(&token);
        let entitled = tenant.and_then(entitled);
        let products = match (token.product_ids, entitled) {
            (Some(bound), Some(entitled)) => Some(bound.intersection(&entitled).cloned().collect()),
            (bound, entitled) => bound.or(entitled),
        };
        Ok(Self {
            actor,
            issuer: None,
            name: Some(token.name),
            tenant_id: token.tenant_id,
            scopes: token.scopes,
            products,
            channels: token.channels,
            tenants,
            bound,
            customer,
            expires_at: token.expires_at,
        })
    }

    /// What the caller's credential permits, in the words of the API.
    #[must_use]
    pub fn credential(&self) -> Credential {
        Credential {
            actor: self.actor.clone(),
            name: self.name.clone(),
            scopes: self.scopes.clone(),
            tenant_id: self.tenant_id.clone(),
            product_ids: self.products.clone(),
            channels: self.channels.clone(),
            expires_at: self.expires_at,
        }
    }

    /// When what the credential creates ends at the latest; `None` for no such limit. A token creates
    /// none that outlives it; the session of an operator ends, and what the operator made stays.
    #[must_use]
    pub fn creates_until(&self) -> Option<Timestamp> {
        self.expires_at.filter(|_| self.issuer.is_none())
    }

    /// Whose idempotency keys the caller's are: the actor, and for an operator the issuer too.
    #[must_use]
    pub fn idempotency_scope(&self) -> String {
        match &self.issuer {
            None => self.actor.clone(),
            Some(issuer) => format!("{}@{issuer}", self.actor),
        }
    }

    /// The name that the audit log records.
    #[must_use]
    pub fn actor(&self) -> &str {
        &self.actor
    }

    /// Whether the caller is a workload of a CI system, with a token that was exchanged.
    #[must_use]
    pub fn is_workload(&self) -> bool {
        trust_rule_of(&self.actor).is_some()
    }

    /// The display name that the audit log records beside the actor; `None` where there is none.
    #[must_use]
    pub fn actor_name(&self) -> Option<&str> {
        self.name.as_ref().map(Name::as_str)
    }

    /// Whether the caller has `scope`, or one that includes it.
    #[must_use]
    pub fn has_scope(&self, scope: Scope) -> bool {
        self.scopes.iter().any(|own| own.includes(scope))
    }

    /// Checks that the caller has `scope`.
    ///
    /// # Errors
    /// `unauthenticated` for the anonymous caller, else `forbidden`, naming the scope.
    pub fn require(&self, scope: Scope) -> Result<()> {
        if self.has_scope(scope) {
            return Ok(());
        }
        if *self == Self::anonymous() {
            return Err(Error::new(
                Code::Unauthenticated,
                format!("this needs a token with the scope {}", named(scope)),
            ));
        }
        let message = format!("this needs the scope {}, which the credential lacks", named(scope));
        Err(Error::new(Code::Forbidden, message).with(json!({ "scope": scope })))
    }

    /// Whether the caller may see `product`.
    #[must_use]
    pub fn can_see(&self, product: &ProductId) -> bool {
        self.products.as_ref().is_none_or(|products| products.contains(product))
    }

    /// Whether the credential is bound to products, channels or a tenant.
    #[must_use]
    pub fn is_bound(&self) -> bool {
        self.bound
    }

    /// The products that the caller may see; `None` for every product.
    #[must_use]
    pub fn products(&self) -> Option<&BTreeSet<ProductId>> {
        self.products.as_ref()
    }

    /// Whether the caller may see what is not released: drafts, revoked releases, and artifacts
    /// that no live release contains. A customer may not.
    #[must_use]
    pub fn can_see_unreleased(&self) -> bool {
        !self.customer
    }

    /// Whether the caller may see every artifact. Whoever is restricted to products, or is a customer,
    /// sees those of releases that it may see, and its own.
    #[must_use]
    pub fn can_see_all_artifacts(&self) -> bool {
        self.products.is_none() && self.can_see_unreleased()
    }

    /// Whether the caller may see the snapshots and mirrors of `tenant`.
    #[must_use]
    pub fn can_see_tenant(&self, tenant: &TenantId) -> bool {
        match &self.tenants {
            TenantScope::All => true,
            TenantScope::One(own) => own == tenant,
            TenantScope::None => false,
        }
    }

    /// Checks that the caller may see the snapshots and mirrors of `tenant`.
    ///
    /// # Errors
    /// `not_found`, as for a tenant that does not exist.
    pub fn require_tenant(&self, tenant: &TenantId) -> Result<()> {
        if self.can_see_tenant(tenant) { Ok(()) } else { Err(Error::not_found("tenant", tenant)) }
    }

    /// The tenant that a request refers to: the requested one, else the one that the credential is
    /// bound to; `None` means all tenants.
    ///
    /// # Errors
    /// `not_found` for a tenant that the caller may not see; `forbidden` for a credential that is
    /// restricted to part of a tenant.
    pub fn tenant_of(&self, asked: Option<TenantId>) -> Result<Option<TenantId>> {
        match (asked, &self.tenants) {
            (Some(asked), _) => self.require_tenant(&asked).map(|()| Some(asked)),
            (None, TenantScope::All) => Ok(None),
            (None, TenantScope::One(own)) => Ok(Some(own.clone())),
            (None, TenantScope::None) => {
                let message =
                    "snapshots hold all that a tenant has: this credential is bound to less";
                Err(Error::new(Code::Forbidden, message))
            }
        }
    }

    /// Checks that the caller may see `product`.
    ///
    /// # Errors
    /// `not_found`, as for a product that does not exist.
    pub fn require_visible(&self, product: &ProductId) -> Result<()> {
        if self.can_see(product) { Ok(()) } else { Err(Error::not_found("product", product)) }
    }

    /// Checks that the caller may change `channel` of `product`.
    ///
    /// # Errors
    /// `not_found` for a product that the caller may not see; `forbidden` for a channel that the
    /// credential is not bound to.
    pub fn require_channel(&self, product: &ProductId, channel: &Channel) -> Result<()> {
        self.require_visible(product)?;
        match &self.channels {
            Some(channels) if !channels.contains(channel) => Err(Error::new(
                Code::Forbidden,
                format!("this credential is bound to the channels {channels:?}, not `{channel}`"),
            )),
            _ => Ok(()),
        }
    }
}

/// A scope, and what includes it, as messages name it.
fn named(scope: Scope) -> String {
    if scope.is_part_of_ci_write() {
        format!("`{scope}` or `{}`", Scope::CiWrite)
    } else {
        format!("`{scope}`")
    }
}

fn tenants(token: &Token) -> TenantScope {
    match &token.tenant_id {
        _ if token.product_ids.is_some() || token.channels.is_some() => TenantScope::None,
        None => TenantScope::All,
        Some(own) => TenantScope::One(own.clone()),
    }
}

fn entitled(tenant: &Tenant) -> Option<BTreeSet<ProductId>> {
    match &tenant.products {
        Entitlement::All(_) => None,
        Entitlement::Only(ids) => Some(ids.clone()),
    }
}
