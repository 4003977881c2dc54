//! What becomes of promotions of release bundles: asked for, approved or rejected, carried out.
//!
//! A step is one transaction: the promotion, its entry in the list, what its environment is open
//! for, the release bundle whose status follows from its promotions, and what is deployed.

use futures::future::try_join3;
use slipway_composition::{
    BundlePromotion, BundlePromotionSummary, Environment, NewBundlePromotion, NotAllowed,
    OpenPromotion, PromotionId, PromotionResult, can_not_begin, not_promotable,
};
use slipway_domain::audit::EventType;
use slipway_domain::text::Reason;
use slipway_domain::{Error, Result, Timestamp};

use crate::audit::AuditContext;
use crate::audited;
use crate::authorization::Resource;
use crate::authorized_revision::AuthorizedRevision;
use crate::bundles::{ListedBundle, row as bundle_row};
use crate::numbered_list::{ListEntry, ListSegment};
use crate::promotions::{EvaluatedPromotion, ListedPromotion};
use crate::schema;
use crate::store::{Row, Stored, Transaction, Writer};

/// What a request for a promotion is made and recorded with.
#[derive(Clone, Copy)]
pub struct PromotionRequest<'a> {
    /// What is asked for.
    pub new: &'a NewBundlePromotion,
    /// Id and time of the promotion. Each attempt makes it anew, from what it has read.
    pub made: (&'a PromotionId, Timestamp),
    /// What it is recorded with.
    pub audit: &'a (dyn Fn(&BundlePromotion) -> Result<AuditContext> + Send + Sync),
}

/// A step of a promotion.
struct Step<'a> {
    /// How it stood; none, where it is asked for.
    before: Option<&'a BundlePromotion>,
    /// How it stands.
    after: &'a BundlePromotion,
    /// The segment of the list that it is in.
    segment: ListSegment,
    /// When.
    now: Timestamp,
    /// Why a release bundle that can't be promoted is refused.
    refusal: fn(NotAllowed) -> Error,
}

impl Writer {
    /// Asks for a promotion. It begins at once where its environment asks for no approval.
    ///
    /// # Errors
    /// `not_found` for an unknown release bundle or environment; `release_not_promotable` for a
    /// draft or one that is deprecated; `stale_state` where another promotion to the environment is
    /// open.
    pub async fn create_promotion(&self, request: PromotionRequest<'_>) -> Result<BundlePromotion> {
        self.authorize_change(Resource::Deployment)?;
        let PromotionRequest { new, made: (id, now), audit } = request;
        self.table
            .transact(|mut tx| async move {
                let (bundle, environment, segment) = self.load_promotion_inputs(new).await?;
                let between = (&bundle.value.bundle, &environment.value);
                let after = new.create(between, self.principal.actor(), (id.clone(), now));
                let refusal = not_promotable;
                let step = Step { before: None, after: &after, segment, now, refusal };
                self.add_step(&mut tx, bundle, &step)?;
                add_creation(&mut tx, &step, &environment)?;
                let subject = audited::created(&after)?;
                audit(&after)?.record(&mut tx, EventType::PromotionRequested, subject)?;
                Ok(tx.returning(after))
            })
            .await
    }

    async fn load_promotion_inputs(
        &self,
        new: &NewBundlePromotion,
    ) -> Result<(Stored<ListedBundle>, Stored<Environment>, ListSegment)> {
        let bundle = async {
            let found = self.load_bundle(&new.release_id).await;
            found.map_err(|error| error.at("releaseId"))
        };
        let environment = async {
            let found = self.get_environment(&new.target_environment_id).await;
            found.map_err(|error| error.at("targetEnvironmentId"))
        };
        let segment = self.table.open_segment(BundlePromotionSummary::LIST);
        // On the heap: the SDK's futures are large.
        Box::pin(try_join3(bundle, environment, segment)).await
    }

    /// Approves a promotion, which begins where that is enough. Approving it again changes nothing.
    ///
    /// # Errors
    /// `not_found`; `forbidden` for a workload, and as for [`BundlePromotion::approved`];
    /// `stale_state` where the release bundle can't be promoted any more.
    pub async fn approve_promotion(
        &self,
        id: &PromotionId,
        audit: &AuditContext,
    ) -> Result<BundlePromotion> {
        self.table
            .transact(|mut tx| async move {
                let stored = self.to_change(self.load_promotion(id).await?)?;
                self.require_no_workload()?;
                let evaluated = self.evaluate_promotion(stored.value.promotion.clone(), audit.now);
                let EvaluatedPromotion { promotion, environment, tokens } = evaluated.await?;
                let Some(after) = promotion.approved(self.voter(audit.now))? else {
                    return Ok(tx.returning(promotion));
                };
                match environment {
                    Some(Stored { value, rev }) => {
                        tx.require_unchanged(&schema::environment(&value.id), rev)?;
                    }
                    None => self.require_moved_on(id, stored.rev.get(), "environment").await?,
                }
                tokens.require_unchanged(&mut tx, &promotion.approvals)?;
                let event = (EventType::PromotionApproved, audit);
                self.step(&mut tx, stored, &after, event).await?;
                Ok(tx.returning(after))
            })
            .await
    }

    /// Rejects or withdraws a promotion before it begins.
    ///
    /// # Errors
    /// `not_found`; `stale_state` where it does not wait for approvals.
    pub async fn reject_promotion(
        &self,
        id: &PromotionId,
        reason: Option<&Reason>,
        audit: &AuditContext,
    ) -> Result<BundlePromotion> {
        self.table
            .transact(|mut tx| async move {
                let stored = self.to_change(self.load_promotion(id).await?)?;
                let evaluated = self.evaluate_promotion(stored.value.promotion.clone(), audit.now);
                let promotion = evaluated.await?.promotion;
                let after = promotion.rejected(self.voter(audit.now), reason.cloned())?;
                let event = (EventType::PromotionRejected, audit);
                self.step(&mut tx, stored, &after, event).await?;
                Ok(tx.returning(after))
            })
            .await
    }

