//! What was deployed, and its functions.

use std::path::{Path, PathBuf};

use aws_sdk_lambda::primitives::Blob;
use serde_json::Value;
use slipway_aws::Clients;

use crate::Api;

/// The variable that names the file in which the stage says what it deployed.
const FACTS: &str = "SLIPWAY_DEPLOYED";

/// A deployed stack.
#[derive(Debug)]
pub struct Stack {
    facts: Value,
    /// Where the stage leaves logs.
    directory: PathBuf,
    /// Its API, as the deployer calls it.
    pub api: Api,
    /// Clients with the deployer's own credentials.
    pub clients: Clients,
}

impl Stack {
    /// The stack that the stage deployed; none, where tests are run without it.
    #[must_use]
    pub fn find() -> Option<Self> {
        let Some(path) = std::env::var_os(FACTS) else {
            eprintln!("skipped: `cargo xtask test deployed` deploys the stack that this needs");
            return None;
        };
        let directory = Path::new(&path).parent().expect("a directory").to_owned();
        let text = std::fs::read_to_string(path).expect("what the stage deployed");
        let facts: Value = serde_json::from_str(&text).expect("JSON");
        let token = std::env::var("SLIPWAY_ADMIN_TOKEN").expect("the bootstrap token");
        let api = Api::new(facts["base_url"].as_str().expect("a URL"), &token);
        Some(Self { facts, directory, api, clients: Clients::from_function_environment() })
    }

    /// An output of the stack.
    #[must_use]
    pub fn output(&self, name: &str) -> &str {
        self.facts["outputs"][name].as_str().expect("an output of the template")
    }

    /// The name that the resource `logical_id` of the template has got.
    #[must_use]
    pub fn resource(&self, logical_id: &str) -> &str {
        self.facts["resources"][logical_id].as_str().expect("a resource of the template")
    }

    /// How often functions have asked for `action` on what `resource` ends so far.
    #[must_use]
    pub fn count_calls(&self, action: &str, resource: &str) -> usize {
        let log = std::fs::read_to_string(self.directory.join("calls.jsonl"));
        let [action, resource] = [format!("\"{action}\""), format!("{resource}\"")];
        let of_it = |line: &&str| line.contains(&action) && line.contains(&resource);
        log.expect("the log of calls").lines().filter(of_it).count()
    }

    /// Has the function `logical_id` handle `event`, and gives its answer.
    pub async fn invoke(&self, logical_id: &str, event: &Value) -> Value {
        let payload = Blob::new(event.to_string());
        let request = self.clients.lambda.invoke();
        let request = request.function_name(self.resource(logical_id)).payload(payload);
        let output = request.send().await.expect("an invocation");
        let answer = output.payload().map(|payload| String::from_utf8_lossy(payload.as_ref()));
        let answer = answer.unwrap_or_default().into_owned();
        assert_eq!(output.function_error(), None, "{logical_id}: {answer}");
        serde_json::from_str(&answer).unwrap_or_default()
    }
}
