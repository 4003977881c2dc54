//! How two operations at once were answered, and what they have left.

use std::collections::BTreeMap;

use slipway_test_support::{TestResponse, Value, World, json, text};

use super::scene::Scene;
use crate::rows::{AUDITED, Rows};

/// What can be told apart afterwards, without ids and times.
#[derive(Debug, PartialEq)]
pub struct Outcome {
    /// HTTP status, code, and status of what was changed of each answer, by operation.
    answers: [Vec<String>; 2],
    /// What can be read by the API.
    read: BTreeMap<&'static str, Value>,
    /// The promotions that the releases' rows count.
    counted: Vec<Value>,
    /// What the environment is open for, and what is deployed there.
    of_environment: [Vec<Value>; 2],
    /// The kinds of the audit events, sorted.
    audited: Vec<String>,
}

impl Outcome {
    /// What has come of `answers` in `scene`.
    pub async fn of(world: &World, scene: &Scene, answers: &[Vec<TestResponse>; 2]) -> Self {
        let told = |answer: &TestResponse| {
            let [code, status] = [&answer.body["error"]["code"], &answer.body["status"]];
            format!("{} {code} {status}", answer.status)
        };
        let rows = Rows::of(world).await;
        let promotions = promotions(world, scene).await;
        let (open, deployed) = rows_of_environment(&rows, scene);
        Self {
            answers: [0, 1].map(|index| answers[index].iter().map(told).collect()),
            counted: scene.releases.iter().map(|id| counted(&rows, id)).collect(),
            of_environment: [open, deployed],
            audited: audited(&rows, scene, &promotions),
            read: BTreeMap::from([
                (
                    "promotions",
                    json!(promotions.iter().map(|it| shown(it, scene)).collect::<Vec<_>>()),
                ),
                ("releases", releases(world, scene).await),
                ("environment", environment(world, scene).await),
                ("totals", totals(world, scene).await),
            ]),
        }
    }
}

/// The promotions to the environment, oldest first.
async fn promotions(world: &World, scene: &Scene) -> Vec<Value> {
    let list = format!("/api/v1/promotions?targetEnvironmentId={}", scene.environment);
    let mut promotions = Vec::new();
    for entry in world.get(&list).await.expect(200)["data"].as_array().unwrap().iter().rev() {
        let path = format!("/api/v1/promotions/{}", text(entry, "id"));
        let promotion = world.get(&path).await.expect(200);
        let same = |member: &str| assert_eq!(promotion[member], entry[member], "{member}");
        ["status", "releaseId", "completedAt"].into_iter().for_each(same);
        promotions.push(promotion);
    }
    promotions
}

/// A promotion, with names for ids, and without times.
fn shown(promotion: &Value, scene: &Scene) -> Value {
    let is_this = |id: &String| promotion["releaseId"] == **id;
    let votes = promotion["approvals"].as_array().unwrap().iter().map(|vote| {
        let voter = scene.voters.iter().position(|(id, _)| vote["actor"] == **id);
        json!([voter, vote["counts"]])
    });
    let mut votes: Vec<Value> = votes.collect();
    // Two who approve at once come in some order, which tells nothing.
    votes.sort_by_key(Value::to_string);
    json!({
        "release": scene.releases.iter().position(is_this),
        "status": promotion["status"],
        "required": promotion["requiredApprovals"],
        "votes": votes,
        "rejected": promotion["rejection"].is_object(),
        "started": promotion["startedAt"].is_string(),
        "completed": promotion["completedAt"].is_string(),
    })
}

/// Status of each release, how it stands in the environment, and how many promotions it has.
async fn releases(world: &World, scene: &Scene) -> Value {
    let mut all = Vec::new();
    for id in &scene.releases {
        let path = format!("/api/v1/releases/{id}");
        let release = world.get(&path).await;
        if release.status == 404 {
            all.push(json!("deleted"));
            continue;
        }
        let state = world.get(&format!("{path}/state")).await.expect(200);
        let mut here = state["environments"].as_array().unwrap().iter();
        let here = here.find(|it| it["environmentId"] == scene.environment);
        let here = here.map(|it| json!([it["status"], it["promotion"]["status"]]));
        let list = world.get(&format!("/api/v1/promotions?releaseId={id}")).await.expect(200);
        all.push(json!([release.expect(200)["status"], here, list["meta"]["totalCount"]]));
    }
    json!(all)
}

async fn environment(world: &World, scene: &Scene) -> Value {
    let environment = world.get(&format!("/api/v1/environments/{}", scene.environment)).await;
    match environment.status {
        404 => json!("deleted"),
        _ => environment.expect(200)["requiredApprovals"].clone(),
    }
}

/// How many promotions to the environment there are with each status. Those of the whole list agree
/// with how many it has.
async fn totals(world: &World, scene: &Scene) -> Value {
    let mut totals = BTreeMap::new();
    let (mut of_all, place) = (0, "/api/v1/promotions");
    for status in ["awaiting_approval", "in_progress", "deployed", "failed", "rejected"] {
        let to = format!("{place}?status={status}&targetEnvironmentId={}", scene.environment);
        totals.insert(status, world.get(&to).await.expect(200)["meta"]["totalCount"].clone());
        of_all += total(world, &format!("{place}?status={status}")).await;
    }
    assert_eq!(of_all, total(world, place).await);
    json!(totals)
}

async fn total(world: &World, list: &str) -> u64 {
    world.get(list).await.expect(200)["meta"]["totalCount"].as_u64().unwrap()
}

/// How many promotions the row of a release counts.
fn counted(rows: &Rows, release: &str) -> Value {
    let partition = format!("BUNDLE#{release}");
    let mut row = rows.with(&partition, "BUNDLE");
    row.next().map_or(Value::Null, |row| row["promotions"].clone())
}

/// The rows of what the environment is open for, and of what is deployed there.
fn rows_of_environment(rows: &Rows, scene: &Scene) -> (Vec<Value>, Vec<Value>) {
    let key = format!("ID#{}", scene.environment);
    let number = |id: &Value| scene.releases.iter().position(|release| id == release.as_str());
    let open = rows.with("OPENPROMOTIONS", &key);
    let open = open.map(|row| json!([number(&row["bundle_id"]), row["status"]]));
    let deployed = rows.with("DEPLOYMENTS", &key).map(|row| json!(number(&row["bundle_id"])));
    (open.collect(), deployed.collect())
}

fn audited(rows: &Rows, scene: &Scene, promotions: &[Value]) -> Vec<String> {
    let ids = promotions.iter().map(|it| text(it, "id")).chain([scene.environment.as_str()]);
    let ids: Vec<&str> = ids.chain(scene.releases.iter().map(String::as_str)).collect();
    let events = rows.with(AUDITED, "").filter(|event| ids.contains(&text(event, "subject")));
    let mut kinds: Vec<String> = events.map(|it| text(it, "event_type").to_owned()).collect();
    kinds.sort();
    kinds
}
