//! `template.yaml`, deployed on an emulator that enforces IAM, and the main job on it.

mod call_log;
mod emulator;
mod function_logs;
mod permissions;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use self::call_log::CallLog;
use self::emulator::Emulator;
use super::report::Coverage;
use super::{template, tests};
use crate::exec::{capture, program, run as run_command};
use crate::failure::{Failure, Result};
use crate::paths;
use crate::tools::ToolPolicy;
use crate::tools::debian::REGISTRY;
use crate::tools::python::{LINTERS, MINISTACK};

/// The bootstrap token of a stack that lives as long as this stage, and its digest.
const TOKEN: &str = "slipway-deployed-bootstrap-token";
/// SHA-256 of [`TOKEN`].
const TOKEN_SHA256: &str = "27349d8c954cf64be7ba702cd2ae724c40ad0172a3d95d760c360667122a30ac";

/// Deploys, makes the keys, runs the scenarios, and reads what IAM decided meanwhile.
pub fn run() -> Result<Coverage> {
    let python = LINTERS.script("python", ToolPolicy::Install)?;
    let tools = tools(&python)?;
    let directory = directory()?;
    let (transformed, _) = template::transform(&python)?;
    let emulator = Emulator::start(&MINISTACK.script("python", ToolPolicy::Install)?, &directory)?;
    let deployment = Deployment { python, tools, emulator, directory };
    let resources = deployment.deploy(&transformed)?;
    let scenarios = deployment.scenarios();
    let said = function_logs::keep(&deployment);
    let calls = CallLog::read(&deployment.directory.join("calls.jsonl"));
    let denied = calls.as_ref().map_or_else(ToString::to_string, CallLog::denied);
    let reasons = [denied, said.unwrap_or_else(|failure| failure.to_string())];
    scenarios.map_err(|failure| explained(failure, reasons))?;
    let calls = calls?;
    calls.require_none_denied()?;
    deployment.test("denied")?;
    let names = deployment.resource_names()?;
    let report = permissions::check(&transformed, &calls.by_role(&names))?;
    Ok(Coverage::Full(format!("{}, {}, {report}", resources.trim(), calls.summary())))
}

/// `failure` of a scenario, and what may be behind it. What a machine lacks needs no explanation.
fn explained(failure: Failure, reasons: [String; 2]) -> Failure {
    let Failure::Wrong(said) = failure else { return failure };
    let known = reasons.into_iter().filter(|reason| !reason.is_empty());
    Failure::Wrong(std::iter::once(said).chain(known).collect::<Vec<_>>().join("\n"))
}

