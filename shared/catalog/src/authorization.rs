//! Who may know of an entity, and who may change it. A [`Reader`] or [`Writer`](crate::Writer) works
//! on behalf of a principal, and whatever reads or writes an entity asks here first.
//!
//! Which operations a credential may use is a matter of its scopes, which the frame checks before.
//! Here it is about which entities: a credential may be bound to products, channels or a tenant.

use std::collections::BTreeSet;

use slipway_domain::page::Page;
use slipway_domain::policy::{LevelPolicy, PolicyLevel};
use slipway_domain::product::Product;
use slipway_domain::release::{Release, ReleaseStatus};
use slipway_domain::tenant::Tenant;
use slipway_domain::token::Token;
use slipway_domain::upload::Upload;
use slipway_domain::{Channel, Code, Error, Principal, ProductId, Result, TenantId};
use slipway_snapshot::mirror::Mirror;
use slipway_snapshot::{Snapshot, SnapshotStream, WorkItem};

use crate::artifacts::ArtifactUsage;
use crate::release_rollouts::DueRollout;
use crate::rows::StoredEntity;
use crate::schema::Key;
use crate::store::{KeyQuery, Reader, StartKey, Stored};

/// What an entity is to authorization.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resource<'a> {
    /// A product. Credentials that are bound to nothing change it.
    Product(&'a ProductId),
    /// A channel of a product. Credentials that are bound to it release on it.
    Channel(&'a ProductId, &'a Channel),
    /// A release. Customers know of live ones only.
    Release { product: &'a ProductId, channel: &'a Channel, is_live: bool },
    /// An artifact, and the products that have a live release with it. It belongs to no product
    /// before: a credential that is bound to products knows of it through one of their releases, or
    /// because it brought it itself; a customer through a release only.
    Artifact { created_by: &'a str, products: &'a BTreeSet<ProductId> },
    /// An upload. A credential that is bound to anything touches its own only.
    Upload { created_by: &'a str },
    /// A tenant. Credentials that are bound to nothing change it.
    Tenant(&'a TenantId),
    /// What a tenant has: its snapshots, their streams, its mirrors.
    TenantData(&'a TenantId),
    /// What governs the whole deployment. Credentials that are bound to nothing see and change it.
    Deployment,
}

impl Resource<'_> {
    /// Whether `principal` may know of it. Who may not is told what is told of an entity that does
    /// not exist.
    pub(crate) fn is_visible_to(self, principal: &Principal) -> bool {
        match self {
            Self::Product(product) | Self::Channel(product, _) => principal.can_see(product),
            Self::Release { product, is_live, .. } => {
                principal.can_see(product) && (is_live || principal.can_see_unreleased())
            }
            Self::Artifact { created_by, products } => {
                let is_own = created_by == principal.actor() || principal.products().is_none();
                (is_own && principal.can_see_unreleased())
                    || products.iter().any(|product| principal.can_see(product))
            }
            Self::Upload { created_by } => !principal.is_bound() || created_by == principal.actor(),
            Self::Tenant(tenant) | Self::TenantData(tenant) => principal.can_see_tenant(tenant),
            Self::Deployment => !principal.is_bound(),
        }
    }

    /// Makes sure that `principal` may change it, or create it.
    ///
    /// # Errors
    /// `not_found` for a product or tenant that it may not know of, else `forbidden`.
    pub(crate) fn authorize_change(self, principal: &Principal) -> Result<()> {
        let is_allowed = match self {
            Self::Channel(product, channel) | Self::Release { product, channel, .. } => {
                return principal.require_channel(product, channel);
            }
            Self::TenantData(tenant) => return principal.require_tenant(tenant),
            Self::Upload { .. } => self.is_visible_to(principal),
            Self::Product(_) | Self::Tenant(_) | Self::Deployment => !principal.is_bound(),
            Self::Artifact { created_by, .. } => created_by == principal.actor(),
        };
        if is_allowed {
            return Ok(());
        }
        let message =
            "a credential that is bound to products, channels or a tenant may not change this";
        Err(Error::new(Code::Forbidden, message))
    }
}

/// An entity that is read and written on behalf of a principal.
pub(crate) trait Protected {
    /// What it is to authorization.
    fn resource(&self) -> Resource<'_>;
}

impl Protected for Product {
    fn resource(&self) -> Resource<'_> {
        Resource::Product(&self.product_id)
    }
}

impl Protected for Release {
    fn resource(&self) -> Resource<'_> {
        let is_live = self.status == ReleaseStatus::Published;
        Resource::Release { product: &self.product_id, channel: &self.channel, is_live }
    }
}

