//! Promotions of release bundles: where they leave a bundle, and when enough others have approved.

use proptest::prelude::*;
use slipway_composition::{
    BundleEvent, BundlePromotion, BundlePromotionStatus, BundleStatus, EnvironmentId,
    PromotionCounts, PromotionId, PromotionResult, ReleaseBundleId,
};
use slipway_domain::approval::Voter;
use slipway_domain::{Code, GenerateId, Timestamp};

/// Who asks for the promotions.
const REQUESTER: &str = "tok_0";

/// What happens to a bundle that was ready.
#[derive(Debug, Clone)]
enum Step {
    /// A promotion of it is asked for, which begins at once or waits.
    Ask(BundlePromotionStatus),
    /// One of its promotions, by its place, comes to stand there, if it can.
    Move(usize, BundlePromotionStatus),
    /// It is deprecated.
    Deprecate,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    use BundlePromotionStatus::{AwaitingApproval, Deployed, Failed, InProgress, Rejected};
    let begins = prop::sample::select(vec![AwaitingApproval, InProgress]);
    let ends = prop::sample::select(vec![InProgress, Deployed, Failed, Rejected]);
    let one = prop_oneof![
        4 => begins.prop_map(Step::Ask),
        6 => (0..6_usize, ends).prop_map(|(place, status)| Step::Move(place, status)),
        1 => Just(Step::Deprecate),
    ];
    prop::collection::vec(one, 0..24)
}

/// Whether a promotion that stands at `before` can come to stand at `after`.
fn can_follow(before: BundlePromotionStatus, after: BundlePromotionStatus) -> bool {
    use BundlePromotionStatus::{AwaitingApproval, Deployed, Failed, InProgress, Rejected};
    matches!(
        (before, after),
        (AwaitingApproval, InProgress | Rejected) | (InProgress, Deployed | Failed)
    )
}

/// Where a bundle stands with these promotions, told from all of them.
fn expected(promotions: &[BundlePromotionStatus], is_deprecated: bool) -> BundleStatus {
    if is_deprecated {
        BundleStatus::Deprecated
    } else if promotions.contains(&BundlePromotionStatus::InProgress) {
        BundleStatus::Promoting
    } else if promotions.contains(&BundlePromotionStatus::Deployed) {
        BundleStatus::Deployed
    } else {
        BundleStatus::Ready
    }
}

/// Who approves, one after the other, and whose credentials are valid then.
fn voters() -> impl Strategy<Value = Vec<(usize, Vec<bool>)>> {
    prop::collection::vec((0..5_usize, prop::collection::vec(any::<bool>(), 5)), 0..12)
}

fn promotion(required: u32) -> BundlePromotion {
    let at = Timestamp::UNIX_EPOCH;
    BundlePromotion {
        id: PromotionId::generate(at, [1; 10]),
        release_id: ReleaseBundleId::generate(at, [2; 10]),
        release_name: "myapp".parse().unwrap(),
        target_environment_id: EnvironmentId::generate(at, [3; 10]),
        status: BundlePromotionStatus::AwaitingApproval,
        reason: None,
        required_approvals: required,
        approvals: Vec::new(),
        rejection: None,
        created_at: at,
        created_by: REQUESTER.to_owned(),
        started_at: None,
        completed_at: None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_bundle_stands_where_all_its_promotions_leave_it_whatever_their_order(steps in steps()) {
        let (mut status, mut tally) = (BundleStatus::Ready, PromotionCounts::default());
        let (mut promotions, mut is_deprecated) = (Vec::new(), false);
        for step in steps {
            let (place, before, after) = match step {
                Step::Deprecate => {
                    status = status.after(BundleEvent::Deprecated).unwrap();
                    is_deprecated = true;
                    continue;
                }
                Step::Ask(after) => (promotions.len(), None, after),
                Step::Move(place, after) => {
                    let Some(before) = promotions.get(place).copied() else { continue };
                    if !can_follow(before, after) {
                        continue;
                    }
                    (place, Some(before), after)
                }
            };
            let moved = tally.with_step(before, after);
            let starts = matches!(
                after,
                BundlePromotionStatus::AwaitingApproval | BundlePromotionStatus::InProgress
            );
            match moved.status_after(status, after) {
                Ok(next) => {
                    prop_assert!(!(starts && is_deprecated));
                    (status, tally) = (next, moved);
                    promotions.resize(promotions.len().max(place + 1), after);
                    promotions[place] = after;
                }
                Err(_) => prop_assert!(starts && is_deprecated),
            }
            prop_assert_eq!(status, expected(&promotions, is_deprecated));
            let open = promotions.iter().filter(|status| status.is_open()).count();
            prop_assert_eq!(usize::try_from(tally.open()).unwrap(), open);
        }
    }

    #[test]
    fn a_promotion_begins_with_the_last_approval_that_it_needs(
        required in 1..4_u32,
        voters in voters(),
    ) {
        let mut promotion = promotion(required);
        let mut approved = std::collections::BTreeSet::new();
        for (voter, valid) in voters {
            let actor = |n: usize| format!("tok_{n}");
            let is_valid = |voter: &Voter| (0..5).any(|n| voter.actor == actor(n) && valid[n]);
            promotion = promotion.evaluated(required, is_valid);
            let by = Voter { actor: actor(voter), name: None, at: Timestamp::UNIX_EPOCH };
            match promotion.approved(by) {
                Err(error) if voter == 0 => prop_assert_eq!(error.code(), Code::Forbidden),
                Err(error) => {
                    prop_assert_eq!(error.code(), Code::StaleState);
                    prop_assert_eq!(promotion.status, BundlePromotionStatus::InProgress);
                }
                Ok(None) => prop_assert!(approved.contains(&voter)),
                Ok(Some(next)) => {
                    prop_assert!(voter != 0);
                    approved.insert(voter);
                    // Whoever approves does so with a credential that is valid.
                    let counting = approved.iter().filter(|n| valid[**n] || **n == voter).count();
                    let has_begun = next.status == BundlePromotionStatus::InProgress;
                    prop_assert_eq!(has_begun, counting >= usize::try_from(required).unwrap());
                    promotion = next;
                }
            }
            if promotion.status == BundlePromotionStatus::InProgress {
                break;
            }
        }
    }

    #[test]
    fn a_promotion_ends_once(ends in prop::collection::vec(any::<bool>(), 1..6)) {
        let begun = BundlePromotion { status: BundlePromotionStatus::InProgress, ..promotion(0) };
        let mut stands = begun;
        for end in &ends {
            let result = if *end { PromotionResult::Deployed } else { PromotionResult::Failed };
            match stands.completed(result, Timestamp::UNIX_EPOCH) {
                Ok(Some(next)) => stands = next,
                Ok(None) => prop_assert_eq!(end, &ends[0]),
                Err(error) => {
                    prop_assert_eq!(error.code(), Code::StaleState);
                    prop_assert_ne!(end, &ends[0]);
                }
            }
            prop_assert_eq!(stands.deployment().is_some(), ends[0]);
            prop_assert!(stands.open().is_none());
        }
    }
}
