//! What a change would write, were it made: for simulations, which write nothing.

use std::sync::Arc;

use slipway_domain::decision::{Decision, MAX_PRODUCTS, UpdateCheck};
use slipway_domain::policy::LevelPolicy;
use slipway_domain::product::ProductRef;
use slipway_domain::release::{Release, ReleaseStatus};
use slipway_domain::simulation::{
    PolicyProposal, PromotionProposal, ProposedChange, PublicationProposal, RevocationProposal,
    RolloutProposal,
};
use slipway_domain::text::Reason;
use slipway_domain::{Code, Error, Principal, ReleaseId, Result, Timestamp};

use crate::catalog_overlay::CatalogOverlay;
use crate::channel_heads::SeenHead;
use crate::decision_group::DecisionGroup;
use crate::decision_lookups::LookupBudget;
use crate::decisions::DecisionReader;
use crate::revocation::require_room;
use crate::schema;
use crate::store::{Reader, Stored, Table};

/// Reads what decisions need, as it is and as it would be after a change.
#[derive(Debug)]
pub struct DecisionSimulator {
    pub(crate) reader: Reader,
    decisions: DecisionReader,
}

/// When a proposed change would be made, and the id of the release that it would make.
#[derive(Debug, Clone)]
pub struct ProposalContext {
    /// Time of the change.
    pub now: Timestamp,
    /// Id of the release that a promotion would make.
    pub release_id: ReleaseId,
}

/// What decisions read before and after a change.
#[derive(Debug)]
pub struct SimulationSides {
    /// What they read today.
    pub before: DecisionReader,
    /// What they would read after the change.
    pub after: DecisionReader,
}

/// The rows that a change rests on, as they were read for it, and as it would write them: what
/// others write in the meantime is on neither side, and is not taken for a part of the change.
#[derive(Debug, Default)]
pub(crate) struct Preview {
    pub(crate) before: CatalogOverlay,
    pub(crate) after: CatalogOverlay,
}

impl SimulationSides {
    /// Decides about all clients before and after, without the addresses of artifacts, and lets
    /// `take` have both. As many as one request for decisions can be about have as much to look up
    /// with as one.
    ///
    /// # Errors
    /// `unavailable` or `internal`, as DynamoDB answers.
    pub async fn decide(
        &self,
        checks: &[UpdateCheck],
        now: Timestamp,
        mut take: impl FnMut(&UpdateCheck, [&Decision; 2]),
    ) -> Result<()> {
        for some in checks.chunks(MAX_PRODUCTS) {
            let mut budgets = (LookupBudget::default(), LookupBudget::default());
            for some in some.chunks(DecisionGroup::MAX_CHECKS) {
                let before = DecisionGroup::of((&self.before, now), some, "").await?;
                let before = before.decide(some, &mut budgets.0).await?;
                let after = DecisionGroup::of((&self.after, now), some, "").await?;
                let after = after.decide(some, &mut budgets.1).await?;
                for ((check, before), after) in some.iter().zip(&before).zip(&after) {
                    take(check, [before, after]);
                }
            }
        }
        Ok(())
    }
}

impl DecisionSimulator {
    /// Reads `table` on behalf of `principal`, for one simulation.
    #[must_use]
    pub fn new(table: Table, principal: Arc<Principal>) -> Self {
        let decisions = DecisionReader::for_one_request(table.clone());
        Self { reader: Reader::new(table, principal), decisions }
    }

    /// What decisions read today, and what they would read after `change`.
    ///
    /// # Errors
    /// Those of the operation that makes the change, at their place in a request to simulate it.
    /// Whether the principal may make it is not asked.
    pub async fn sides(
        &self,
        change: &ProposedChange,
        context: &ProposalContext,
    ) -> Result<SimulationSides> {
        let preview = self.reader.preview(change, context).await;
        preview.map(|preview| self.sides_of(preview)).map_err(|error| change.locate(error))
    }

    /// What decisions read before and after a change with this preview.
    pub(crate) fn sides_of(&self, Preview { before, after }: Preview) -> SimulationSides {
        let side = |overlay| self.decisions.clone().with_overlay(overlay);
        SimulationSides { before: side(before), after: side(after) }
    }
}

impl Reader {
    /// The rows that a change would write, as far as decisions read them.
    async fn preview(&self, change: &ProposedChange, context: &ProposalContext) -> Result<Preview> {
        match change {
            ProposedChange::Publish(publish) => self.preview_publication(publish, context).await,
            ProposedChange::Promote(promote) => self.preview_promotion(promote, context).await,
            ProposedChange::Rollout(rollout) => self.preview_rollout(rollout, context).await,
            ProposedChange::Policy(policy) => self.preview_policy(policy, context).await,
            ProposedChange::Revoke(revoke) => self.preview_revocation(revoke, context).await,
        }
    }

