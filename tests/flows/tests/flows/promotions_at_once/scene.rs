//! What two operations at once are about: two release bundles, an environment, and maybe a
//! promotion that waits or is carried out.

use slipway_test_support::{Call, Method, Value, World, json, text};

use super::pairs::Pair;

/// Where promotions are.
const PROMOTIONS: &str = "/api/v1/promotions";
/// Where release bundles are.
const RELEASES: &str = "/api/v1/releases";
/// Where environments are.
const ENVIRONMENTS: &str = "/api/v1/environments";

/// A request to be sent.
pub type Request = reqwest::RequestBuilder;

/// What a pair of operations is about.
pub struct Scene {
    /// Id of the component that they have.
    pub component: String,
    /// Ids of the release bundles; the first one may be on its way.
    pub releases: [String; 2],
    /// Id of the environment.
    pub environment: String,
    /// Id of the promotion; none, where it is yet to be asked for.
    pub promotion: Option<String>,
    /// Ids and secrets of tokens that may approve. The first ones have.
    pub voters: Vec<(String, String)>,
}

/// Something that somebody does.
#[derive(Debug, Clone, Copy)]
pub enum Step {
    /// Asks for a promotion of this one of the release bundles.
    Create(usize),
    /// Approves, with this one of the tokens.
    Approve(usize),
    /// Rejects.
    Reject,
    /// Tells an end.
    Complete(&'static str),
    /// Makes the environment ask for so many approvals.
    Require(u32),
    /// Revokes this one of the tokens.
    Revoke(usize),
    /// Deprecates the first one of the release bundles.
    Deprecate,
    /// Deletes the first one of the release bundles.
    DeleteRelease,
    /// Deletes the environment.
    DeleteEnvironment,
}

/// How a step is asked for.
struct Asked {
    operation: &'static str,
    method: Method,
    path: String,
    body: Option<Value>,
    /// Whose token; none for the administrator's.
    voter: Option<usize>,
}

impl Scene {
    /// Sets the scene of a pair, under names that `number` makes new.
    pub async fn set(world: &World, pair: &Pair, number: &mut u32) -> Self {
        *number += 1;
        let component = world.component(&format!("component-{number}")).await;
        let mut releases = [String::new(), String::new()];
        for (index, id) in releases.iter_mut().enumerate() {
            let components = json!([{ "componentId": component["id"], "version": "1.0.0" }]);
            let new = json!({ "name": format!("r{index}-{number}"), "components": components });
            text(&world.post(RELEASES, new).await.expect(201), "id").clone_into(id);
            world.put(&format!("{RELEASES}/{id}"), json!({ "status": "ready" })).await.expect(200);
        }
        let new = json!({ "name": format!("e-{number}"), "requiredApprovals": pair.required });
        let environment = world.post(ENVIRONMENTS, new).await.expect(201);
        let environment = text(&environment, "id").to_owned();
        let mut voters = Vec::new();
        for _ in 0..2 {
            voters.push(world.token(&["bundles:write"]).await);
        }
        let component = text(&component, "id").to_owned();
        let mut scene = Self { component, releases, environment, promotion: None, voters };
        if let Some(votes) = pair.votes {
            let asked = scene.asked(Step::Create(0));
            let promotion = world.post(&asked.path, asked.body.unwrap()).await.expect(201);
            scene.promotion = Some(text(&promotion, "id").to_owned());
            for voter in 0..votes {
                let (path, secret) = (scene.promotion("/approve"), &scene.voters[voter].1);
                world.post_as(secret, &path, json!({})).await.expect(200);
            }
        }
        scene
    }

    /// Requests for these steps.
    pub fn requests(&self, world: &World, steps: &[Step]) -> Vec<Request> {
        let request = |step: &Step| {
            let Asked { method, path, body, voter, .. } = self.asked(*step);
            let request = match voter {
                Some(voter) => world.bearer(&self.voters[voter].1, method, &path),
                None => world.admin(method, &path),
            };
            match body {
                Some(body) => request.json(&body),
                None => request,
            }
        };
        steps.iter().map(request).collect()
    }

    /// A call of the function that carries out a step.
    pub fn call(&self, world: &World, step: Step) -> Call {
        let Asked { operation, path, body, voter, .. } = self.asked(step);
        let call = match voter {
            Some(voter) => Call::new(operation, path).bearer(&self.voters[voter].1),
            None => world.call(operation, path),
        };
        match body {
            Some(body) => call.json(&body),
            None => call,
        }
    }

    fn promotion(&self, rest: &str) -> String {
        format!("{PROMOTIONS}/{}{rest}", self.promotion.as_ref().unwrap())
    }

    fn asked(&self, step: Step) -> Asked {
        let release = |rest| format!("{RELEASES}/{}{rest}", self.releases[0]);
        let environment = format!("{ENVIRONMENTS}/{}", self.environment);
        let post = |operation, path, body| Asked {
            operation,
            method: Method::POST,
            path,
            body,
            voter: None,
        };
        let delete = |operation, path| Asked {
            operation,
            method: Method::DELETE,
            path,
            body: None,
            voter: None,
        };
        match step {
            Step::Create(index) => {
                let (release, to) = (&self.releases[index], &self.environment);
                let new = json!({ "releaseId": release, "targetEnvironmentId": to });
                post("promotion-create", PROMOTIONS.to_owned(), Some(new))
            }
            Step::Approve(voter) => {
                let asked = post("promotion-approve", self.promotion("/approve"), None);
                Asked { voter: Some(voter), ..asked }
            }
            Step::Reject => post("promotion-reject", self.promotion("/reject"), None),
            Step::Complete(status) => {
                let end = json!({ "status": status });
                post("promotion-complete", self.promotion("/complete"), Some(end))
            }
            Step::Require(number) => {
                let body = Some(json!({ "requiredApprovals": number }));
                let asked = post("environment-update", environment, body);
                Asked { method: Method::PUT, ..asked }
            }
            Step::Revoke(voter) => {
                delete("token-revoke", format!("/v1/tokens/{}", self.voters[voter].0))
            }
            Step::Deprecate => post("bundle-deprecate", release("/deprecate"), None),
            Step::DeleteRelease => delete("bundle-delete", release("")),
            Step::DeleteEnvironment => delete("environment-delete", environment),
        }
    }
}
