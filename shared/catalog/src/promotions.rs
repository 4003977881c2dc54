//! Promotions of release bundles: how they are read and listed.

use futures::future::try_join;
use slipway_composition::{
    BundlePromotion, BundlePromotionStatus, BundlePromotionSummary, Environment, EnvironmentId,
    OpenPromotion, PromotionId, ReleaseBundleId,
};
use slipway_domain::approval::Voter;
use slipway_domain::{Error, Principal, Result, Scope, Timestamp};

use crate::approval_evaluation::VoterTokens;
use crate::authorization::{Protected, Resource};
use crate::numbered_list::{ListEntry, ListSegment, NumberedSlice, PageRange};
use crate::schema::{self, NumberedList};
use crate::store::{Consistency, Reader, Stored, decode};

/// Which promotions are listed.
#[derive(Debug, Clone, Default)]
pub struct PromotionFilter {
    /// Those of this release bundle alone.
    pub bundle_id: Option<ReleaseBundleId>,
    /// Those to this environment alone.
    pub environment_id: Option<EnvironmentId>,
    /// Those with this status alone.
    pub status: Option<BundlePromotionStatus>,
}

/// A promotion, and where in the list it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListedPromotion {
    pub(crate) promotion: BundlePromotion,
    pub(crate) segment: ListSegment,
}

/// A promotion as it stands at a moment, and what that rests on.
pub(crate) struct EvaluatedPromotion {
    pub(crate) promotion: BundlePromotion,
    /// Its environment; none, where it waits no more, or where that was deleted since: then it has
    /// ended since it was read, and its revision tells.
    pub(crate) environment: Option<Stored<Environment>>,
    /// The tokens of those who have approved.
    pub(crate) tokens: VoterTokens,
}

impl Protected for ListedPromotion {
    fn resource(&self) -> Resource<'_> {
        Resource::Deployment
    }
}

impl ListEntry for BundlePromotionSummary {
    const LIST: NumberedList = NumberedList::Promotions;

    fn id(&self) -> &str {
        self.id.as_str()
    }

    fn class(&self) -> &'static str {
        self.status.as_str()
    }
}

impl PromotionFilter {
    fn keeps(&self, summary: &BundlePromotionSummary) -> bool {
        let of_bundle = |id: &ReleaseBundleId| summary.release_id == *id;
        let to_environment = |id: &EnvironmentId| summary.target_environment_id == *id;
        self.bundle_id.as_ref().is_none_or(of_bundle)
            && self.environment_id.as_ref().is_none_or(to_environment)
            && self.status.is_none_or(|status| summary.status == status)
    }

    /// Whether the rows of what environments are open for tell which promotions are listed.
    fn is_answered_by_open_promotions(&self) -> bool {
        let is_narrow = self.bundle_id.is_some() || self.environment_id.is_some();
        is_narrow && self.status.is_some_and(BundlePromotionStatus::is_open)
    }

    fn keeps_open(&self, open: &OpenPromotion) -> bool {
        self.bundle_id.as_ref().is_none_or(|id| open.bundle_id == *id)
            && self.status.is_none_or(|status| open.status == status)
    }
}

