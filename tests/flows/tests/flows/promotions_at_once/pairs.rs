//! Which operations come at once, and on what.

use super::scene::Step;
use super::scene::Step::{
    Approve, Complete, Create, DeleteEnvironment, DeleteRelease, Deprecate, Reject, Require, Revoke,
};

/// When what an operation rests on has to be so.
pub enum RestsOn {
    /// When it is written.
    Write,
    /// When it was read: the request's credential, which may be revoked after that, and what is
    /// recorded of the approvals that something has when it is rejected.
    Read,
}

/// Two operations at once.
pub struct Pair {
    /// What it is about.
    pub name: &'static str,
    /// How many approvals the environment asks for.
    pub required: u32,
    /// How many have approved the promotion; none where it is yet to be asked for.
    pub votes: Option<usize>,
    /// When what they rest on has to be so.
    pub rests_on: RestsOn,
    /// The operations. What is several steps comes at one moment.
    operations: [&'static [Step]; 2],
}

impl Pair {
    pub const fn new(
        name: &'static str,
        (required, votes): (u32, Option<usize>),
        operations: [&'static [Step]; 2],
    ) -> Self {
        Self { name, required, votes, rests_on: RestsOn::Write, operations }
    }

    /// That may rest on what was read.
    const fn of_what_was_read(self) -> Self {
        Self { rests_on: RestsOn::Read, ..self }
    }

    /// One of its operations: the first one, or the second one of those that are swapped.
    pub fn of(&self, is_swapped: bool) -> &'static [Step] {
        self.operations[usize::from(is_swapped)]
    }
}

/// What waits for its last approval.
pub const LAST: (u32, Option<usize>) = (1, Some(0));
/// What waits for its last approval, after another one.
const SECOND: (u32, Option<usize>) = (2, Some(1));
/// What waits for two approvals.
const FIRST: (u32, Option<usize>) = (2, Some(0));
/// What is carried out.
pub const BEGUN: (u32, Option<usize>) = (0, Some(0));
/// What is yet to be asked for, and begins at once.
const NEW: (u32, Option<usize>) = (0, None);
/// What is yet to be asked for, and waits then.
const NEW_WAITING: (u32, Option<usize>) = (1, None);

/// An approval, and what it rests on.
pub const OF_APPROVALS: &[Pair] = &[
    Pair::new("the last approval, number raised", LAST, [&[Approve(0)], &[Require(2)]]),
    Pair::new("the second approval, number raised", SECOND, [&[Approve(1)], &[Require(3)]]),
    Pair::new("the first approval, number lowered", FIRST, [&[Approve(0)], &[Require(1)]]),
    Pair::new("the last approval, the other voter revoked", SECOND, [&[Approve(1)], &[Revoke(0)]]),
    Pair::new("the last approval, its voter revoked", LAST, [&[Approve(0)], &[Revoke(0)]])
        .of_what_was_read(),
    Pair::new("the last approval, release deprecated", LAST, [&[Approve(0)], &[Deprecate]]),
    Pair::new("the first approval, release deprecated", FIRST, [&[Approve(0)], &[Deprecate]]),
    Pair::new("two approvals", FIRST, [&[Approve(0)], &[Approve(1)]]),
    Pair::new("the last approval, rejected", LAST, [&[Approve(0)], &[Reject]]),
    Pair::new("the first approval, rejected", FIRST, [&[Approve(0)], &[Reject]]),
];

/// A promotion that is asked for, and what it rests on.
pub const OF_REQUESTS: &[Pair] = &[
    Pair::new("asked for, number raised", NEW, [&[Create(0)], &[Require(1)]]),
    Pair::new("asked for, number lowered", NEW_WAITING, [&[Create(0)], &[Require(0)]]),
    Pair::new("asked for, environment deleted", NEW, [&[Create(0)], &[DeleteEnvironment]]),
    Pair::new(
        "asked to wait, environment deleted",
        NEW_WAITING,
        [&[Create(0)], &[DeleteEnvironment]],
    ),
    Pair::new("asked for, release deprecated", NEW, [&[Create(0)], &[Deprecate]]),
    Pair::new("asked to wait, release deprecated", NEW_WAITING, [&[Create(0)], &[Deprecate]]),
    Pair::new("two releases asked for", NEW, [&[Create(0)], &[Create(1)]]),
    Pair::new(
        "one is asked for when another one ends",
        BEGUN,
        [&[Create(1)], &[Complete("failed")]],
    ),
    Pair::new("one is asked for when another one is rejected", LAST, [&[Create(1)], &[Reject]]),
];

/// The end of a promotion.
pub const OF_ENDS: &[Pair] = &[
    Pair::new("deployed, release deprecated", BEGUN, [&[Complete("deployed")], &[Deprecate]]),
    Pair::new("failed, release deprecated", BEGUN, [&[Complete("failed")], &[Deprecate]]),
    Pair::new("deployed and failed", BEGUN, [&[Complete("deployed")], &[Complete("failed")]]),
    Pair::new("told before it begins", LAST, [&[Complete("deployed")], &[Approve(0)]]),
    Pair::new("rejected and told as failed", LAST, [&[Complete("failed")], &[Approve(0), Reject]]),
    Pair::new("rejected, number raised", LAST, [&[Reject], &[Require(2)]]).of_what_was_read(),
    Pair::new("rejected, voter revoked", SECOND, [&[Reject], &[Revoke(0)]]).of_what_was_read(),
    Pair::new("ended, environment deleted", BEGUN, [&[Complete("failed")], &[DeleteEnvironment]]),
    Pair::new("rejected, environment deleted", LAST, [&[Reject], &[DeleteEnvironment]]),
];

/// What becomes of a promotion whose environment or release bundle is deleted once it has ended.
pub const OF_DELETIONS: &[Pair] = &[
    Pair::new("approved, all deleted", LAST, [&[Approve(0)], &[Reject, DeleteEnvironment]]),
    Pair::new("rejected, all deleted", LAST, [&[Reject], &[Reject, DeleteEnvironment]]),
    Pair::new(
        "approved, release deleted",
        LAST,
        [&[Approve(0)], &[Reject, Deprecate, DeleteRelease]],
    ),
    Pair::new(
        "told, release deleted",
        BEGUN,
        [&[Complete("deployed")], &[Complete("failed"), Deprecate, DeleteRelease]],
    ),
];
