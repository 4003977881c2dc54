//! What a change would write, were it made: for simulations, which write nothing.

use std::sync::Arc;

use jiff::SignedDuration;
use slipway_domain::policy::LevelPolicy;
use slipway_domain::product::ProductRef;
use slipway_domain::release::{Release, ReleaseStatus};
use slipway_domain::simulation::{
    PolicyProposal, PromotionProposal, ProposedChange, PublicationProposal, RevocationProposal,
    RolloutProposal,
};
use slipway_domain::text::Reason;
use slipway_domain::{Code, Error, Principal, ReleaseId, Result, Timestamp};

use crate::adoption_tally::AdoptionTally;
use crate::catalog_overlay::CatalogOverlay;
use crate::decision_cache::DecisionCache;
use crate::decisions::DecisionReader;
use crate::revocation::require_room;
use crate::schema;
use crate::store::{Reader, Stored, Table};

/// How long a simulation may take. What it has read once it reads no more, so that both sides are
/// told from the same rows.
const LIFETIME: SignedDuration = SignedDuration::from_mins(1);

/// Reads what decisions need, as it is and as it would be after a change.
#[derive(Debug)]
pub struct DecisionSimulator {
    reader: Reader,
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

impl DecisionSimulator {
    /// Reads `table` on behalf of `principal`, for one simulation.
    #[must_use]
    pub fn new(table: Table, principal: Arc<Principal>) -> Self {
        let (cache, tally) = (DecisionCache::new(LIFETIME), AdoptionTally::new(None));
        let decisions = DecisionReader::new(table.clone(), cache.into(), tally.into());
        Self { reader: Reader::new(table, principal), decisions }
    }

    /// What decisions read today.
    #[must_use]
    pub fn before(&self) -> &DecisionReader {
        &self.decisions
    }

    /// What they would read after `change`.
    ///
    /// # Errors
    /// Those of the operation that makes the change, at their place in a request to simulate it.
    /// Whether the principal may make it is not asked.
    pub async fn after(
        &self,
        change: &ProposedChange,
        context: &ProposalContext,
    ) -> Result<DecisionReader> {
        let overlay = self.reader.preview(change, context).await;
        let overlay = overlay.map_err(|error| change.locate(error))?;
        Ok(self.decisions.clone().with_overlay(overlay))
    }
}

impl Reader {
    /// The rows that a change would write, as far as decisions read them.
    async fn preview(
        &self,
        change: &ProposedChange,
        context: &ProposalContext,
    ) -> Result<CatalogOverlay> {
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
    ) -> Result<CatalogOverlay> {
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
        let mut overlay = CatalogOverlay::default();
        if let Some(published) = published {
            self.preview_release(&mut overlay, Some(&draft), published).await?;
        }
        Ok(overlay)
    }

    async fn preview_promotion(
        &self,
        proposal: &PromotionProposal,
        context: &ProposalContext,
    ) -> Result<CatalogOverlay> {
        let release = self.get_release(&proposal.release_id).await?;
        let product = self.get_product(&ProductRef::Id(release.product_id.clone())).await?;
        let (now, id, to) = (context.now, context.release_id.clone(), proposal.promotion());
        let promoted = release.promoted(now, id, &product, to, self.principal.actor())?;
        let mut overlay = CatalogOverlay::default();
        let place = schema::release(&product.product_id, &promoted.channel, &promoted.version);
        let existing: Option<Stored<Release>> = self.table.get(&place).await?;
        if let Some(Stored { value: existing, .. }) = existing {
            return promoted.difference(&existing).map_or(Ok(overlay), Err);
        }
        if let Some(product) = product.with_channel(context.now, &promoted.channel)? {
            overlay.set_product(product);
        }
        self.preview_release(&mut overlay, None, promoted).await?;
        Ok(overlay)
    }

    async fn preview_rollout(
        &self,
        proposal: &RolloutProposal,
        context: &ProposalContext,
    ) -> Result<CatalogOverlay> {
        let before = self.get_release(&proposal.release_id).await?;
        let mut overlay = CatalogOverlay::default();
        if let Some(after) = before.rolled_out(&proposal.rollout, context.now)? {
            self.preview_release(&mut overlay, Some(&before), after).await?;
        }
        Ok(overlay)
    }

    async fn preview_policy(
        &self,
        proposal: &PolicyProposal,
        context: &ProposalContext,
    ) -> Result<CatalogOverlay> {
        let mut overlay = CatalogOverlay::default();
        let Some(policy) = &proposal.policy else {
            let level = self.get_policy(&proposal.level()).await?.level;
            overlay.set_policy(level, None);
            return Ok(overlay);
        };
        let level = self.require_level(&proposal.level(), policy).await?;
        let policy = LevelPolicy {
            level: level.clone(),
            policy: policy.clone(),
            updated_at: context.now,
            updated_by: self.principal.actor().to_owned(),
        };
        overlay.set_policy(level, Some(policy));
        Ok(overlay)
    }

    async fn preview_revocation(
        &self,
        proposal: &RevocationProposal,
        context: &ProposalContext,
    ) -> Result<CatalogOverlay> {
        let named = self.get_release(&proposal.release_id).await?;
        named.require_not_draft()?;
        let releases = if proposal.all_channels {
            let live = self.load_live_releases_of_version(&named).await?;
            require_room(&named, &live)?;
            live.into_iter().map(|stored| stored.value).collect()
        } else {
            vec![named]
        };
        let reason: Reason = "simulation".parse().map_err(Error::internal)?;
        let mut overlay = CatalogOverlay::default();
        for before in &releases {
            let revoked = before.revoked(context.now, self.principal.actor(), reason.clone())?;
            if let Some(revoked) = revoked {
                self.preview_release(&mut overlay, Some(before), revoked).await?;
            }
        }
        Ok(overlay)
    }

    /// Adds to `overlay` what follows from a release that becomes `after`: its row, and the head of
    /// its channel.
    async fn preview_release(
        &self,
        overlay: &mut CatalogOverlay,
        before: Option<&Release>,
        after: Release,
    ) -> Result<()> {
        if after.status != ReleaseStatus::Draft {
            let head = self.load_head(&after.product_id, &after.channel).await?.head;
            let live = before.filter(|before| before.status == ReleaseStatus::Published);
            overlay.set_head(match (live, after.status) {
                (_, ReleaseStatus::Revoked) => self.completed(head.withdrawn(&after)).await?,
                (Some(before), _) => self.completed(head.changed(before, &after)).await?,
                (None, _) => {
                    head.require_open()?;
                    head.published(&after)
                }
            });
        }
        overlay.set_release(after);
        Ok(())
    }
}
