//! Who may know of an entity, and who may change it. A [`Reader`] or [`Writer`](crate::Writer)
//! works on behalf of a principal, and whatever reads or writes an entity asks here first.
//!
//! Which operations a credential may use is a matter of its scopes, which the frame checks before.
//! Here it is about which entities: a credential may be bound to products, channels or a tenant.

#[cfg(test)]
mod rights_test;

use std::collections::BTreeSet;

use slipway_composition::{Component, Environment, Integration, VersionMap};
use slipway_domain::approval::Approval;
use slipway_domain::page::Page;
use slipway_domain::policy::{LevelPolicy, PolicyLevel};
use slipway_domain::product::Product;
use slipway_domain::release::{Halting, Release, ReleaseStatus};
use slipway_domain::release_upload::ReleaseUpload;
use slipway_domain::tenant::Tenant;
use slipway_domain::token::Token;
use slipway_domain::trust_rule::TrustRule;
use slipway_domain::upload::Upload;
use slipway_domain::{Channel, Code, Error, Principal, ProductId, Result, TenantId};
use slipway_snapshot::mirror::Mirror;
use slipway_snapshot::{Snapshot, SnapshotStream, WorkItem};

use crate::artifacts::ArtifactUsage;
use crate::release_rollouts::DueRollout;
use crate::rows::StoredEntity;
use crate::schema::Key;
use crate::store::{KeyQuery, Reader, StartKey, Stored, decode};

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

    /// Takes out what is the vendor's own, for a customer who may know of the rest.
    fn hide_from_customers(&mut self) {}
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

    /// How many clients a release fails on, and from how many on it is halted.
    fn hide_from_customers(&mut self) {
        self.halting = Halting::default();
    }
}

impl Protected for Approval {
    /// That of a release that is not live: customers know of none.
    fn resource(&self) -> Resource<'_> {
        let Self { product_id: product, channel, .. } = self;
        Resource::Release { product, channel, is_live: false }
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

impl Protected for ReleaseUpload {
    fn resource(&self) -> Resource<'_> {
        Resource::Upload { created_by: &self.created_by }
    }
}

impl Protected for Tenant {
    fn resource(&self) -> Resource<'_> {
        Resource::Tenant(&self.tenant_id)
    }
}

impl Protected for Component {
    fn resource(&self) -> Resource<'_> {
        Resource::Deployment
    }
}

impl Protected for VersionMap {
    fn resource(&self) -> Resource<'_> {
        Resource::Deployment
    }
}

impl Protected for Environment {
    fn resource(&self) -> Resource<'_> {
        Resource::Deployment
    }
}

impl Protected for Integration {
    fn resource(&self) -> Resource<'_> {
        Resource::Deployment
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

impl Protected for TrustRule {
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
        let mut stored = stored.filter(|stored| self.can_see(stored.value.resource()));
        self.hide(stored.iter_mut().map(|stored| &mut stored.value));
        Ok(stored)
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
        let mut page = self.table.list(partitions, limit, start, keep).await?;
        self.hide(page.items.iter_mut());
        Ok(page)
    }

    /// All entities of a small partition that the principal may know of.
    pub(crate) async fn list_all<T>(&self, partition: &str) -> Result<Vec<T>>
    where
        T: StoredEntity + Protected,
    {
        let rows = self.table.partition(partition).await?;
        let all = rows.iter().map(|row| Ok(decode(row)?.value));
        let mut all = all.collect::<Result<Vec<T>>>()?;
        all.retain(|entity| self.can_see(entity.resource()));
        self.hide(all.iter_mut());
        Ok(all)
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
        let mut page = self.table.list_at(keys, limit, start, keep).await?;
        self.hide(page.items.iter_mut());
        Ok(page)
    }

    fn hide<'a, T: Protected + 'a>(&self, entities: impl Iterator<Item = &'a mut T>) {
        if !self.principal.can_see_unreleased() {
            entities.for_each(Protected::hide_from_customers);
        }
    }

    /// Whether the principal may know of `resource`.
    pub(crate) fn can_see(&self, resource: Resource<'_>) -> bool {
        resource.is_visible_to(&self.principal)
    }

    /// Whether the principal may know of every artifact.
    pub(crate) fn can_see_all_artifacts(&self) -> bool {
        self.principal.can_see_all_artifacts()
    }

    /// Makes sure that the principal is no customer: `what` is the vendor's.
    ///
    /// # Errors
    /// `forbidden`.
    pub(crate) fn require_vendor(&self, what: &str) -> Result<()> {
        if self.principal.can_see_unreleased() {
            return Ok(());
        }
        let message = format!("{what} is not for credentials that are bound to a tenant");
        Err(Error::new(Code::Forbidden, message))
    }

    /// Makes sure that the principal may change `resource`, or create it.
    ///
    /// # Errors
    /// `not_found` or `forbidden`.
    pub(crate) fn authorize_change(&self, resource: Resource<'_>) -> Result<()> {
        resource.authorize_change(&self.principal)
    }
}
