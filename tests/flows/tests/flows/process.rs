//! The local stack as a process of its own, which may end at any moment.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ExitStatus};

use reqwest::Method;
use slipway_test_support::{TestResponse, Value};

use crate::child;

/// The bootstrap token.
pub const TOKEN: &str = "a-bootstrap-token-for-this-test";

/// A running `slipway-local`.
pub struct Process {
    child: Child,
    /// Where its API is.
    pub base_url: String,
    /// A client.
    pub http: reqwest::Client,
}

impl Process {
    /// Starts it on the data in `directory`, on the addresses of the one before, where there was
    /// one.
    pub fn start(directory: &Path, listen: &str) -> Self {
        let arguments = [
            "--data",
            directory.to_str().unwrap(),
            "--listen",
            listen,
            "--quiet",
            "--admin-token",
            TOKEN,
        ];
        let mut child = child::command("local_stack", &arguments).spawn().unwrap();
        let mut printed =
            BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let address =
            printed.find_map(|line| Some(line.trim().strip_prefix("API ")?.trim().to_owned()));
        Self { child, base_url: address.expect("an address"), http: reqwest::Client::new() }
    }

    /// Its address, for the next one.
    pub fn address(&self) -> String {
        self.base_url.trim_start_matches("http://").to_owned()
    }

    /// The bytes that it has read from files so far.
    pub fn bytes_read(&self) -> u64 {
        let io = std::fs::read_to_string(format!("/proc/{}/io", self.child.id())).unwrap();
        io.lines().find_map(|line| line.strip_prefix("rchar: ")).unwrap().parse().unwrap()
    }

    /// `kill -9`.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Ctrl-C.
    pub fn interrupt(mut self) -> ExitStatus {
        let id = self.child.id();
        assert!(
            std::process::Command::new("bash")
                .args(["-c", &format!("kill -INT {id}")])
                .status()
                .unwrap()
                .success()
        );
        self.child.wait().unwrap()
    }

    /// A request with a token.
    pub fn request(&self, method: Method, path: &str, token: &str) -> reqwest::RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base_url)).bearer_auth(token)
    }

    /// What a POST creates, with the bootstrap token.
    pub async fn post(&self, path: &str, body: Value) -> Value {
        TestResponse::to(self.request(Method::POST, path, TOKEN).json(&body)).await.expect(201)
    }

    /// What a GET answers.
    pub async fn get(&self, path: &str, token: &str) -> Value {
        TestResponse::to(self.request(Method::GET, path, token)).await.expect(200)
    }
}

/// An address whose port and the next two are free, most likely: what is kept are URLs, and they
/// have to lead to the next process.
pub fn listen() -> String {
    for _ in 0..100 {
        let first = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = first.local_addr().unwrap().port();
        let next = |offset| {
            port.checked_add(offset)
                .is_some_and(|port| std::net::TcpListener::bind(("127.0.0.1", port)).is_ok())
        };
        if next(1) && next(2) {
            return format!("127.0.0.1:{port}");
        }
    }
    panic!("no three ports in a row are free")
}
