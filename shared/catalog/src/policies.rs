//! Policies of every level.

use slipway_domain::audit::EventType;
use slipway_domain::page::Page;
use slipway_domain::policy::{LevelPolicy, Policy, PolicyLevel};
use slipway_domain::product::ProductRef;
use slipway_domain::{Error, Result, TenantId};

use crate::audit::AuditContext;
use crate::audited;
use crate::authorization::policy_of;
use crate::schema;
use crate::store::{KeyQuery, Reader, Row, StartKey, Stored, Writer};

impl Reader {
    /// The policy of a level, if there is one that the principal may know of.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get_policy(&self, level: &PolicyLevel<ProductRef>) -> Result<LevelPolicy> {
        Ok(self.load_policy(&self.locate_policy(level).await?).await?.value)
    }

    /// The level with its product by id.
    async fn locate_policy(&self, level: &PolicyLevel<ProductRef>) -> Result<PolicyLevel> {
        let product_id = match &level.product_id {
            Some(ProductRef::Id(id)) => Some(id.clone()),
            Some(slug) => Some(self.get_product(slug).await?.product_id),
            None => None,
        };
        Ok(PolicyLevel { tenant_id: level.tenant_id.clone(), product_id })
    }

    /// The level with its product by id, if product and tenant exist and the product has the
    /// channel of the policy.
    pub(crate) async fn require_level(
        &self,
        level: &PolicyLevel<ProductRef>,
        policy: &Policy,
    ) -> Result<PolicyLevel> {
        if let Some(tenant) = &level.tenant_id {
            self.get_tenant(tenant).await?;
        }
        let Some(name) = &level.product_id else { return self.locate_policy(level).await };
        let product = self.get_product(name).await?;
        if let Some(channel) = &policy.channel {
            product.require_channel(channel)?;
        }
        Ok(PolicyLevel { tenant_id: level.tenant_id.clone(), product_id: Some(product.product_id) })
    }

    async fn load_policy(&self, level: &PolicyLevel) -> Result<Stored<LevelPolicy>> {
        let found = self.find_policy(level).await?;
        found.ok_or_else(|| Error::not_found("policy of", level))
    }

    async fn find_policy(&self, level: &PolicyLevel) -> Result<Option<Stored<LevelPolicy>>> {
        self.find(&schema::policy(level)).await
    }

    /// A page of a tenant's policies: those for its products, by product id from the last one down,
    /// and its own after them.
    ///
    /// # Errors
    /// `not_found` for a tenant that the principal may not know of.
    pub async fn list_tenant_policies(
        &self,
        tenant: &TenantId,
        limit: usize,
        start: Option<StartKey>,
    ) -> Result<Page<LevelPolicy, StartKey>> {
        self.get_tenant(tenant).await?;
        let policies = schema::POLICIES.to_owned();
        let listing = KeyQuery::of_table(schema::tenant_policies(tenant), policies);
        self.list(&[listing], limit, start, |_| true).await
    }
}

impl Writer {
    /// Sets the policy of a level, in place of the one that is there. One that says the same is
    /// not written. `check` judges the one that is there.
    ///
    /// # Errors
    /// `not_found` for an unknown product or tenant, `unknown_channel` for a channel that the
    /// product does not have, or what `check` refuses.
    pub async fn put_policy(
        &self,
        level: &PolicyLevel<ProductRef>,
        policy: &Policy,
        check: impl Fn(Option<&LevelPolicy>) -> Result<()>,
        audit: &AuditContext,
    ) -> Result<LevelPolicy> {
        let check = &check;
        self.table
            .transact(|mut tx| async move {
                let level = self.require_level(level, policy).await?;
                self.authorize_change(policy_of(&level))?;
                let current = self.find_policy(&level).await?;
                check(current.as_ref().map(|stored| &stored.value))?;
                if let Some(Stored { value, .. }) = &current
                    && value.policy == *policy
                {
                    return Ok(tx.returning(value.clone()));
                }
                let (policy, updated_by) = (policy.clone(), audit.actor.clone());
                let new = LevelPolicy { level, policy, updated_at: audit.now, updated_by };
                let row = Row::new(schema::policy(&new.level), &new)?;
                let subject = audited::put(current.as_ref().map(|stored| &stored.value), &new)?;
                tx.put_if_unchanged(row, current.map(|stored| stored.rev))?;
                audit.record(&mut tx, EventType::PolicyUpdated, subject)?;
                Ok(tx.returning(new))
            })
            .await
    }

    /// Deletes the policy of a level. `check` judges it.
    ///
    /// # Errors
    /// `not_found` where there is none, or what `check` refuses.
    pub async fn delete_policy(
        &self,
        level: &PolicyLevel<ProductRef>,
        check: impl Fn(&LevelPolicy) -> Result<()>,
        audit: &AuditContext,
    ) -> Result<()> {
        let check = &check;
        self.table
            .transact(|mut tx| async move {
                let level = self.locate_policy(level).await?;
                let Stored { value, rev } = self.to_change(self.load_policy(&level).await?)?;
                check(&value)?;
                tx.delete_if_unchanged(&schema::policy(&level), rev)?;
                audit.record(&mut tx, EventType::PolicyDeleted, audited::deleted(&value)?)?;
                Ok(tx.returning(()))
            })
            .await
    }
}