impl Reader {
    /// The promotion with this id as it stands at `now`, if the principal may know of it.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get_promotion(&self, id: &PromotionId, now: Timestamp) -> Result<BundlePromotion> {
        let promotion = self.load_promotion(id).await?.value.promotion;
        Ok(self.evaluate_promotion(promotion, now).await?.promotion)
    }

    pub(crate) async fn load_promotion(&self, id: &PromotionId) -> Result<Stored<ListedPromotion>> {
        let found = self.find(&schema::promotion(id)).await?;
        found.ok_or_else(|| Error::not_found("promotion", id))
    }

    /// `promotion` as it stands at `now`: by the number that its environment asks for by then, and
    /// by who of those that have approved still may.
    pub(crate) async fn evaluate_promotion(
        &self,
        promotion: BundlePromotion,
        now: Timestamp,
    ) -> Result<EvaluatedPromotion> {
        if promotion.status != BundlePromotionStatus::AwaitingApproval {
            let tokens = VoterTokens::default();
            return Ok(EvaluatedPromotion { promotion, environment: None, tokens });
        }
        let environment = self.find_environment(&promotion.target_environment_id);
        let tokens = self.load_voter_tokens(promotion.approvals.iter());
        let (environment, tokens) = try_join(environment, tokens).await?;
        let counts = |voter: &Voter| tokens.counts(voter, now, may_promote);
        let required = environment.as_ref().map(|it| it.value.required_approvals);
        let required = required.unwrap_or(promotion.required_approvals);
        let promotion = promotion.evaluated(required, counts);
        Ok(EvaluatedPromotion { promotion, environment, tokens })
    }

    /// The promotions in `range` of those that `filter` leaves and the principal may know of,
    /// newest first. Of a release bundle or to an environment, all that there are of those are
    /// read, but for those that are open: of these there is one at most to each environment.
    pub async fn list_promotions(
        &self,
        filter: &PromotionFilter,
        range: PageRange,
    ) -> Result<NumberedSlice<BundlePromotionSummary>> {
        if !self.can_see(Resource::Deployment) {
            return Ok(NumberedSlice::empty());
        }
        if filter.is_answered_by_open_promotions() {
            return Ok(NumberedSlice::of(self.open_promotions_of(filter).await?, range));
        }
        let keep = |summary: &BundlePromotionSummary| filter.keeps(summary);
        let of_bundle = filter.bundle_id.as_ref().map(schema::promotions_of);
        let to_environment = filter.environment_id.as_ref().map(schema::promotions_to);
        match (of_bundle, to_environment, filter.status) {
            (None, None, status) => {
                let class = status.map(BundlePromotionStatus::as_str);
                self.table.numbered_slice(class, range).await
            }
            (Some(all), None, None) | (None, Some(all), None) => {
                self.table.member_slice(&all, None, range).await
            }
            (Some(all), _, _) | (None, Some(all), _) => {
                self.table.member_slice(&all, Some(&keep), range).await
            }
        }
    }

    /// The open promotions that `filter` leaves, newest first, by what environments are open for.
    async fn open_promotions_of(
        &self,
        filter: &PromotionFilter,
    ) -> Result<Vec<BundlePromotionSummary>> {
        let open = match &filter.environment_id {
            Some(environment) => self.find_open_promotion(environment).await?.into_iter().collect(),
            None => self.list_open_promotions().await?,
        };
        let wanted = open.iter().filter(|open| filter.keeps_open(open));
        let keys = wanted.map(|open| schema::promotion(&open.promotion_id)).collect();
        let rows = self.table.batch_get(keys, Consistency::Strong).await?;
        let found = rows.iter().map(|row| Ok(decode::<ListedPromotion>(row)?.value.promotion));
        let found = found.map(|promotion| promotion.map(|promotion| promotion.summary()));
        let mut found = found.collect::<Result<Vec<_>>>()?;
        // What has moved on since is not as it is asked for any more.
        found.retain(|summary| filter.keeps(summary));
        found.sort_by(|a, b| b.id.cmp(&a.id));
        Ok(found)
    }

    /// The promotion to an environment that is open, if there is one.
    async fn find_open_promotion(&self, id: &EnvironmentId) -> Result<Option<OpenPromotion>> {
        Ok(self.table.get(&schema::open_promotion(id)).await?.map(|open| open.value))
    }

    /// The promotions that are open, one for each environment at most.
    pub(crate) async fn list_open_promotions(&self) -> Result<Vec<OpenPromotion>> {
        let rows = self.table.partition(schema::OPEN_PROMOTIONS).await?;
        rows.iter().map(|row| Ok(decode(row)?.value)).collect()
    }

    /// Makes sure that no promotion to `environment` is open.
    ///
    /// # Errors
    /// `stale_state`, which names it.
    pub(crate) async fn require_no_promotion_to(&self, environment: &Environment) -> Result<()> {
        let open = self.find_open_promotion(&environment.id).await?;
        open.map_or(Ok(()), |open| Err(open.in_the_way(environment)))
    }
}

/// Makes sure that `principal` may promote release bundles, and so approve that others do.
///
/// # Errors
/// `forbidden`.
pub(crate) fn may_promote(principal: &Principal) -> Result<()> {
    Resource::Deployment.authorize_change(principal)?;
    principal.require(Scope::BundlesWrite)
}
