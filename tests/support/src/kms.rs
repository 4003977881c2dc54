//! KMS: ministack's, which knows Ed25519 keys. It is no part of the local stack, whose keys are
//! files.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::World;

/// A KMS of its own for a test. It ends with this value.
pub struct Kms {
    process: Child,
    // What it leaves on disk goes with it.
    _directory: TempDir,
    /// Where it answers.
    pub url: String,
    /// A client for it.
    pub client: aws_sdk_kms::Client,
}

impl Kms {
    /// Starts one for the functions of `world`. Nothing, where there is no ministack, which CI has:
    /// this says so.
    pub async fn start(world: &World) -> Option<Self> {
        let Some(ministack) = std::env::var_os("SLIPWAY_MINISTACK") else {
            assert_ne!(
                std::env::var("CI").as_deref(),
                Ok("true"),
                "SLIPWAY_MINISTACK has to name the program ministack"
            );
            eprintln!(
                "skipped: keys in KMS; SLIPWAY_MINISTACK names no ministack, which `cargo xtask test tests` installs"
            );
            return None;
        };
        let (port, directory) = (free_port(), tempfile::tempdir().expect("a directory"));
        let mut command = Command::new(ministack);
        command.current_dir(directory.path()).env("TMPDIR", directory.path());
        command
            .env("BIND_HOST", "127.0.0.1")
            .env("GATEWAY_PORT", port.to_string())
            .env("SERVICES", "kms");
        // What it would listen for beside that, on ports of its own choice.
        command.env("IOT_MTLS_ENABLED", "0").env("SFTP_ENABLED", "0");
        let process = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("ministack starts");
        let url = format!("http://127.0.0.1:{port}");
        let config = aws_sdk_kms::config::Builder::from(&world.stack.local.sdk_config())
            .endpoint_url(&url)
            .build();
        let kms = Self {
            process,
            _directory: directory,
            url,
            client: aws_sdk_kms::Client::from_conf(config),
        };
        kms.answers().await;
        Some(kms)
    }

    async fn answers(&self) {
        for _ in 0..600 {
            if self.client.list_keys().send().await.is_ok() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("ministack does not answer at {}", self.url);
    }
}

impl Drop for Kms {
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
