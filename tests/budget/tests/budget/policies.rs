//! Every row that a function reads or writes is one that its IAM policy allows, and every entity
//! that an endpoint or job declares is one that it writes.

use std::collections::{BTreeMap, BTreeSet};

use slipway_catalog::schema::{Entity, matches};
use slipway_edge::Permissions;
use slipway_edge::iam::Resource;
use slipway_test_support::{Call, json};

use crate::recorder::{Read, Write, recorded};

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

/// Whether a policy allows the request, on rows with keys of this kind.
fn allows(permissions: &Permissions, read: &Read) -> bool {
    let action = format!("dynamodb:{}", read.request);
    let resource = if read.index.is_some() { Resource::Indexes } else { Resource::Table };
    permissions.statements().iter().any(|one| {
        let mut keys = one.conditions.iter().filter(|when| when.key == "dynamodb:LeadingKeys");
        one.actions.contains(&action.as_str())
            && one.resources.contains(&resource)
            && keys.all(|when| {
                when.operator == "Null" || when.values.contains(&read.partition_key.as_str())
            })
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_reads_what_its_policy_allows_and_operators_are_told_of_every_write() {
    let meter = recorded().await;
    let permissions = permissions();
    for (read, by) in &meter.costs.reads {
        for op in by.iter().filter(|op| permissions.contains_key(*op)) {
            assert!(allows(&permissions[op], read), "{op}: its policy refuses {read:?}");
        }
        let is_told_late = |op: &str| by.contains(op) && !read.consistent;
        assert!(
            !["decision-explain", "decision-simulate"].into_iter().any(is_told_late),
            "{read:?}"
        );
    }
    // What tells who the caller is: a token. All else is read with the key of the deployment.
    let world = &meter.fixture.world;
    let (_, secret) = world.token(&["admin:read"]).await;
    drop(meter.costs.recorder.take());
    let client = json!({ "product_id": "prod_simulated", "current_version": "1.0.0" });
    let call = Call::new("decision-explain", "/v1/decision/explain").bearer(&secret);
    call.json(&client).on(&world.stack.services).await.0.expect(200);
    let (reads, _) = meter.costs.recorder.take();
    assert!(reads.iter().any(|read| read.partition_key == "TOKEN#*"), "{reads:?}");
    let explain = &permissions["decision-explain"];
    assert!(reads.iter().all(|read| allows(explain, read)), "{reads:?}");
    let sids: Vec<_> = explain.statements().iter().map(|one| one.sid).collect();
    assert_eq!(sids, ["ReadCredentials", "ReadDecisionFacts"]);
    meter.fixture.world.stack.stop().await;
}