    /// Says how a promotion has ended that was carried out. Saying it again changes nothing.
    ///
    /// # Errors
    /// `not_found`; `stale_state` where it has not begun, or has ended otherwise.
    pub async fn complete_promotion(
        &self,
        id: &PromotionId,
        result: PromotionResult,
        audit: &AuditContext,
    ) -> Result<BundlePromotion> {
        self.table
            .transact(|mut tx| async move {
                let stored = self.to_change(self.load_promotion(id).await?)?;
                let Some(after) = stored.value.promotion.completed(result, audit.now)? else {
                    return Ok(tx.returning(stored.value.promotion));
                };
                if let Some(deployment) = after.deployment() {
                    let key = schema::deployment(&deployment.environment_id);
                    tx.put(Row::new(key, &deployment)?)?;
                }
                let event = (EventType::PromotionCompleted, audit);
                self.step(&mut tx, stored, &after, event).await?;
                Ok(tx.returning(after))
            })
            .await
    }

    /// Adds to `tx` that `stored` has become `after`, with the audit event.
    async fn step<T>(
        &self,
        tx: &mut Transaction<'_, T>,
        Stored { value, rev }: Stored<ListedPromotion, AuthorizedRevision>,
        after: &BundlePromotion,
        (event, audit): (EventType, &AuditContext),
    ) -> Result<()> {
        let ListedPromotion { promotion: before, segment } = value;
        let bundle = self.find_bundle(&after.release_id).await?;
        let (now, refusal) = (audit.now, can_not_begin);
        let step = Step { before: Some(&before), after, segment, now, refusal };
        tx.replace(row(&step)?, rev)?;
        tx.replace_entry(segment, &before.summary(), &after.summary())?;
        // A release bundle is deleted only once none of its promotions is open.
        let Some(bundle) = bundle else {
            return self.require_moved_on(&after.id, rev.get(), "release").await;
        };
        set_open(tx, after)?;
        self.add_step(tx, bundle, &step)?;
        audit.record(tx, event, audited::updated(&before, after)?)
    }

    /// Makes sure that the promotion `id` has a later revision than `rev`, so that the attempt
    /// that has read `rev` is made anew. Where it has not, the row of what it rests on, a `kind`,
    /// was lost, and nothing may be changed by what is left.
    async fn require_moved_on(&self, id: &PromotionId, rev: u64, kind: &str) -> Result<()> {
        if self.load_promotion(id).await?.rev == rev {
            let lost = format!("the {kind} of promotion {id} has no row");
            return Err(Error::internal(lost));
        }
        Ok(())
    }

    /// Adds to `tx` where the release bundle stands after a step of one of its promotions. Where
    /// that leaves it as it is, `tx` depends on that it stays so.
    fn add_step<T>(
        &self,
        tx: &mut Transaction<'_, T>,
        bundle: Stored<ListedBundle>,
        Step { before, after, now, refusal, .. }: &Step<'_>,
    ) -> Result<()> {
        let Stored { value: listed, rev } = self.to_change(bundle)?;
        let before_status = before.map(|before| before.status);
        let counts = listed.promotions.with_step(before_status, after.status);
        let status = counts.status_after(listed.bundle.status, after.status).map_err(refusal)?;
        if counts == listed.promotions {
            return tx.require_unchanged(&schema::release_bundle(&listed.bundle.id), rev.get());
        }
        let bundle = listed.bundle.at_status(status, *now);
        let (segment, old) = (listed.segment, listed.bundle.summary());
        if old != bundle.summary() {
            tx.replace_entry(segment, &old, &bundle.summary())?;
        }
        tx.replace(bundle_row(&ListedBundle { bundle, promotions: counts, segment })?, rev)?;
        Ok(())
    }
}

/// Adds to `tx` the rows of a promotion that is asked for.
fn add_creation(
    tx: &mut Transaction<'_, BundlePromotion>,
    step: &Step<'_>,
    environment: &Stored<Environment>,
) -> Result<()> {
    let Step { after, segment, .. } = step;
    tx.create(row(step)?)?;
    tx.add_entry(*segment, &after.summary())?;
    let (of, to) = (
        schema::promotions_of(&after.release_id),
        schema::promotions_to(&after.target_environment_id),
    );
    tx.add_member(schema::promotion_among(of, &after.id), *segment)?;
    tx.add_member(schema::promotion_among(to, &after.id), *segment)?;
    let key = schema::environment(&after.target_environment_id);
    tx.require_unchanged(&key, environment.rev)?;
    if let Some(open) = after.open() {
        let key = schema::open_promotion(&open.environment_id);
        let environment = environment.value.clone();
        tx.create(Row::new(key, &open)?)?
            .or_else(move |other: OpenPromotion| Err(other.in_the_way(&environment)));
    }
    Ok(())
}

/// Adds to `tx` what the environment of a promotion is open for now. The caller's transaction
/// depends on the promotion.
fn set_open<T>(tx: &mut Transaction<'_, T>, promotion: &BundlePromotion) -> Result<()> {
    let key = schema::open_promotion(&promotion.target_environment_id);
    match promotion.open() {
        Some(open) => tx.put(Row::new(key, &open)?),
        None => tx.delete_existing(&key).map(|_| ()),
    }
}

fn row(Step { after, segment, .. }: &Step<'_>) -> Result<Row> {
    let listed = ListedPromotion { promotion: (*after).clone(), segment: *segment };
    Row::new(schema::promotion(&after.id), &listed)
}
