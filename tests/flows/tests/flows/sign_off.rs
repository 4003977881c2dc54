//! Approvals at the same time: the count is right, and an approval makes its change once.

use futures::future::join_all;
use sha2::{Digest, Sha256};
use slipway_test_support::{Value, World, json, release_path, text};

use crate::rows::Rows;

const PRODUCT: &str = "prod_app";

/// A draft on a channel that asks for `required` approvals, the approval of its publication, and
/// the tokens of four who may approve.
async fn waiting(world: &World, required: u64) -> (Value, Value, Vec<String>) {
    let product = json!({
        "product_id": PRODUCT, "name": "App",
        "channel_sign_off": { "stable": { "required_approvals": required } },
    });
    world.post("/v1/products", product).await.expect(201);
    let artifact = world.external(1).await;
    let mut draft = World::release_of(PRODUCT, "1.0.0", "stable", &artifact);
    draft["draft"] = json!(true);
    let draft = world.post("/v1/releases", draft).await.expect(201);
    let publish = release_path(&draft, "/publish");
    let answers = join_all((0..6).map(|_| world.post(&publish, json!({})))).await;
    let asked: Vec<Value> = answers.into_iter().map(|answer| answer.expect(202)).collect();
    assert!(asked.iter().all(|one| one["approval_id"] == asked[0]["approval_id"]));
    let mut secrets = Vec::new();
    for _ in 0..4 {
        secrets.push(world.secret(json!({ "scopes": ["ci:write"] })).await);
    }
    (draft, asked[0].clone(), secrets)
}

#[tokio::test(flavor = "multi_thread")]
async fn approvals_at_once_are_all_counted_and_no_more_than_are_needed() {
    let world = World::start().await;
    let (draft, asked, secrets) = waiting(&world, 3).await;
    let path = format!("/v1/approvals/{}/approve", text(&asked, "approval_id"));
    let body = json!({ "change_sha256": asked["change_sha256"] });
    let answers =
        join_all(secrets.iter().map(|secret| world.post_as(secret, &path, body.clone()))).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 200, 200, 409]);
    let approval =
        world.get(&format!("/v1/approvals/{}", text(&asked, "approval_id"))).await.expect(200);
    assert_eq!(approval["status"], "approved");
    assert_eq!(approval["approvals"].as_array().unwrap().len(), 3);
    let rows = Rows::of(&world).await;
    assert_eq!(rows.audited("approval.requested", text(&asked, "approval_id")), 1);
    assert_eq!(rows.audited("approval.approved", text(&asked, "approval_id")), 3);
    world.post(&release_path(&draft, "/publish"), json!({})).await.expect(200);
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_use_and_a_rejection_at_once_one_wins() {
    for _ in 0..5 {
        let world = World::start().await;
        let (draft, asked, secrets) = waiting(&world, 1).await;
        let path = |rest: &str| format!("/v1/approvals/{}{rest}", text(&asked, "approval_id"));
        let body = json!({ "change_sha256": asked["change_sha256"] });
        world.post_as(&secrets[0], &path("/approve"), body).await.expect(200);
        let publish = release_path(&draft, "/publish");
        let reject = path("/reject");
        let (published, rejected) = futures::future::join(
            world.post(&publish, json!({})),
            world.post_as(&secrets[1], &reject, json!({})),
        )
        .await;
        let approval = world.get(&path("")).await.expect(200);
        let release = world.get(&release_path(&draft, "")).await.expect(200);
        let told = (published.status, rejected.status, text(&approval, "status"));
        match text(&release, "status") {
            "published" => assert_eq!(told, (200, 409, "used")),
            _ => assert_eq!(told, (202, 200, "rejected")),
        }
        world.stack.stop().await;
    }
}

/// A value in the canonical form of RFC 8785, as an approver may write it down: members by their
/// names in UTF-16, no blanks. The numbers here have one form each.
fn canonical(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(name, _)| name.encode_utf16().collect::<Vec<_>>());
            let members = members.iter().map(|(name, value)| {
                format!("{}:{}", Value::String((*name).clone()), canonical(value))
            });
            format!("{{{}}}", members.collect::<Vec<_>>().join(","))
        }
        Value::Array(items) => {
            format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(","))
        }
        plain => plain.to_string(),
    }
}

/// Makes sure that whoever has what approval-get answers can compute the digest of the change.
async fn can_be_recomputed(world: &World, asked: &Value) {
    let path = format!("/v1/approvals/{}", text(asked, "approval_id"));
    let answer = world.get(&path).await.expect(200);
    let digest = Sha256::digest(canonical(&answer["change"]));
    let digest = data_encoding::HEXLOWER.encode(&digest);
    assert_eq!(answer["change_sha256"], digest, "{:#}", answer["change"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_reads_an_approval_can_compute_its_digest() {
    let world = World::start().await;
    let (draft, asked, _) = waiting(&world, 2).await;
    can_be_recomputed(&world, &asked).await;
    let artifact = world.external(2).await;
    let notes = json!({
        "release_notes": "schneller \u{1f680} \"\\ \n\u{1}", "ratio": 1.5, "n": [1, -2, null, true],
        "\u{e9}": { "\u{1f600}": 1, "\u{fb33}": 2 },
    });
    let mut create = World::release_of(PRODUCT, "2.0.0", "stable", &artifact);
    create["metadata"] = notes.clone();
    create["rollout"] =
        json!({ "steps": [{ "percent": 5, "after": "0s" }, { "percent": 100, "after": "1h" }] });
    create["halt_on"] = json!({ "failure_basis_points": 500, "min_reports": 50 });
    can_be_recomputed(&world, &world.post("/v1/releases", create).await.expect(202)).await;
    let mut beta = World::release_of(PRODUCT, "3.0.0", "beta", &artifact);
    beta["metadata"] = notes.clone();
    let beta = world.post("/v1/releases", beta).await.expect(201);
    let promote = release_path(&beta, "/promote");
    let asked = world.post(&promote, json!({ "channel": "stable" })).await.expect(202);
    can_be_recomputed(&world, &asked).await;
    let weaker = json!({ "channel_sign_off": {}, "name": "App \u{1f680}" });
    let product = format!("/v1/products/{PRODUCT}");
    can_be_recomputed(&world, &world.patch(&product, weaker).await.expect(202)).await;
    assert_eq!(draft["status"], "draft");
    world.stack.stop().await;
}
