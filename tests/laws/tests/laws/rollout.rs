//! Rollouts by steps: what the clock makes of them.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use slipway_domain::Span;
use slipway_domain::rollout::{NewRollout, StagedRollout};

/// How long the rollouts here take at most, in seconds.
const LONGEST: i64 = 200_000;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).unwrap()
}

/// 1 to 20 steps: shares by seconds after the beginning.
fn steps() -> impl Strategy<Value = Vec<(i64, u16)>> {
    let times = prop::collection::btree_set(0..LONGEST, 1..=20);
    let shares = prop::collection::btree_set(0..=10_000_u16, 20);
    (times, shares).prop_map(|(times, shares)| times.into_iter().zip(shares).collect())
}

/// The rollout that a request with these steps begins at second 0.
fn begun(steps: &[(i64, u16)]) -> StagedRollout {
    let steps: Vec<_> = steps
        .iter()
        .map(|(after, share)| {
            let after = Span::of(SignedDuration::from_secs(*after));
            serde_json::json!({ "basis_points": share, "after": after })
        })
        .collect();
    let request: NewRollout =
        serde_json::from_value(serde_json::json!({ "steps": steps })).unwrap();
    request.planned("").unwrap().started(at(0))
}

/// The share that is due after so many seconds, by the steps alone.
fn due(steps: &[(i64, u16)], second: i64) -> u16 {
    let steps: BTreeMap<i64, u16> = steps.iter().copied().collect();
    steps.range(..=second).next_back().map_or(0, |(_, share)| *share)
}

/// The rollout after a run of the job.
fn run(rollout: StagedRollout, second: i64) -> StagedRollout {
    rollout.advanced(at(second)).unwrap_or(rollout)
}

proptest! {
    #[test]
    fn the_share_that_is_due_never_falls(steps in steps(), one in 0..LONGEST, two in 0..LONGEST) {
        let Some(plan) = begun(&steps).plan else { return Ok(()) };
        let (earlier, later) = (one.min(two), one.max(two));
        prop_assert!(plan.share_at(at(earlier)) <= plan.share_at(at(later)));
        prop_assert_eq!(plan.share_at(at(later)), due(&steps, later));
    }

    #[test]
    fn whenever_the_job_runs_the_share_is_the_one_that_the_time_says(
        steps in steps(), mut runs in prop::collection::vec(0..2 * LONGEST, 0..12), last in 0..2 * LONGEST,
    ) {
        runs.retain(|second| *second <= last);
        runs.sort_unstable();
        let rollout = runs.into_iter().fold(begun(&steps), run);
        let rollout = run(rollout, last);
        prop_assert_eq!(rollout.current.basis_points, due(&steps, last));
        prop_assert_eq!(rollout.advanced(at(last)), None, "once is enough");
        let told = serde_json::to_value(&rollout).unwrap();
        prop_assert_eq!(told.get("steps").is_none(), rollout.next_step_at().is_none());
        // A step to a share of 0 changes nothing, so that nothing waits for it.
        let mut to_come = steps.iter().filter(|(after, share)| *after > last && *share > 0);
        prop_assert_eq!(rollout.next_step_at(), to_come.next().map(|(after, _)| at(*after)));
    }

    #[test]
    fn a_pause_moves_what_is_to_come_by_exactly_its_length(
        steps in steps(), begin in 0..LONGEST, length in 0..LONGEST, later in 0..LONGEST,
    ) {
        let rollout = run(begun(&steps), begin);
        let paused = rollout.with_paused(true, at(begin));
        prop_assert_eq!(paused.next_step_at(), None);
        prop_assert_eq!(paused.advanced(at(begin + length + later)), None);
        let resumed = paused.with_paused(false, at(begin + length));
        let moved = |time: Timestamp| time + SignedDuration::from_secs(length);
        prop_assert_eq!(resumed.next_step_at(), rollout.next_step_at().map(moved));
        let undisturbed = run(rollout, begin + later);
        let resumed = run(resumed, begin + length + later);
        prop_assert_eq!(resumed.current, undisturbed.current);
        prop_assert_eq!(resumed.next_step_at(), undisturbed.next_step_at().map(moved));
    }

    #[test]
    fn pausing_and_resuming_at_one_moment_changes_nothing(steps in steps(), moment in 0..LONGEST) {
        let rollout = run(begun(&steps), moment);
        let resumed = rollout.with_paused(true, at(moment)).with_paused(false, at(moment));
        prop_assert_eq!(resumed, rollout);
    }
}

#[test]
fn a_first_step_to_nobody_is_no_step_that_anything_waits_for() {
    let rollout = begun(&[(10, 0), (20, 5_000)]);
    assert_eq!(rollout.next_step_at(), Some(at(20)));
    assert_eq!(rollout.advanced(at(10)), None);
    assert_eq!(begun(&[(10, 0)]).next_step_at(), None);
}
