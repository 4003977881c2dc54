//! Decisions on some products at once: what is known is read with one request, and what a decision
//! lacks beyond that is looked up until each is made.

use slipway_catalog::{DecisionFacts, LookupBudget, SearchOutcome};
use slipway_domain::decision::{
    Decision, DecisionInputs, Lookup, LookupResults, UpdateCheck, VersionSpan,
};
use slipway_domain::policy::Policy;
use slipway_domain::release::ReleaseArtifact;
use slipway_domain::{Channel, ProductId, Result, Version};
use slipway_edge::Ctx;

use crate::decide::Access;

/// The decisions on some products.
pub(crate) struct Group<'a> {
    ctx: &'a Ctx<Access>,
    facts: DecisionFacts,
    public_url: &'a str,
}

/// A decision in the making.
struct Pending<'a> {
    check: &'a UpdateCheck,
    policy: &'a Policy,
    lookups: LookupResults,
    decision: Option<Decision>,
}

impl Pending<'_> {
    fn defer(&mut self) {
        self.decision = Some(self.check.deferred(self.policy));
    }

    fn place(&self) -> Option<(ProductId, Channel)> {
        self.check.product_id.clone().zip(self.check.channel(self.policy))
    }
}

impl<'a> Group<'a> {
    /// Reads the products, tenants, policies and channel heads that `checks` refer to.
    pub(crate) async fn of(ctx: &'a Ctx<Access>, checks: &[UpdateCheck]) -> Result<Self> {
        let facts = ctx.catalog().get_facts(ctx.now(), checks).await?;
        Ok(Self { ctx, facts, public_url: ctx.public_url()? })
    }

    /// The decisions, in the order of `checks`. Those for which `budget` does not suffice are
    /// deferred.
    pub(crate) async fn decide(
        &self,
        checks: &[UpdateCheck],
        budget: &mut LookupBudget,
    ) -> Result<Vec<Decision>> {
        let pending = |(check, policy)| Pending {
            check,
            policy,
            lookups: LookupResults::default(),
            decision: None,
        };
        let with_policies = checks.iter().zip(self.facts.policies());
        let mut all: Vec<Pending<'_>> = with_policies.map(pending).collect();
        loop {
            let mut versions = Vec::new();
            for pending in all.iter_mut().filter(|pending| pending.decision.is_none()) {
                versions.extend(self.advance(pending, budget).await?);
            }
            if versions.is_empty() {
                return Ok(all.into_iter().filter_map(|pending| pending.decision).collect());
            }
            self.look_up_versions(&mut all, versions).await?;
        }
    }

    /// Makes the decision, or goes on with it until it lacks the release of a version: those of all
    /// products are looked up together.
    async fn advance(
        &self,
        pending: &mut Pending<'_>,
        budget: &mut LookupBudget,
    ) -> Result<Option<(ProductId, Channel, Version)>> {
        loop {
            let lookup = match self.attempt(pending) {
                Ok(decision) => {
                    pending.decision = Some(decision);
                    return Ok(None);
                }
                Err(lookup) => lookup,
            };
            let Some(place) = pending.place() else {
                pending.defer();
                return Ok(None);
            };
            let span = match &lookup {
                Lookup::Release(version) => return Ok(Some((place.0, place.1, version.clone()))),
                Lookup::Newest(span) => span,
                Lookup::Required(span) => {
                    self.look_up_required(pending, (&place.0, &place.1), span, budget).await?;
                    if pending.decision.is_some() {
                        return Ok(None);
                    }
                    continue;
                }
            };
            match self.find(pending, (&place.0, &place.1), span, budget).await? {
                SearchOutcome::Found(release) => pending.lookups.add(lookup, Some(release)),
                SearchOutcome::NotFound => pending.lookups.add(lookup, None),
                SearchOutcome::OverBudget => {
                    pending.defer();
                    return Ok(None);
                }
            }
        }
    }

    fn attempt(&self, pending: &Pending<'_>) -> Result<Decision, Lookup> {
        let locate = |artifact: &ReleaseArtifact| artifact.download_url_for(self.public_url);
        pending.check.decide(self.inputs(pending), locate)
    }

    fn inputs<'p>(&'p self, pending: &'p Pending<'_>) -> DecisionInputs<'p> {
        let Pending { check, policy, lookups, .. } = pending;
        let product = check.product_id.as_ref();
        let tenant = check.tenant_id.as_ref().and_then(|id| id.as_ref().ok());
        let place = pending.place();
        DecisionInputs {
            product: product.and_then(|id| self.facts.product(id)),
            tenant: tenant.and_then(|id| self.facts.tenant(id)),
            head: place.and_then(|(product, channel)| self.facts.head(&product, &channel)),
            policy,
            lookups,
        }
    }

    async fn find(
        &self,
        pending: &Pending<'_>,
        place: (&ProductId, &Channel),
        span: &VersionSpan,
        budget: &mut LookupBudget,
    ) -> Result<SearchOutcome> {
        let known = self.inputs(pending);
        let accept = |release: &_| pending.check.may_be_offered(release, known);
        self.ctx.catalog().find_newest_release(self.ctx.now(), place, span, budget, accept).await
    }

    /// Looks up the required release that the client has to pass, or defers the decision.
    async fn look_up_required(
        &self,
        pending: &mut Pending<'_>,
        place: (&ProductId, &Channel),
        span: &VersionSpan,
        budget: &mut LookupBudget,
    ) -> Result<()> {
        let (catalog, now) = (self.ctx.catalog(), self.ctx.now());
        let (check, product) = (pending.check, self.facts.product(place.0));
        let accept = |targets: &_| check.runs_any(targets, product);
        let version = match catalog.find_required_release(now, place, span, budget, accept).await? {
            SearchOutcome::Found(version) => Some(version),
            SearchOutcome::NotFound => None,
            SearchOutcome::OverBudget => {
                pending.defer();
                return Ok(());
            }
        };
        pending.lookups.add_required(span.clone(), version);
        Ok(())
    }

    /// Looks up the releases that decisions lack, with one request.
    async fn look_up_versions(
        &self,
        all: &mut [Pending<'_>],
        wanted: Vec<(ProductId, Channel, Version)>,
    ) -> Result<()> {
        let found = self.ctx.catalog().get_releases(self.ctx.now(), &wanted).await?;
        let lacking = all.iter_mut().filter(|pending| pending.decision.is_none());
        for ((pending, (.., version)), release) in lacking.zip(wanted).zip(found) {
            pending.lookups.add(Lookup::Release(version), release);
        }
        Ok(())
    }
}
