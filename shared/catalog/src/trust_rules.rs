//! Trust rules.

use slipway_domain::audit::EventType;
use slipway_domain::page::Page;
use slipway_domain::trust_rule::TrustRule;
use slipway_domain::{Code, Error, Result, TrustRuleId};

use crate::audit::AuditContext;
use crate::audited;
use crate::authorization::{Protected, Resource};
use crate::schema::{self, EntityKind, Index};
use crate::store::{KeyQuery, Reader, Row, StartKey, Stored, Writer};

impl Reader {
    /// The trust rule with this id, if there is one that the principal may know of.
    pub async fn find_trust_rule(&self, id: &TrustRuleId) -> Result<Option<Stored<TrustRule>>> {
        self.find(&schema::trust_rule(id)).await
    }

    /// The trust rule with this id.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get_trust_rule(&self, id: &TrustRuleId) -> Result<Stored<TrustRule>> {
        self.find_trust_rule(id).await?.ok_or_else(|| Error::not_found("trust rule", id))
    }

    /// A page of all trust rules, newest first.
    pub async fn list_trust_rules(
        &self,
        limit: usize,
        start: Option<StartKey>,
    ) -> Result<Page<TrustRule, StartKey>> {
        self.list(&[all()], limit, start, |_| true).await
    }
}

impl Writer {
    /// Stores a new trust rule.
    ///
    /// # Errors
    /// `unauthenticated` where the token that creates it was revoked meanwhile.
    pub async fn create_trust_rule(&self, rule: &TrustRule, audit: &AuditContext) -> Result<()> {
        self.authorize_change(rule.resource())?;
        let id = &rule.trust_rule_id;
        self.table
            .transact(|mut tx| async move {
                self.require_creator(&mut tx, &rule.created_by).await?;
                let by_time = schema::by_kind(EntityKind::TrustRule, rule.created_at, id.as_str());
                tx.create(Row::new(schema::trust_rule(id), rule)?.indexed(by_time))?;
                audit.record(&mut tx, EventType::TrustRuleCreated, audited::created(rule)?)?;
                Ok(tx.returning(()))
            })
            .await
    }

    /// Deletes a trust rule, which ends its tokens: each of their requests reads it.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn delete_trust_rule(&self, id: &TrustRuleId, audit: &AuditContext) -> Result<()> {
        self.authorize_change(Resource::Deployment)?;
        self.table
            .transact(|mut tx| async move {
                let Stored { value, rev } = self.to_change(self.get_trust_rule(id).await?)?;
                tx.delete_if_unchanged(&schema::trust_rule(id), rev)?;
                audit.record(&mut tx, EventType::TrustRuleDeleted, audited::deleted(&value)?)?;
                Ok(tx.returning(()))
            })
            .await
    }

    /// Deletes the trust rules that `actor` has created, as an index has them that lags by some
    /// milliseconds. `audit` makes the context of one deletion.
    pub(crate) async fn delete_trust_rules_of(
        &self,
        actor: &str,
        audit: &impl Fn() -> Result<AuditContext>,
    ) -> Result<()> {
        let mut created = Vec::new();
        let see = |page: Vec<TrustRule>| {
            let theirs = page.into_iter().filter(|rule| rule.created_by == actor);
            created.extend(theirs.map(|rule| rule.trust_rule_id));
        };
        self.table.each_page(&all(), see).await?;
        for id in created {
            match self.delete_trust_rule(&id, &audit()?).await {
                // Somebody else has deleted it meanwhile.
                Err(error) if error.code() == Code::NotFound => {}
                outcome => outcome?,
            }
        }
        Ok(())
    }
}

fn all() -> KeyQuery {
    KeyQuery::of_index(Index::ByKind, schema::kind_partition(EntityKind::TrustRule))
}