impl Protected for DueRollout {
    fn resource(&self) -> Resource<'_> {
        Resource::Deployment
    }
}

impl Protected for ArtifactUsage {
    fn resource(&self) -> Resource<'_> {
        let Self { artifact, products } = self;
        Resource::Artifact { created_by: &artifact.created_by, products }
    }
}

impl Protected for Upload {
    fn resource(&self) -> Resource<'_> {
        Resource::Upload { created_by: &self.created_by }
    }
}

impl Protected for Tenant {
    fn resource(&self) -> Resource<'_> {
        Resource::Tenant(&self.tenant_id)
    }
}

impl Protected for LevelPolicy {
    fn resource(&self) -> Resource<'_> {
        policy_of(&self.level)
    }
}

/// What the policy of a level is to authorization: who may see the product or tenant may read it.
pub(crate) fn policy_of(level: &PolicyLevel) -> Resource<'_> {
    match (&level.tenant_id, &level.product_id) {
        (Some(tenant), _) => Resource::Tenant(tenant),
        (None, Some(product)) => Resource::Product(product),
        (None, None) => Resource::Deployment,
    }
}

impl Protected for Token {
    fn resource(&self) -> Resource<'_> {
        Resource::Deployment
    }
}

impl Protected for Snapshot {
    fn resource(&self) -> Resource<'_> {
        Resource::TenantData(&self.tenant_id)
    }
}

impl Protected for SnapshotStream {
    fn resource(&self) -> Resource<'_> {
        Resource::TenantData(&self.tenant_id)
    }
}

impl Protected for Mirror {
    fn resource(&self) -> Resource<'_> {
        Resource::TenantData(&self.tenant_id)
    }
}

impl Protected for WorkItem {
    fn resource(&self) -> Resource<'_> {
        self.tenant_id.as_ref().map_or(Resource::Deployment, Resource::TenantData)
    }
}

impl Reader {
    /// The entity at `key`, if the principal may know of it.
    pub(crate) async fn find<T>(&self, key: &Key) -> Result<Option<Stored<T>>>
    where
        T: StoredEntity + Protected,
    {
        let stored: Option<Stored<T>> = self.table.get(key).await?;
        Ok(stored.filter(|stored| self.can_see(stored.value.resource())))
    }

    /// A page of the entities in `partitions` that the principal may know of, and that `keep`
    /// keeps. What a principal may see little of is not to be read: ask for its own partitions.
    pub(crate) async fn list<T>(
        &self,
        partitions: &[KeyQuery],
        limit: usize,
        start: Option<StartKey>,
        keep: impl Fn(&T) -> bool,
    ) -> Result<Page<T, StartKey>>
    where
        T: StoredEntity + Protected,
    {
        let keep = |entity: &T| self.can_see(entity.resource()) && keep(entity);
        self.table.list(partitions, limit, start, keep).await
    }

    /// A page of the entities at `keys` that the principal may know of, in the order of the keys.
    pub(crate) async fn list_at<T>(
        &self,
        keys: &[Key],
        limit: usize,
        start: Option<StartKey>,
    ) -> Result<Page<T, StartKey>>
    where
        T: StoredEntity + Protected,
    {
        let keep = |entity: &T| self.can_see(entity.resource());
        self.table.list_at(keys, limit, start, keep).await
    }

