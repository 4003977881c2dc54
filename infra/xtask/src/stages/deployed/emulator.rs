//! ministack in its strict form, with the functions that it starts.

use std::fs::File;
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::exec::program;
use crate::failure::{Failure, Result};

/// The account's own credentials, and where it is.
const DEPLOYER: [(&str, &str); 4] = [
    ("AWS_ACCESS_KEY_ID", "test"),
    ("AWS_SECRET_ACCESS_KEY", "test"),
    ("AWS_DEFAULT_REGION", "us-east-1"),
    ("AWS_REGION", "us-east-1"),
];

/// How long it may take until it answers.
const START_TIMEOUT: Duration = Duration::from_mins(1);

/// How many of the last lines of its log a failure shows.
const SHOWN: usize = 20;

/// What a developer's environment may have of another emulator.
const NOT_OURS: [&str; 7] = [
    "AWS_ENDPOINT_URL_CLOUDFORMATION",
    "AWS_ENDPOINT_URL_DYNAMODB",
    "AWS_ENDPOINT_URL_KMS",
    "AWS_ENDPOINT_URL_LAMBDA",
    "AWS_ENDPOINT_URL_S3",
    "AWS_ENDPOINT_URL_SSM",
    "AWS_ENDPOINT_URL_APIGATEWAYV2",
];

/// Makes `command` call as the account of the emulator at `url`, and nothing else.
pub fn call_as_deployer(command: &mut Command, url: &str) {
    for variable in NOT_OURS {
        command.env_remove(variable);
    }
    command.envs(DEPLOYER).env("AWS_ENDPOINT_URL", url);
}

/// A running ministack. It ends with this value, or with this process: its stdin is a pipe from
/// here, and at the end of that it kills itself and the functions.
pub struct Emulator {
    process: Child,
    port: u16,
    front_port: u16,
    output: PathBuf,
}

impl Emulator {
    /// Starts it on a free port of loopback. It leaves everything in `directory`.
    pub fn start(python: &Path, directory: &Path) -> Result<Self> {
        let [port, front_port] = free_ports()?;
        let output = directory.join("ministack.log");
        let log = File::create(&output).map_err(|error| Failure::at(&output, error))?;
        let errors = log.try_clone().map_err(|error| Failure::at(&output, error))?;
        let mut command = program(python);
        command.arg("infra/xtask/python/strict_ministack.py").arg(directory.join("calls.jsonl"));
        call_as_deployer(&mut command, &format!("http://127.0.0.1:{port}"));
        command.env("BIND_HOST", "127.0.0.1").env("GATEWAY_PORT", port.to_string());
        command.env("MINISTACK_HOST", "localhost").env("TMPDIR", directory);
        // They would listen on every address.
        command.env("IOT_MTLS_ENABLED", "false").env("SFTP_ENABLED", "false");
        // The functions are its children: a group ends as one.
        command.stdin(Stdio::piped()).stdout(log).stderr(errors).process_group(0);
        let process =
            command.spawn().map_err(|error| Failure::wrong(format!("ministack: {error}")))?;
        let mut emulator = Self { process, port, front_port, output };
        emulator.wait().map(|()| emulator)
    }

    /// Where AWS is, for who looks for it.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Where clients reach the API once a scenario has put TLS before it.
    pub fn front_url(&self) -> String {
        format!("https://localhost:{}", self.front_port)
    }

    fn wait(&mut self) -> Result<()> {
        let start = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            if let Some(status) = self.process.try_wait().map_err(Failure::wrong)? {
                return Err(self.failed(&format!("ended with {status}")));
            }
            if start.elapsed() > START_TIMEOUT {
                return Err(self.failed("does not answer"));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }
}

impl Emulator {
    /// Why it can't be used, and what it printed last.
    fn failed(&self, reason: &str) -> Failure {
        let said = std::fs::read_to_string(&self.output).unwrap_or_default();
        let lines: Vec<_> = said.lines().collect();
        let last = lines.get(lines.len().saturating_sub(SHOWN)..).unwrap_or_default().join("\n");
        Failure::Wrong(format!("ministack {reason}\n{last}"))
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // All may have ended already, which is as good.
        let group = format!("-{}", self.process.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
        let _ = self.process.wait();
    }
}

/// Ports on which nobody listens. They are free together, so that they differ.
fn free_ports() -> Result<[u16; 2]> {
    let listen = || TcpListener::bind("127.0.0.1:0").map_err(Failure::wrong);
    let listeners = [listen()?, listen()?];
    let port = |listener: &TcpListener| listener.local_addr().map_err(Failure::wrong);
    let [first, second] = &listeners;
    Ok([port(first)?.port(), port(second)?.port()])
}
