//! Decisions on some products at once: what is known is read with one request, and what a decision
//! lacks beyond that is looked up until each is made.

use slipway_domain::channel_head::ChannelHead;
use slipway_domain::decision::{
    Decision, DecisionInputs, Explanation, Lookup, LookupResults, Trace, UpdateCheck, VersionSpan,
};
use slipway_domain::policy::Policy;
use slipway_domain::release::ReleaseArtifact;
use slipway_domain::{Channel, ProductId, Result, Timestamp, Version};

use crate::decision_lookups::{LookupBudget, SearchOutcome};
use crate::decisions::{DecisionFacts, DecisionReader};

/// The decisions on some products.
#[derive(Debug)]
pub struct DecisionGroup<'a> {
    catalog: &'a DecisionReader,
    now: Timestamp,
    facts: DecisionFacts,
    public_url: &'a str,
}

/// A release that a decision lacks.
type Wanted = (ProductId, Channel, Version);

/// A decision in the making.
struct Pending<'a> {
    check: &'a UpdateCheck,
    policy: &'a Policy,
    heads: Vec<&'a ChannelHead>,
    lookups: LookupResults,
    trace: Option<&'a Trace>,
    decision: Option<Decision>,
}

impl<'a> DecisionGroup<'a> {
    /// How many products are decided together, at the most: what is found about them is in memory
    /// at once. One request to DynamoDB reads what they need.
    pub const MAX_CHECKS: usize = 20;

