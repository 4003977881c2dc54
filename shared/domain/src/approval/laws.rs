//! Whatever happens to an approval, in whatever order: it is used only if enough others have approved
//! it in time, and nobody has rejected it.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::json;

use super::{Approval, ApprovalStatus, GatedChange, GatedOperation, Voter};
use crate::Sha256;

#[derive(Debug, Clone)]
enum Act {
    Approve { actor: u8, is_same_change: bool },
    Reject { actor: u8 },
    Wait { hours: i64 },
    Strengthen { required: u32 },
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        6 => (0..5_u8, prop::bool::weighted(0.9))
            .prop_map(|(actor, is_same_change)| Act::Approve { actor, is_same_change }),
        1 => (0..5_u8).prop_map(|actor| Act::Reject { actor }),
        2 => (0..100_i64).prop_map(|hours| Act::Wait { hours }),
        1 => (1..=3_u32).prop_map(|required| Act::Strengthen { required }),
    ];
    prop::collection::vec(act, 0..12)
}

fn voter(actor: u8, at: Timestamp) -> Voter {
    Voter { actor: format!("tok_{actor}"), name: None, at }
}

fn requested(required: u32) -> Approval {
    let change = GatedChange {
        operation: GatedOperation::ReleasePublish,
        product_id: "prod_app".parse().unwrap(),
        channel: "stable".parse().unwrap(),
        release_id: Some("rel_1".parse().unwrap()),
        version: Some("1.0.0".parse().unwrap()),
        description: json!({}),
        sha256: Sha256::of(b"this change"),
    };
    let by = voter(0, Timestamp::UNIX_EPOCH);
    Approval::requested("apr_1".parse().unwrap(), change, required, by)
}

proptest! {
    #[test]
    fn it_is_used_only_after_enough_others_have_approved_that_change_in_time(
        required in 1..=3_u32,
        acts in acts(),
    ) {
        let mut approval = requested(required);
        let (mut now, mut rule) = (Timestamp::UNIX_EPOCH, required);
        let (mut others, mut rejected) = (BTreeSet::new(), false);
        for act in acts {
            let is_over = now >= approval.expires_at;
            match act {
                Act::Approve { actor, is_same_change } => {
                    let digest = if is_same_change { approval.change_sha256 } else { Sha256::of(b"") };
                    let outcome = approval.approved(voter(actor, now), &digest);
                    prop_assert!(outcome.is_err() || (is_same_change && actor != 0 && !is_over && !rejected));
                    if let Ok(Some(next)) = outcome {
                        others.insert(actor);
                        approval = next;
                    }
                }
                Act::Reject { actor } => {
                    if let Ok(next) = approval.rejected(voter(actor, now), None) {
                        rejected = true;
                        approval = next;
                    }
                }
                Act::Wait { hours } => now += SignedDuration::from_hours(hours),
                Act::Strengthen { required } => rule = rule.max(required),
            }
            let is_usable = approval.is_open(now) && approval.suffices(rule);
            let is_enough = others.len() >= usize::try_from(rule).unwrap();
            let is_allowed = is_enough && !rejected && now < approval.expires_at;
            prop_assert!(!is_usable || is_allowed);
            // With the rule of the request, that is all it takes.
            prop_assert!(rule != required || is_usable == is_allowed);
            if rule > required && approval.is_open(now) && !is_usable {
                approval = approval.with_required(rule);
            }
        }
    }
}

#[test]
fn at_the_instant_of_expiry_nobody_approves_any_more() {
    let approval = requested(1);
    let just_before = approval.expires_at - SignedDuration::from_nanos(1);
    let digest = approval.change_sha256;
    let approved = approval.approved(voter(1, just_before), &digest).unwrap().unwrap();
    assert_eq!(approved.status, ApprovalStatus::Approved);
    assert!(approved.is_open(just_before) && !approved.is_open(approval.expires_at));
    approval.approved(voter(1, approval.expires_at), &digest).unwrap_err();
}
