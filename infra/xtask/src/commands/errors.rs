//! `cargo xtask errors`: writes `docs/ERRORS.md`.

use super::{Command, Generator, write};
use crate::description::{Description, ErrorCode};
use crate::failure::{Failure, Result};
use crate::generated::Generated;

/// The command.
pub const COMMAND: Command = Command {
    name: "errors",
    about: "write docs/ERRORS.md from the error codes",
    run: |_| write(&GENERATOR),
};

/// What it writes.
pub const GENERATOR: Generator = Generator { command: "errors", directory: None, generate };

/// The page.
fn generate(description: &Description) -> Result<Vec<Generated>> {
    let rows: String = description.errors.iter().map(row).collect::<Result<_>>()?;
    Ok(vec![Generated::new("docs/ERRORS.md", format!("{HEAD}{rows}"))])
}

/// What stands above the table.
const HEAD: &str = "\
<!-- written by `cargo xtask errors` from the error codes of `domain` and `edge`: do not edit -->
# Errors

Every answer with a status from 400 up is `{\"error\": {\"code\", \"message\", \"field\"?, \"details\"?, \"request_id\"}}`. Programs read `code`,
which is one of these and never changes its meaning; people read `message`. `field` is the path of the value that is wrong, `details` has
facts for programs, and `request_id`, also in `X-Request-Id`, leads to the log line.

| code | status | meaning |
|---|---|---|
";

/// The row of `error`; a code that nobody explained is refused.
fn row(error: &ErrorCode) -> Result<String> {
    let ErrorCode { code, status, meaning } = error;
    if meaning.is_empty() {
        return Err(Failure::Wrong(format!("the error code {code} has no documentation")));
    }
    Ok(format!("| `{code}` | {status} | {} |\n", meaning.replace('\n', " ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_the_code_its_status_and_its_meaning_in_one_line() {
        let error = ErrorCode {
            code: "not_found".to_owned(),
            status: 404,
            meaning: "It is not\nthere.".to_owned(),
        };
        assert_eq!(row(&error).unwrap(), "| `not_found` | 404 | It is not there. |\n");
    }

    #[test]
    fn a_code_that_nobody_explained_is_refused() {
        assert!(
            row(&ErrorCode { code: "odd".to_owned(), status: 400, meaning: String::new() })
                .is_err()
        );
    }
}