    /// Reads the products, tenants, policies and channel heads that `checks` refer to.
    ///
    /// # Errors
    /// `unavailable` or `internal`, as DynamoDB answers.
    pub async fn of(
        (catalog, now): (&'a DecisionReader, Timestamp),
        checks: &[UpdateCheck],
        public_url: &'a str,
    ) -> Result<Self> {
        let facts = catalog.get_facts(now, checks).await?;
        Ok(Self { catalog, now, facts, public_url })
    }

    /// The decisions, in the order of `checks`. Those for which `budget` does not suffice are
    /// deferred.
    ///
    /// # Errors
    /// `unavailable` or `internal`, as DynamoDB answers.
    pub async fn decide(
        &self,
        checks: &[UpdateCheck],
        budget: &mut LookupBudget,
    ) -> Result<Vec<Decision>> {
        let with_policies = checks.iter().zip(self.facts.policies());
        let all = with_policies.map(|(check, policy)| self.pending(check, policy));
        self.complete(all.collect(), budget).await
    }

    /// The decision on `check`, the only one of the group, and what it considers.
    ///
    /// # Errors
    /// `unavailable` or `internal`, as DynamoDB answers.
    pub async fn explain(&self, check: &UpdateCheck) -> Result<Option<Explanation>> {
        let trace = Trace::default();
        let Some(policy) = self.facts.policies().first() else { return Ok(None) };
        let pending = Pending { trace: Some(&trace), ..self.pending(check, policy) };
        let decisions = self.complete(vec![pending], &mut LookupBudget::default()).await?;
        let levels = self.facts.level_policies(check);
        let decision = decisions.into_iter().next();
        Ok(decision.map(|decision| Explanation::new(decision, check, policy, levels, trace)))
    }

    /// The decisions, once all that they lack is looked up.
    async fn complete(
        &self,
        mut all: Vec<Pending<'_>>,
        budget: &mut LookupBudget,
    ) -> Result<Vec<Decision>> {
        loop {
            let mut wanted = Vec::new();
            for pending in all.iter_mut().filter(|pending| pending.decision.is_none()) {
                wanted.extend(self.advance(pending, budget).await?);
            }
            if wanted.is_empty() {
                return Ok(all.into_iter().filter_map(|pending| pending.decision).collect());
            }
            self.look_up_versions(&mut all, wanted).await?;
        }
    }

    fn pending<'p>(&'p self, check: &'p UpdateCheck, policy: &'p Policy) -> Pending<'p> {
        let place = check.product_id.as_ref().zip(check.channel(policy));
        let heads = place.map(|(product, channel)| self.facts.heads(product, &channel));
        let (heads, lookups) = (heads.unwrap_or_default(), LookupResults::default());
        Pending { check, policy, heads, lookups, trace: None, decision: None }
    }

    /// Makes the decision, or goes on with it until it lacks the release of a version, on one
    /// channel or several: those of all products are looked up together.
    async fn advance(
        &self,
        pending: &mut Pending<'_>,
        budget: &mut LookupBudget,
    ) -> Result<Option<Vec<Wanted>>> {
        loop {
            let lookup = match self.attempt(pending) {
                Ok(decision) => {
                    pending.decision = Some(decision);
                    return Ok(None);
                }
                Err(lookup) => lookup,
            };
            let Some(product) = &pending.check.product_id else {
                self.defer(pending);
                return Ok(None);
            };
            match lookup {
                Lookup::Release(channel, version) => {
                    let known = self.inputs(pending);
                    let channels = pending.check.channels_to_look_up(known, &channel, &version);
                    let wanted = |channel| (product.clone(), channel, version.clone());
                    return Ok(Some(channels.into_iter().map(wanted).collect()));
                }
                Lookup::Newest(channel, span) => {
                    self.look_up_newest(pending, (product, &channel), span, budget).await?;
                }
                Lookup::Required(channel, span) => {
                    self.look_up_required(pending, (product, &channel), span, budget).await?;
                }
            }
            if pending.decision.is_some() {
                return Ok(None);
            }
        }
    }

    fn attempt(&self, pending: &Pending<'_>) -> Result<Decision, Lookup> {
        let locate = |artifact: &ReleaseArtifact| artifact.download_url_for(self.public_url);
        pending.check.decide(self.inputs(pending), locate)
    }

    fn inputs<'p>(&'p self, pending: &'p Pending<'_>) -> DecisionInputs<'p> {
        let Pending { check, policy, heads, lookups, trace, .. } = pending;
        let product = check.product_id.as_ref();
        let tenant = check.tenant_id.as_ref().and_then(|id| id.as_ref().ok());
        DecisionInputs {
            product: product.and_then(|id| self.facts.product(id)),
            tenant: tenant.and_then(|id| self.facts.tenant(id)),
            heads,
            policy,
            lookups,
            trace: *trace,
        }
    }

    /// Ends a decision whose budget is spent.
    fn defer(&self, pending: &mut Pending<'_>) {
        pending.decision = Some(pending.check.over_budget(self.inputs(pending)));
    }

    /// Looks up the newest release of a channel that the client may have, or defers the decision.
    async fn look_up_newest(
        &self,
        pending: &mut Pending<'_>,
        place: (&ProductId, &Channel),
        span: VersionSpan,
        budget: &mut LookupBudget,
    ) -> Result<()> {
        let (catalog, now, known) = (self.catalog, self.now, self.inputs(pending));
        let accept = |release: &_| pending.check.may_be_offered(release, known);
        let release = match catalog.find_newest_release(now, place, &span, budget, accept).await? {
            SearchOutcome::Found(release) => Some(release),
            SearchOutcome::NotFound => None,
            SearchOutcome::OverBudget => {
                self.defer(pending);
                return Ok(());
            }
        };
        pending.lookups.add(Lookup::Newest(place.1.clone(), span), release);
        Ok(())
    }

    /// Looks up the required release that the client has to pass, or defers the decision.
    async fn look_up_required(
        &self,
        pending: &mut Pending<'_>,
        place: (&ProductId, &Channel),
        span: VersionSpan,
        budget: &mut LookupBudget,
    ) -> Result<()> {
        let (catalog, now) = (self.catalog, self.now);
        let (check, product) = (pending.check, self.facts.product(place.0));
        let accept = |targets: &_| check.runs_any(targets, product);
        let version = match catalog.find_required_release(now, place, &span, budget, accept).await?
        {
            SearchOutcome::Found(version) => Some(version),
            SearchOutcome::NotFound => None,
            SearchOutcome::OverBudget => {
                self.defer(pending);
                return Ok(());
            }
        };
        pending.lookups.add_required(place.1.clone(), span, version);
        Ok(())
    }

    /// Looks up the releases that decisions lack, with one request.
    async fn look_up_versions(
        &self,
        all: &mut [Pending<'_>],
        wanted: Vec<Vec<Wanted>>,
    ) -> Result<()> {
        let releases = self.catalog.get_releases(self.now, &wanted.concat()).await?;
        let mut releases = releases.into_iter();
        let lacking = all.iter_mut().filter(|pending| pending.decision.is_none());
        for (pending, wanted) in lacking.zip(wanted) {
            for ((_, channel, version), release) in wanted.into_iter().zip(&mut releases) {
                pending.lookups.add(Lookup::Release(channel, version), release);
            }
        }
        Ok(())
    }
}
