//! Whatever is asked, approved and rejected, and whatever becomes of rules and tokens meanwhile: a
//! change that waits for sign-off is made only once enough others have approved exactly it, and
//! then it is.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use slipway_domain::approval::{
    APPROVAL_LIFETIME, Approval, ApprovalStatus, GatedChange, GatedOperation, RequestOutcome, Voter,
};
use slipway_domain::product::Product;
use slipway_domain::release::Release;
use slipway_domain::rollout::Rollout;
use slipway_domain::{Channel, Sha256};

use crate::catalog;

/// What happens.
#[derive(Debug, Clone)]
enum Act {
    /// Somebody asks for a change.
    Request { change: usize, by: u8 },
    /// Somebody approves what was last asked for a change, and has read the change `seen`.
    Approve { change: usize, by: u8, seen: usize },
    /// Somebody rejects it.
    Reject { change: usize, by: u8 },
    /// The channel, or one that follows it, asks for so many approvals by now.
    Rule { of_follower: bool, required: u32 },
    /// The token of somebody is revoked.
    Revoke { whose: u8 },
    /// Time passes.
    Wait { hours: i64 },
}

/// How many changes are asked for, and how many ask and approve.
const CHANGES: usize = 3;
const PEOPLE: u8 = 6;

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let (change, by) = (0..CHANGES, 0..PEOPLE);
    let seen = prop_oneof![9 => Just(None), 1 => (0..CHANGES).prop_map(Some)];
    let act = prop_oneof![
        6 => (change.clone(), by.clone()).prop_map(|(change, by)| Act::Request { change, by }),
        9 => (change.clone(), by.clone(), seen).prop_map(|(change, by, seen)| {
            Act::Approve { change, by, seen: seen.unwrap_or(change) }
        }),
        1 => (change, by.clone()).prop_map(|(change, by)| Act::Reject { change, by }),
        1 => (any::<bool>(), 0..=3_u32)
            .prop_map(|(of_follower, required)| Act::Rule { of_follower, required }),
        1 => by.prop_map(|whose| Act::Revoke { whose }),
        1 => (0..100_i64).prop_map(|hours| Act::Wait { hours }),
    ];
    prop::collection::vec(act, 0..60)
}

fn release(basis_points: u16) -> Release {
    let rollout = Rollout { basis_points, paused: false };
    catalog::release(&"1.0.0".parse().unwrap(), rollout, &catalog::MACHINES[..1])
}

/// Larger shares of one release.
fn changes() -> Vec<GatedChange> {
    let before = release(1_000);
    let larger = [2_000, 5_000, 10_000].map(release);
    let change = |after: &Release| {
        assert!(after.waits_for_sign_off(Some(&before)));
        let (operation, id) = (GatedOperation::ReleaseRollout, &after.release_id);
        GatedChange::of_release(operation, Some(id), Some(&before), after).unwrap()
    };
    larger.iter().map(change).collect()
}

/// A product whose channel `stable`, and whose channel `beta`, which follows it, ask for so many.
fn product([stable, beta]: [u32; 2]) -> Product {
    let mut product = catalog::product();
    let [of_stable, of_beta]: [Channel; 2] = ["stable", "beta"].map(|name| name.parse().unwrap());
    product.channel_follows.insert(of_beta.clone(), of_stable.clone());
    let rules = [(of_stable, stable), (of_beta, beta)];
    product.channel_sign_off = rules.into_iter().filter(|(_, required)| *required > 0).collect();
    product
}

/// What has happened since a change was last asked for, in the simplest words.
#[derive(Debug)]
struct Asked {
    by: u8,
    at: Timestamp,
    approved: BTreeSet<u8>,
    has_ended: bool,
}

/// The approvals of the catalog, beside what is known of them.
struct History {
    changes: Vec<GatedChange>,
    approvals: BTreeMap<Sha256, Approval>,
    asked: BTreeMap<usize, Asked>,
    rules: [u32; 2],
    revoked: BTreeSet<u8>,
    now: Timestamp,
}

impl History {
    fn new() -> Self {
        Self {
            changes: changes(),
            approvals: BTreeMap::new(),
            asked: BTreeMap::new(),
            rules: [1, 0],
            revoked: BTreeSet::new(),
            now: Timestamp::UNIX_EPOCH,
        }
    }

    fn voter(&self, number: u8) -> Voter {
        Voter { actor: format!("tok_{number}"), name: None, at: self.now }
    }

    /// The approval that was last asked for a change, as it stands.
    fn evaluated(&self, change: usize) -> Option<Approval> {
        let approval = self.approvals.get(&self.changes[change].sha256)?.clone();
        let required = approval.required_by(&product(self.rules));
        let counts = |voter: &Voter| {
            !self.revoked.iter().any(|number| voter.actor == format!("tok_{number}"))
        };
        Some(approval.evaluated(self.now, required, counts))
    }

    /// Who has approved a change, of those whose approval counts; `None` where nobody waits for it.
    fn approved(&self, change: usize) -> Option<usize> {
        let is_open = |asked: &&Asked| !asked.has_ended && self.now < asked.at + APPROVAL_LIFETIME;
        let asked = self.asked.get(&change).filter(is_open)?;
        Some(asked.approved.difference(&self.revoked).count())
    }