    /// Whether the principal may know of `resource`.
    pub(crate) fn can_see(&self, resource: Resource<'_>) -> bool {
        resource.is_visible_to(&self.principal)
    }

    /// Whether the principal may know of every artifact.
    pub(crate) fn can_see_all_artifacts(&self) -> bool {
        self.principal.products().is_none() && self.principal.can_see_unreleased()
    }

    /// Makes sure that the principal may change `resource`, or create it.
    ///
    /// # Errors
    /// `not_found` or `forbidden`.
    pub(crate) fn authorize_change(&self, resource: Resource<'_>) -> Result<()> {
        resource.authorize_change(&self.principal)
    }
}

#[cfg(test)]
mod tests {
    use slipway_domain::tenant::Entitlement;
    use slipway_domain::{Scope, Timestamp};

    use super::*;

    fn token(tenant: Option<&str>, product: Option<&str>, channel: Option<&str>) -> Token {
        Token {
            token_id: "tok_caller".parse().unwrap(),
            name: "caller".parse().unwrap(),
            scopes: Scope::ALL.into(),
            tenant_id: tenant.map(|id| id.parse().unwrap()),
            product_ids: product.map(|id| [id.parse().unwrap()].into()),
            channels: channel.map(|name| [name.parse().unwrap()].into()),
            expires_at: None,
            created_at: Timestamp::UNIX_EPOCH,
            created_by: "bootstrap".to_owned(),
            revoked_at: None,
        }
    }

    fn tenant(suspended: bool) -> Tenant {
        Tenant {
            tenant_id: "tenant_own".parse().unwrap(),
            name: "Own".parse().unwrap(),
            products: Entitlement::Only(["prod_own".parse().unwrap()].into()),
            suspended,
            created_at: Timestamp::UNIX_EPOCH,
            updated_at: Timestamp::UNIX_EPOCH,
        }
    }

    /// Whether `principal` sees each resource, and may change it: `s`, `c`, or `-`.
    fn rights(principal: &Principal) -> Vec<(&'static str, String)> {
        let product = |id: &str| id.parse::<ProductId>().unwrap();
        let (own, other) = (product("prod_own"), product("prod_other"));
        let (stable, beta) = ("stable".parse().unwrap(), "beta".parse().unwrap());
        let tenant = |id: &str| id.parse::<TenantId>().unwrap();
        let (own_tenant, other_tenant) = (tenant("tenant_own"), tenant("tenant_other"));
        let (nothing, in_own) = (BTreeSet::new(), BTreeSet::from([own.clone()]));
        let (me, they) = ("tok_caller", "tok_other");
        [
            ("product", Resource::Product(&own)),
            ("other product", Resource::Product(&other)),
            ("stable", Resource::Channel(&own, &stable)),
            ("beta", Resource::Channel(&own, &beta)),
            ("stable of other product", Resource::Channel(&other, &stable)),
            ("live", Resource::Release { product: &own, channel: &beta, is_live: true }),
            ("draft", Resource::Release { product: &own, channel: &beta, is_live: false }),
            ("artifact of mine", Resource::Artifact { created_by: me, products: &nothing }),
            ("artifact in product", Resource::Artifact { created_by: they, products: &in_own }),
            ("other artifact", Resource::Artifact { created_by: they, products: &nothing }),
            ("upload of mine", Resource::Upload { created_by: me }),
            ("other upload", Resource::Upload { created_by: they }),
            ("tenant", Resource::Tenant(&own_tenant)),
            ("other tenant", Resource::Tenant(&other_tenant)),
            ("tenant's data", Resource::TenantData(&own_tenant)),
            ("other tenant's data", Resource::TenantData(&other_tenant)),
            ("deployment", Resource::Deployment),
        ]
        .map(|(name, resource)| {
            let letter = |is_allowed, letter| if is_allowed { letter } else { "-" };
            let sees = letter(resource.is_visible_to(principal), "s");
            let changes = letter(resource.authorize_change(principal).is_ok(), "c");
            (name, sees.to_owned() + changes)
        })
        .into()
    }

