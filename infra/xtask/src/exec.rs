//! Other programs: cargo, the linters, the package managers.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Output};

use crate::failure::{Failure, Result};
use crate::paths;

/// How many characters of a line are kept of what a program says.
const MAX_LINE: usize = 1_000;

/// `program`, run from the root of the workspace, with an environment in which nothing looks for
/// AWS.
pub fn program(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(paths::root());
    // A developer's own account.
    command.env_remove("AWS_PROFILE").env_remove("AWS_SESSION_TOKEN");
    command.envs([
        ("AWS_ACCESS_KEY_ID", "none"),
        ("AWS_SECRET_ACCESS_KEY", "none"),
        ("AWS_DEFAULT_REGION", "eu-central-1"),
        ("AWS_REGION", "eu-central-1"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("SAM_CLI_TELEMETRY", "0"),
        ("REDOCLY_TELEMETRY", "off"),
        ("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true"),
        ("PYTHONUNBUFFERED", "1"),
    ]);
    command
}

/// The cargo that runs this command.
pub fn cargo(arguments: &[&str]) -> Command {
    let mut command = program(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments);
    command
}

/// Runs `command` with its output on the terminal.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command.status().map_err(|error| not_started(command, &error))?;
    if status.success() {
        Ok(())
    } else {
        Err(Failure::Wrong(format!("{} ended with {status}", command_line(command))))
    }
}

/// Runs `command` and keeps what it says, which a failure repeats.
pub fn capture(command: &mut Command) -> Result<String> {
    output(command).map(|output| transcript(&output))
}

/// Runs `command` and takes what it prints, to the letter.
pub fn stdout(command: &mut Command) -> Result<Vec<u8>> {
    output(command).map(|output| output.stdout)
}

/// The output of `command`, once it has ended well.
fn output(command: &mut Command) -> Result<Output> {
    let output = command.output().map_err(|error| not_started(command, &error))?;
    if output.status.success() {
        Ok(output)
    } else {
        Err(Failure::Wrong(format!(
            "{} ended with {}\n{}",
            command_line(command),
            output.status,
            transcript(&output)
        )))
    }
}

/// What `output` says, with its longest lines cut: a Python traceback may quote a whole module in
/// one.
fn transcript(output: &Output) -> String {
    [&output.stdout, &output.stderr]
        .map(|bytes| truncate_lines(&String::from_utf8_lossy(bytes)))
        .concat()
}

/// `text` with the beginning of each line.
fn truncate_lines(text: &str) -> String {
    text.lines()
        .map(|line| line.char_indices().nth(MAX_LINE).map_or(line, |(end, _)| line.split_at(end).0))
        .flat_map(|line| [line, "\n"])
        .collect()
}

/// A program that can't be started is the machine's fault.
fn not_started(command: &Command, error: &std::io::Error) -> Failure {
    Failure::Missing(format!("{}: {error}", command_line(command)))
}

/// The file name and the arguments of `command`.
fn command_line(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_default();
    std::iter::once(program)
        .chain(command.get_args())
        .map(|word| word.to_string_lossy().into_owned())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_repeats_what_the_program_said() {
        let failure =
            capture(program("sh").args(["-c", "echo out; echo err >&2; exit 3"])).unwrap_err();
        assert!(
            matches!(&failure, Failure::Wrong(said) if said.contains("out\nerr\n") && said.contains("exit status: 3")),
            "{failure:?}"
        );
    }

    #[test]
    fn only_the_beginning_of_a_very_long_line_is_kept() {
        assert_eq!(truncate_lines("short\n"), "short\n");
        assert_eq!(truncate_lines(&"ü".repeat(5_000)).chars().count(), MAX_LINE + 1);
    }

    #[test]
    fn a_program_that_is_not_there_is_the_machines_fault() {
        let failure = capture(&mut program("slipway-no-such-program")).unwrap_err();
        assert!(
            matches!(&failure, Failure::Missing(said) if said.starts_with("slipway-no-such-program")),
            "{failure:?}"
        );
    }
}