    fn required(&self) -> usize {
        usize::try_from(self.rules[0].max(self.rules[1])).unwrap()
    }

    fn request(&mut self, change: usize, by: u8) -> Result<(), TestCaseError> {
        let approved = self.approved(change);
        let (id, required) = ("apr_1".parse().unwrap(), product(self.rules));
        let required = required.required_approvals(&self.changes[change].channel);
        prop_assert_eq!(usize::try_from(required).unwrap(), self.required());
        if required == 0 {
            // It is made, and no approval is used.
            return Ok(());
        }
        let gated = self.changes[change].clone();
        let digest = gated.sha256;
        let outcome = gated.requested(self.evaluated(change), id, required, self.voter(by));
        match outcome {
            RequestOutcome::Asks(approval) => {
                prop_assert_eq!(approved, None);
                let asked = Asked { by, at: self.now, approved: BTreeSet::new(), has_ended: false };
                self.asked.insert(change, asked);
                self.approvals.insert(digest, *approval);
            }
            RequestOutcome::Waits(approval) => {
                prop_assert!(approved.is_some_and(|count| count < self.required()));
                prop_assert_eq!(approval.required_approvals, required);
            }
            RequestOutcome::Uses(used) => {
                prop_assert!(approved.is_some_and(|count| count >= self.required()));
                prop_assert_eq!(used.change_sha256, digest);
                self.asked.get_mut(&change).unwrap().has_ended = true;
                self.approvals.insert(digest, *used);
            }
        }
        Ok(())
    }

    fn approve(&mut self, change: usize, by: u8, seen: usize) -> Result<(), TestCaseError> {
        let Some(approval) = self.evaluated(change) else { return Ok(()) };
        let outcome = approval.approved(self.voter(by), &self.changes[seen].sha256);
        let count = self.approved(change).filter(|_| seen == change);
        let asked = &self.asked[&change];
        let may = count.filter(|_| asked.by != by);
        let expected = match may {
            None => None,
            Some(_) if asked.approved.contains(&by) => Some(false),
            Some(count) => (count < self.required()).then_some(true),
        };
        prop_assert_eq!(outcome.as_ref().ok().map(Option::is_some), expected);
        if let Ok(Some(next)) = outcome {
            self.asked.get_mut(&change).unwrap().approved.insert(by);
            let is_enough = self.approved(change) >= Some(self.required());
            prop_assert_eq!(next.status == ApprovalStatus::Approved, is_enough);
            self.approvals.insert(next.change_sha256, next);
        }
        Ok(())
    }

    fn reject(&mut self, change: usize, by: u8) -> Result<(), TestCaseError> {
        let Some(approval) = self.evaluated(change) else { return Ok(()) };
        let outcome = approval.rejected(self.voter(by), None);
        prop_assert_eq!(outcome.is_ok(), self.approved(change).is_some());
        if let Ok(next) = outcome {
            self.asked.get_mut(&change).unwrap().has_ended = true;
            self.approvals.insert(next.change_sha256, next);
        }
        Ok(())
    }

    fn act(&mut self, act: &Act) -> Result<(), TestCaseError> {
        let may_act = |by: &u8| !self.revoked.contains(by);
        match act {
            Act::Request { change, by } if may_act(by) => self.request(*change, *by)?,
            Act::Approve { change, by, seen } if may_act(by) => {
                self.approve(*change, *by, *seen)?;
            }
            Act::Reject { change, by } if may_act(by) => self.reject(*change, *by)?,
            Act::Rule { of_follower, required } => {
                self.rules[usize::from(*of_follower)] = *required;
            }
            Act::Revoke { whose } => {
                self.revoked.insert(*whose);
            }
            Act::Wait { hours } => self.now += SignedDuration::from_hours(*hours),
            _ => {}
        }
        Ok(())
    }
}

proptest! {
    #[test]
    fn a_change_is_made_once_enough_others_have_approved_exactly_it(acts in acts()) {
        let mut history = History::new();
        for act in &acts {
            history.act(act)?;
            for change in 0..CHANGES {
                let stands = history.evaluated(change);
                let is_approved = stands.is_some_and(|stands| stands.status == ApprovalStatus::Approved);
                let is_enough = history.approved(change) >= Some(history.required());
                prop_assert_eq!(is_approved, is_enough);
            }
        }
    }
}

#[test]
fn at_the_instant_of_expiry_nobody_approves_any_more() {
    let mut history = History::new();
    history.request(0, 0).unwrap();
    let end = history.evaluated(0).unwrap().expires_at;
    history.now = end - SignedDuration::from_nanos(1);
    let digest = history.changes[0].sha256;
    let approved = history.evaluated(0).unwrap().approved(history.voter(1), &digest);
    assert_eq!(approved.unwrap().unwrap().status, ApprovalStatus::Approved);
    history.now = end;
    let expired = history.evaluated(0).unwrap();
    assert_eq!(expired.status, ApprovalStatus::Expired);
    expired.approved(history.voter(1), &digest).unwrap_err();
}