    #[track_caller]
    fn has(principal: &Principal, expected: &[(&str, &str)]) {
        let rights = rights(principal);
        let allowed = rights.iter().map(|(name, rights)| (*name, rights.as_str()));
        assert_eq!(allowed.filter(|(_, rights)| *rights != "--").collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_credential_that_is_bound_to_nothing_sees_and_changes_everything() {
        let unbound = Principal::holder(token(None, None, None), None).unwrap();
        for principal in [unbound, Principal::bootstrap(), Principal::job("x"), Principal::system()]
        {
            let sees = |(_, rights): &(&str, String)| rights.starts_with('s');
            assert!(rights(&principal).iter().all(sees), "{principal:?}");
            let changes = |(name, rights): &(&str, String)| {
                rights.ends_with('c') || name.contains("artifact")
            };
            assert!(rights(&principal).iter().all(changes), "{principal:?}");
        }
    }

    #[test]
    fn a_binding_to_a_product_is_to_its_releases_and_to_what_one_has_brought() {
        let expected = [
            ("product", "s-"),
            ("stable", "sc"),
            ("beta", "sc"),
            ("live", "sc"),
            ("draft", "sc"),
            ("artifact of mine", "sc"),
            ("artifact in product", "s-"),
            ("upload of mine", "sc"),
        ];
        has(&Principal::holder(token(None, Some("prod_own"), None), None).unwrap(), &expected);
    }

    #[test]
    fn a_binding_to_a_channel_is_about_changes() {
        let expected = [
            ("product", "s-"),
            ("other product", "s-"),
            ("stable", "s-"),
            ("beta", "sc"),
            ("stable of other product", "s-"),
            ("live", "sc"),
            ("draft", "sc"),
            ("artifact of mine", "sc"),
            ("artifact in product", "s-"),
            ("other artifact", "s-"),
            ("upload of mine", "sc"),
        ];
        has(&Principal::holder(token(None, None, Some("beta")), None).unwrap(), &expected);
    }

    #[test]
    fn a_customer_sees_what_is_live_of_its_tenant_s_products_and_its_tenant_s_data() {
        let expected = [
            ("product", "s-"),
            ("stable", "sc"),
            ("beta", "sc"),
            ("live", "sc"),
            ("draft", "-c"),
            ("artifact of mine", "-c"),
            ("artifact in product", "s-"),
            ("upload of mine", "sc"),
            ("tenant", "s-"),
            ("tenant's data", "sc"),
        ];
        let bound = token(Some("tenant_own"), None, None);
        let customer = Principal::holder(bound.clone(), Some(&tenant(false))).unwrap();
        has(&customer, &expected);
        // It has no scope to change any of it with, but for its tenant's data.
        for scope in [Scope::CiWrite, Scope::ArtifactsWrite] {
            assert!(!customer.has_scope(scope), "{scope}");
        }
        let refused = Principal::holder(bound, Some(&tenant(true))).unwrap_err();
        assert_eq!(refused.code(), Code::Forbidden);
    }

    #[test]
    fn a_policy_belongs_to_its_tenant_or_else_its_product_or_else_the_deployment() {
        let (product, tenant): (ProductId, TenantId) =
            ("prod_own".parse().unwrap(), "tenant_own".parse().unwrap());
        let of = |tenant: Option<&TenantId>, product: Option<&ProductId>| PolicyLevel {
            tenant_id: tenant.cloned(),
            product_id: product.cloned(),
        };
        for (level, resource) in [
            (of(None, None), Resource::Deployment),
            (of(None, Some(&product)), Resource::Product(&product)),
            (of(Some(&tenant), None), Resource::Tenant(&tenant)),
            (of(Some(&tenant), Some(&product)), Resource::Tenant(&tenant)),
        ] {
            assert_eq!(policy_of(&level), resource);
        }
    }
}