    async fn preview_publication(
        &self,
        proposal: &PublicationProposal,
        context: &ProposalContext,
    ) -> Result<Preview> {
        let draft = self.get_release(&proposal.release_id).await?;
        let mut publication = proposal.publication();
        let by = self.principal.actor();
        let published = match draft.published(context.now, by, &publication) {
            Err(error) if error.code() == Code::PrereleaseNotAllowed => {
                self.require_product_to_allow_prerelease(&draft.release_id, error).await?;
                publication.allow_prerelease = true;
                draft.published(context.now, by, &publication)?
            }
            outcome => outcome?,
        };
        let mut preview = Preview::default();
        if let Some(published) = published {
            self.preview_release(&mut preview, Some(&draft), published).await?;
        }
        Ok(preview)
    }

    async fn preview_promotion(
        &self,
        proposal: &PromotionProposal,
        context: &ProposalContext,
    ) -> Result<Preview> {
        let release = self.get_release(&proposal.release_id).await?;
        let product = self.get_product(&ProductRef::Id(release.product_id.clone())).await?;
        let (now, id, to) = (context.now, context.release_id.clone(), proposal.promotion());
        let promoted = release.promoted(now, id, &product, to, self.principal.actor())?;
        let mut preview = Preview::default();
        let place = schema::release(&product.product_id, &promoted.channel, &promoted.version);
        let existing: Option<Stored<Release>> = self.table.get(&place).await?;
        if let Some(Stored { value: existing, .. }) = existing {
            return promoted.difference(&existing).map_or(Ok(preview), Err);
        }
        let before = product.clone();
        if let Some(product) = product.with_channel(context.now, &promoted.channel)? {
            preview.before.set_product(before);
            preview.after.set_product(product);
        }
        self.preview_release(&mut preview, None, promoted).await?;
        Ok(preview)
    }

    async fn preview_rollout(
        &self,
        proposal: &RolloutProposal,
        context: &ProposalContext,
    ) -> Result<Preview> {
        let before = self.get_release(&proposal.release_id).await?;
        let mut preview = Preview::default();
        if let Some(after) = before.rolled_out(&proposal.rollout, context.now)? {
            self.preview_release(&mut preview, Some(&before), after).await?;
        }
        Ok(preview)
    }

    async fn preview_policy(
        &self,
        proposal: &PolicyProposal,
        context: &ProposalContext,
    ) -> Result<Preview> {
        let mut preview = Preview::default();
        let Some(policy) = &proposal.policy else {
            let level = self.get_policy(&proposal.level()).await?.level;
            preview.after.set_policy(level, None);
            return Ok(preview);
        };
        let level = self.require_level(&proposal.level(), policy).await?;
        let policy = LevelPolicy {
            level: level.clone(),
            policy: policy.clone(),
            updated_at: context.now,
            updated_by: self.principal.actor().to_owned(),
        };
        preview.after.set_policy(level, Some(policy));
        Ok(preview)
    }

    async fn preview_revocation(
        &self,
        proposal: &RevocationProposal,
        context: &ProposalContext,
    ) -> Result<Preview> {
        let named = self.get_release(&proposal.release_id).await?;
        named.require_not_draft()?;
        let releases = if proposal.all_channels {
            let live = self.load_live_releases_of_version(&named).await?;
            require_room(&named, &live)?;
            live.into_iter().map(|stored| stored.value).collect()
        } else {
            vec![named]
        };
        let unnamed = || "simulation".parse().map_err(Error::internal);
        let reason: Reason = proposal.reason.clone().map_or_else(unnamed, Ok)?;
        let mut preview = Preview::default();
        for before in &releases {
            let revoked = before.revoked(context.now, self.principal.actor(), reason.clone())?;
            if let Some(revoked) = revoked {
                self.preview_release(&mut preview, Some(before), revoked).await?;
            }
        }
        Ok(preview)
    }

    /// Adds to `preview` what follows from a release that becomes `after`: its row, and the head of
    /// its channel.
    pub(crate) async fn preview_release(
        &self,
        preview: &mut Preview,
        before: Option<&Release>,
        after: Release,
    ) -> Result<()> {
        if after.status != ReleaseStatus::Draft {
            let SeenHead { head, rev, .. } =
                self.load_head(&after.product_id, &after.channel).await?;
            match rev {
                Some(_) => preview.before.set_head(head.clone()),
                None => preview.before.set_no_head(&head),
            }
            let live = before.filter(|before| before.status == ReleaseStatus::Published);
            preview.after.set_head(match (live, after.status) {
                (_, ReleaseStatus::Revoked) => self.completed(head.withdrawn(&after)).await?,
                (Some(before), _) => self.completed(head.changed(before, &after)).await?,
                (None, _) => {
                    head.require_open()?;
                    head.published(&after)
                }
            });
        }
        if let Some(before) = before {
            preview.before.set_release(before.clone());
        }
        preview.after.set_release(after);
        Ok(())
    }
}
