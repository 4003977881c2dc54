//! ministack: an emulator of AWS that shares no code with the local stack.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

/// A ministack of its own for a test. It ends with this value.
pub(crate) struct Ministack {
    process: Child,
    // What it leaves on disk goes with it.
    _directory: TempDir,
    /// Where it answers.
    pub(crate) url: String,
}

impl Ministack {
    /// Starts one with `service` alone. Nothing, where there is no ministack, which CI has: this
    /// says so.
    pub(crate) fn start(service: &str) -> Option<Self> {
        let Some(ministack) = std::env::var_os("SLIPWAY_MINISTACK") else {
            assert_ne!(
                std::env::var("CI").as_deref(),
                Ok("true"),
                "SLIPWAY_MINISTACK has to name the program ministack"
            );
            eprintln!(
                "skipped: {service}; SLIPWAY_MINISTACK names no ministack, which `cargo xtask test tests` installs"
            );
            return None;
        };
        let (port, directory) = (free_port(), tempfile::tempdir().expect("a directory"));
        let mut command = Command::new(ministack);
        command.current_dir(directory.path()).env("TMPDIR", directory.path());
        command
            .env("BIND_HOST", "127.0.0.1")
            .env("GATEWAY_PORT", port.to_string())
            .env("SERVICES", service);
        // The keys with which it checks signatures; the functions' own are in the environment.
        command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test");
        // What it would listen for beside that, on ports of its own choice.
        command.env("IOT_MTLS_ENABLED", "0").env("SFTP_ENABLED", "0");
        let process = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("ministack starts");
        Some(Self { process, _directory: directory, url: format!("http://127.0.0.1:{port}") })
    }

    /// Waits until it `answers`.
    pub(crate) async fn answers(&self, answers: impl AsyncFn() -> bool) {
        for _ in 0..600 {
            if answers().await {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("ministack does not answer at {}", self.url);
    }
}

impl Drop for Ministack {
    fn drop(&mut self) {
        // It may have ended already, which is as good.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}