/// What scenarios need besides the stack, by the variables in which they look for it.
type Tools = [(&'static str, PathBuf); 4];

/// Finds the tools. Without one of them nothing is deployed: each scenario has to run, since a
/// function that uses nothing fails the stage.
fn tools(python: &Path) -> Result<Tools> {
    Ok([
        ("SLIPWAY_PYTHON", python.to_owned()),
        ("SLIPWAY_COMMAND", paths::binary("slipway")),
        ("SLIPWAY_DOCKER_REGISTRY", REGISTRY.program("docker-registry", ToolPolicy::Install)?),
        ("SLIPWAY_SKOPEO", REGISTRY.program("skopeo", ToolPolicy::Install)?),
    ])
}

/// Where the stage leaves logs and what it deployed.
fn directory() -> Result<PathBuf> {
    let directory = paths::target().join("deployed");
    let _ = std::fs::remove_dir_all(&directory);
    std::fs::create_dir_all(&directory).map_err(|error| Failure::at(&directory, error))?;
    Ok(directory)
}

/// What `deploy.py` says of a stack.
#[derive(Deserialize)]
struct Facts {
    /// The outputs of the template.
    outputs: Outputs,
    /// The name that each resource of the template has got.
    resources: BTreeMap<String, String>,
}

/// Those outputs of the template that a deployer needs for the keys.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Outputs {
    table_name: String,
    envelope_key_arn: String,
}

/// A stack on an emulator. Both end with this value.
struct Deployment {
    python: PathBuf,
    tools: Tools,
    emulator: Emulator,
    directory: PathBuf,
}

impl Deployment {
    /// Creates the stack and its signing keys. Parameters differ from the template's defaults where
    /// these would have scenarios wait, or refuse what they try.
    fn deploy(&self, transformed: &Path) -> Result<String> {
        let mut command = self.python("deploy.py");
        command.arg(transformed).arg(paths::target().join("debug")).arg(self.facts());
        command.arg(format!("AdminTokenSha256={TOKEN_SHA256}"));
        // The binaries of the stage `build` are this machine's.
        let architecture = if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" };
        command.arg(format!("Architecture={architecture}"));
        // By default the stream is collected for five minutes.
        command.arg("BatchWindowSeconds=1");
        // The emulator has no TLS: a scenario puts a front before it, which listens here.
        command.arg(format!("PublicUrl={}", self.emulator.front_url()));
        // What scenarios send to and fetch from.
        command.args(["InternalRegistryHosts=127.0.0.1", "WebhookHosts=hooks.example.com"]);
        command.arg("CheckedHosts=downloads.example.com");
        command.arg("TrustedIssuers=https://token.actions.githubusercontent.com");
        let resources = capture(&mut command)?;
        self.make_keys()?;
        Ok(resources)
    }

    /// As README.md has a deployer make them: one in an envelope, one in KMS.
    fn make_keys(&self) -> Result<()> {
        let Outputs { table_name, envelope_key_arn } = self.read_facts()?.outputs;
        for key in [["decision", "--envelope", &envelope_key_arn], ["snapshot", "--kms", "slipway"]]
        {
            let mut command = self.aware(program(paths::binary("slipway-deploy")));
            command.args(["key-create", "--table", &table_name, "--purpose"]);
            capture(command.args(key))?;
        }
        Ok(())
    }

    /// Runs the scenarios: first those beside each other, then the one that runs alone.
    fn scenarios(&self) -> Result<()> {
        ["deployed", "killed"].into_iter().try_for_each(|target| self.test(target))
    }

    /// Runs the tests of one target of `tests/deployed`.
    fn test(&self, target: &str) -> Result<()> {
        // Of the whole workspace: a package alone would have features of its own.
        let mut command = self.aware(tests::runner(&["--workspace", "--test", target]));
        command.envs(self.tools.iter().map(|(variable, path)| (variable, path)));
        command.env("SLIPWAY_DEPLOYED", self.facts());
        command.env("SLIPWAY_ADMIN_TOKEN", TOKEN);
        command.env("SLIPWAY_FRONT_URL", self.emulator.front_url());
        run_command(&mut command)
    }

    /// A script of `infra/xtask/python`, which finds the emulator.
    fn python(&self, script: &str) -> Command {
        let mut command = self.aware(program(&self.python));
        command.arg(format!("infra/xtask/python/{script}"));
        command
    }

    /// `command`, which finds the emulator where it looks for AWS.
    fn aware(&self, mut command: Command) -> Command {
        emulator::call_as_deployer(&mut command, &self.emulator.url());
        command
    }

    fn facts(&self) -> PathBuf {
        self.directory.join("stack.json")
    }

    fn read_facts(&self) -> Result<Facts> {
        let path = self.facts();
        let text = std::fs::read_to_string(&path).map_err(|error| Failure::at(&path, error))?;
        serde_json::from_str(&text).map_err(|error| Failure::at(&path, error))
    }

    /// The name of each resource in the template, by the name that it has got.
    fn resource_names(&self) -> Result<Vec<(String, String)>> {
        let resources = self.read_facts()?.resources;
        Ok(resources.into_iter().map(|(logical, name)| (name, logical)).collect())
    }
}

#[cfg(test)]
mod explanations {
    use super::*;

    #[test]
    fn a_failed_scenario_names_what_may_be_behind_it() {
        let failure = Failure::Wrong("a scenario failed".to_owned());
        let reasons = [String::new(), "IAM denied a call".to_owned()];
        let said = explained(failure, reasons).to_string();
        assert_eq!(said, "a scenario failed\nIAM denied a call");
    }
}
