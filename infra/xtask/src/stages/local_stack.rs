//! A local stack for one stage.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::exec::program;
use crate::failure::{Failure, Result};
use crate::paths;

/// How long the stack may take to print its address.
const START_TIMEOUT: Duration = Duration::from_secs(30);

/// What the stack has printed so far.
type CapturedOutput = Arc<Mutex<String>>;

/// A running local stack that keeps nothing. It ends with this value.
pub struct LocalStack {
    process: Child,
    address: String,
    output: CapturedOutput,
}

impl LocalStack {
    /// Starts a stack on a free port, with the bootstrap token `token`.
    pub fn start(token: &str) -> Result<Self> {
        let mut command = program(paths::binary("slipway-local"));
        command.args(["--ephemeral", "--listen", "127.0.0.1:0"]).env("SLIPWAY_ADMIN_TOKEN", token);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command
            .spawn()
            .map_err(|error| Failure::Wrong(format!("slipway-local does not start: {error}")))?;
        let output = CapturedOutput::default();
        let streams: [Option<Box<dyn Read + Send>>; 2] = [
            process.stdout.take().map(|stream| Box::new(stream) as _),
            process.stderr.take().map(|stream| Box::new(stream) as _),
        ];
        let addresses = watch(streams, &output);
        let mut stack = Self { process, address: String::new(), output };
        stack.address = addresses.recv_timeout(START_TIMEOUT).map_err(|_| {
            Failure::Wrong(format!("slipway-local printed no address\n{}", stack.output_tail()))
        })?;
        Ok(stack)
    }

    /// Where it answers, such as `http://127.0.0.1:40123`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The end of what it printed.
    pub fn output_tail(&self) -> String {
        let output = self.output.lock().unwrap_or_else(PoisonError::into_inner);
        let lines: Vec<_> = output.lines().rev().take(100).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join("\n")
    }
}

impl Drop for LocalStack {
    fn drop(&mut self) {
        // It may have ended already, which is as good.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Keeps what `streams` print, and sends each address in it.
fn watch(streams: [Option<Box<dyn Read + Send>>; 2], output: &CapturedOutput) -> Receiver<String> {
    let (sender, addresses) = sync_channel(1);
    for stream in streams.into_iter().flatten() {
        let (sender, output) = (sender.clone(), Arc::clone(output));
        thread::spawn(move || {
            for line in BufReader::new(stream).lines().map_while(std::result::Result::ok) {
                if let Some(address) = address(&line) {
                    // Nobody waits for a second address.
                    let _ = sender.try_send(address);
                }
                let mut output = output.lock().unwrap_or_else(PoisonError::into_inner);
                output.push_str(&line);
                output.push('\n');
            }
        });
    }
    addresses
}

/// The address of the API in `line`, if it has one.
fn address(line: &str) -> Option<String> {
    let (_, rest) = line.split_once("http://127.0.0.1:")?;
    let port: String = rest.chars().take_while(char::is_ascii_digit).collect();
    Some(format!("http://127.0.0.1:{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_found_in_a_sentence() {
        assert_eq!(
            address("Slipway listens on http://127.0.0.1:40123/."),
            Some("http://127.0.0.1:40123".to_owned())
        );
        assert_eq!(address("starting"), None);
    }
}
