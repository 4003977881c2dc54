//! What a decision has considered, in order: recorded by the rules themselves, where somebody asks.

use std::sync::{Mutex, MutexGuard, PoisonError};

use schemars::JsonSchema;
use serde::Serialize;

use super::{DecisionInputs, DecisionReason};
use crate::{Channel, Version};

/// How many of the older releases that were looked up a trace lists.
pub const MAX_OLDER: usize = 100;

/// A rule of decisions, in the order in which they are considered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "DecisionRule")]
pub enum Rule {
    /// The product has to exist.
    Product,
    /// The tenant, where the client names one, has to exist and not be suspended.
    Tenant,
    /// The tenant has to be entitled to the product.
    Entitlement,
    /// There has to be a channel: a policy's, or a valid one of the client.
    Channel,
    /// The installed version has to be one.
    CurrentVersion,
    /// The platform, where the client names one, has to be known.
    Platform,
    /// The architecture, where the client names one, has to be known.
    Arch,
    /// The version of the operating system, where the client names one, has to be one.
    OsVersion,
    /// The lowest required release above the installed version, on each channel, is offered before
    /// anything newer.
    SteppingStone,
    /// Whether one of a channel's highest live releases can be offered.
    Candidate,
    /// The highest release that can be offered is.
    NewestRelease,
    /// Whether the installed version is revoked or blocked, where nothing higher can be offered.
    InstalledVersion,
    /// A client on a revoked or blocked version is offered a lower one, if policy allows it.
    Downgrade,
    /// Why nothing is offered.
    NothingNewer,
    /// Where the IT department deploys updates, clients do nothing.
    Mode,
    /// A decision that needs too many older releases to be looked up is deferred.
    LookupBudget,
}

/// What a rule did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "DecisionRuleResult")]
pub enum RuleResult {
    /// It let the decision go on.
    Passed,
    /// It had nothing to say about this client.
    NotApplicable,
    /// It kept a release from the client; `reason` says why.
    Skipped,
    /// It gave the decision its `reason`; a later one may have given it another.
    Decided,
}

/// A rule that was considered, and what it did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ConsideredRule {
    /// The rule.
    pub rule: Rule,
    /// What it did.
    pub result: RuleResult,
    /// Why; null where it says nothing.
    pub reason: Option<DecisionReason>,
    /// The channel that it is about; null if it is about none in particular.
    pub channel: Option<Channel>,
    /// The version that it is about; null if it is about none.
    pub version: Option<Version>,
}

/// A release below those that a channel's head summarizes, which was looked up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct OlderRelease {
    /// Its channel.
    pub channel: Channel,
    /// Its version.
    pub version: Version,
    /// Why it can't be offered to the client; null if it can.
    pub reason: Option<DecisionReason>,
}

/// Records what a decision considers.
#[derive(Debug, Default)]
pub struct Trace(Mutex<Recorded>);

/// What a decision has considered.
#[derive(Debug, Clone, Default)]
pub struct Recorded {
    /// The rules, in order.
    pub rules: Vec<ConsideredRule>,
    /// Older releases that were looked up, in the order in which they were read, at most
    /// [`MAX_OLDER`].
    pub older: Vec<OlderRelease>,
    /// How many more of them there were.
    pub older_left_out: usize,
}

impl ConsideredRule {
    pub(super) fn new(rule: Rule, result: RuleResult) -> Self {
        Self { rule, result, reason: None, channel: None, version: None }
    }

    /// A rule that decides.
    pub(super) fn decided(rule: Rule, reason: DecisionReason) -> Self {
        Self { reason: Some(reason), ..Self::new(rule, RuleResult::Decided) }
    }

    /// What a rule says of a release: why it can't be offered, or `None` if it can.
    pub(super) fn of_release(
        rule: Rule,
        obstacle: Option<DecisionReason>,
        channel: &Channel,
        version: &Version,
    ) -> Self {
        let result = if obstacle.is_some() { RuleResult::Skipped } else { RuleResult::Passed };
        let (channel, version) = (Some(channel.clone()), Some(version.clone()));
        Self { rule, result, reason: obstacle, channel, version }
    }

    pub(super) fn about(self, version: &Version) -> Self {
        Self { version: Some(version.clone()), ..self }
    }
}

impl Trace {
    /// What was recorded.
    #[must_use]
    pub fn into_recorded(self) -> Recorded {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, Recorded> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl DecisionInputs<'_> {
    /// Records a rule. `rule` is not called where nobody asks.
    pub(super) fn note(&self, rule: impl FnOnce() -> ConsideredRule) {
        if let Some(trace) = self.trace {
            trace.lock().rules.push(rule());
        }
    }

    /// Records a rule that lets the decision go on, or decides.
    pub(super) fn checked<T>(
        &self,
        rule: Rule,
        result: Result<T, DecisionReason>,
    ) -> Result<T, DecisionReason> {
        self.note(|| match &result {
            Ok(_) => ConsideredRule::new(rule, RuleResult::Passed),
            Err(reason) => ConsideredRule::decided(rule, *reason),
        });
        result
    }

    /// Records an older release that was looked up.
    pub(super) fn note_older(&self, older: impl FnOnce() -> OlderRelease) {
        let Some(trace) = self.trace else { return };
        let mut recorded = trace.lock();
        if recorded.older.len() < MAX_OLDER {
            recorded.older.push(older());
        } else {
            recorded.older_left_out += 1;
        }
    }

    /// Forgets the rules of an attempt that lacked a lookup: the decision is made anew.
    pub(super) fn restart(&self) {
        if let Some(trace) = self.trace {
            trace.lock().rules.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decision::{InstalledProduct, LookupResults, UpdateCheck};
    use crate::policy::Policy;

    #[test]
    fn a_deferred_decision_is_decided_by_the_lookup_budget() {
        let product = serde_json::json!({ "product_id": "prod_app", "current_version": "1.0.0" });
        let product: InstalledProduct = serde_json::from_value(product).unwrap();
        let (policy, lookups, trace) =
            (Policy::default(), LookupResults::default(), Trace::default());
        let known = DecisionInputs {
            product: None,
            tenant: None,
            heads: &[],
            policy: &policy,
            lookups: &lookups,
            trace: Some(&trace),
        };
        known.note(|| ConsideredRule::new(Rule::Product, RuleResult::Passed));
        let decision = UpdateCheck::from(product).over_budget(known);
        assert_eq!(decision.reason, DecisionReason::Deferred);
        let rules = trace.into_recorded().rules;
        let decided = ConsideredRule::decided(Rule::LookupBudget, DecisionReason::Deferred);
        assert_eq!(rules[1..], [decided]);
    }
}
