//! Every row that a function writes is one that its IAM policy allows, and every entity that an
//! endpoint or job declares is one that it writes.

use std::collections::{BTreeMap, BTreeSet};

use slipway_catalog::schema::{Entity, matches};
use slipway_edge::Permissions;

use crate::recorder::{Write, recorded};

/// What IAM allows each function.
fn permissions() -> BTreeMap<&'static str, Permissions> {
    let operations = slipway_registry::operations();
    let operations = operations.iter().map(|one| (one.route().op, one.permissions()));
    let jobs = slipway_registry::jobs();
    let jobs = jobs.iter().map(|job| (job.name(), job.permissions()));
    operations.chain(jobs).collect()
}

/// The entities whose rows in the partitions of `writes` are.
fn entities(writes: &BTreeSet<Write>) -> BTreeSet<Entity> {
    let all = Entity::ALL.into_iter();
    all.filter(|entity| {
        let patterns = [entity.partitions(), entity.appends()].concat();
        patterns
            .iter()
            .filter(|pattern| **pattern != "AUDIT#*")
            .any(|pattern| writes.iter().any(|write| matches(pattern, write.key())))
    })
    .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_writes_what_its_policy_allows_and_declares_no_more() {
    let meter = recorded().await;
    let found: Vec<String> = permissions()
        .iter()
        .flat_map(|(op, permissions)| findings(op, permissions, &meter.costs.writes[op]))
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
    meter.fixture.world.stack.stop().await;
}

fn is_allowed(write: &Write, permissions: &Permissions) -> bool {
    match write {
        Write::Put(key) => permissions.may_put(key),
        Write::Update(key) | Write::Delete(key) => permissions.may_delete(key),
    }
}

/// What is wrong with the policy of `op`, which has written `writes`.
fn findings(op: &str, permissions: &Permissions, writes: &BTreeSet<Write>) -> Vec<String> {
    let refused = writes.iter().filter(|write| !is_allowed(write, permissions));
    let refused = refused.map(|write| format!("{op}: its policy refuses {write:?}"));
    let written = entities(writes);
    // Only a request with a key of its own writes an idempotency record.
    let declared = permissions.writes().iter().filter(|one| **one != Entity::IdempotencyRecord);
    let unused = declared.filter(|entity| !written.contains(entity));
    refused.chain(unused.map(|entity| format!("{op}: it never writes {entity:?}"))).collect()
}
