//! The explanation of a decision, for operators: what it rests on, and each rule that it considered.

use schemars::JsonSchema;
use serde::Serialize;

use super::{ConsideredRule, Decision, OlderRelease, Recorded, Trace, UpdateCheck};
use crate::platform::{Arch, Platform};
use crate::policy::{LevelPolicy, Policy, PolicyLevel};
use crate::{Channel, ProductId, TenantId, Version};

/// Why a decision is as it is. It is not signed: it is not for clients.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Explanation {
    /// The decision, as the client would get it.
    pub decision: Decision,
    /// The client, as its words were understood.
    pub client: UnderstoodClient,
    /// The effective policy: those of all levels, merged.
    pub policy: Policy,
    /// The policies of the levels that apply to the client, each before those that it goes before.
    pub policies: Vec<PolicyContribution>,
    /// The rules that were considered, in order. The last one that `decided` gave the decision its
    /// reason.
    pub rules: Vec<ConsideredRule>,
    /// Releases below the highest three of their channel that were looked up, in the order in which they
    /// were read; at most 100.
    pub older_releases: Vec<OlderRelease>,
    /// How many more were looked up.
    pub older_releases_left_out: usize,
}

/// A client, as its words were understood. What it does not say, and what says nothing, is null.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct UnderstoodClient {
    /// Id of the product.
    pub product_id: Option<ProductId>,
    /// Id of the tenant.
    pub tenant_id: Option<TenantId>,
    /// Channel that the client names.
    pub channel: Option<Channel>,
    /// Installed version.
    pub current_version: Option<Version>,
    /// Operating system.
    pub platform: Option<Platform>,
    /// Processor architecture.
    pub arch: Option<Arch>,
    /// Whether its operating system has a version that was understood.
    pub has_os_version: bool,
    /// Id of the client installation; null for a blank one.
    pub client_id: Option<String>,
}

/// What the policy of a level contributes to the effective one.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct PolicyContribution {
    /// What the policy applies to.
    #[serde(flatten)]
    pub level: PolicyLevel,
    /// What it says.
    pub policy: Policy,
    /// The members of the effective policy that come from it. `blocked_versions` come from each
    /// level that has some.
    pub decides: Vec<&'static str>,
    /// Whether its `channel` counts as left out: the product does not have it, or nothing is live
    /// there.
    pub channel_skipped: bool,
}

impl Explanation {
    /// The explanation of a decision on `check` under `policy`, which the policies of `levels` make,
    /// those that go first before the others.
    #[must_use]
    pub fn new<'a>(
        decision: Decision,
        check: &UpdateCheck,
        policy: &Policy,
        levels: impl IntoIterator<Item = &'a LevelPolicy>,
        trace: Trace,
    ) -> Self {
        let Recorded { rules, older, older_left_out } = trace.into_recorded();
        Self {
            decision,
            client: check.into(),
            policy: policy.clone(),
            policies: contributions(policy, levels),
            rules,
            older_releases: older,
            older_releases_left_out: older_left_out,
        }
    }
}

impl From<&UpdateCheck> for UnderstoodClient {
    fn from(check: &UpdateCheck) -> Self {
        Self {
            product_id: check.product_id.clone(),
            tenant_id: check.tenant_id.clone().and_then(Result::ok),
            channel: check.channel.clone().ok().flatten(),
            current_version: check.current.clone(),
            platform: check.platform.ok().flatten(),
            arch: check.arch.ok().flatten(),
            has_os_version: matches!(check.os, Ok(Some(_))),
            client_id: check.client_id().map(str::to_owned),
        }
    }
}

/// What each level contributes: a member comes from the first level that has it.
fn contributions<'a>(
    effective: &Policy,
    levels: impl IntoIterator<Item = &'a LevelPolicy>,
) -> Vec<PolicyContribution> {
    let mut open = vec!["mode", "channel", "pinned_range", "allow_downgrade"];
    let contribution = |LevelPolicy { level, policy, .. }: &LevelPolicy| {
        let says = |member: &str| match member {
            "mode" => policy.mode.is_some(),
            "channel" => policy.channel.is_some() && policy.channel == effective.channel,
            "pinned_range" => policy.pinned_range.is_some(),
            _ => policy.allow_downgrade.is_some(),
        };
        let channel_was_open = open.contains(&"channel");
        let (mut decides, still_open): (Vec<_>, _) =
            open.iter().copied().partition(|member| says(member));
        open = still_open;
        decides.extend((!policy.blocked_versions.is_empty()).then_some("blocked_versions"));
        let is_skipped =
            channel_was_open && policy.channel.is_some() && policy.channel != effective.channel;
        PolicyContribution {
            level: level.clone(),
            policy: policy.clone(),
            decides,
            channel_skipped: is_skipped,
        }
    };
    levels.into_iter().map(contribution).collect()
}
