//! What came of the stages.

use std::time::Duration;

use crate::failure::{Failure, Result};

/// What came of one stage.
#[derive(Debug, PartialEq, Eq)]
pub enum StageOutcome {
    /// It holds; the text is a remark, often empty.
    Passed(String),
    /// It could not be tried on this machine, for the reason given.
    Skipped(String),
    /// It does not hold.
    Failed(String),
}

impl StageOutcome {
    /// The verdict on `result`. In CI nothing is skipped: what the machine lacks is a failure.
    pub fn of(result: Result<String>, ci: bool) -> Self {
        match result {
            Ok(remark) => Self::Passed(remark),
            Err(Failure::Missing(said)) if !ci => Self::Skipped(said),
            Err(failure) => Self::Failed(failure.to_string()),
        }
    }
}

/// One stage that ran.
pub struct StageReport {
    /// Its name.
    pub name: &'static str,
    /// What came of it.
    pub verdict: StageOutcome,
    /// How long it took.
    pub took: Duration,
}

impl StageReport {
    /// The line that ends the stage, after what it said if it failed.
    pub fn line(&self) -> String {
        match &self.verdict {
            StageOutcome::Failed(said) => format!("{said}\n{}", self.short()),
            _ => self.short(),
        }
    }

    /// The line of the summary.
    fn short(&self) -> String {
        let (word, remark) = match &self.verdict {
            StageOutcome::Passed(remark) => ("ok", remark.as_str()),
            StageOutcome::Skipped(said) => ("SKIPPED", said.lines().next().unwrap_or_default()),
            StageOutcome::Failed(said) => ("FAILED", said.lines().next().unwrap_or_default()),
        };
        format!("{word:<8}{:<10}{:>7.1} s  {remark}", self.name, self.took.as_secs_f64())
            .trim_end()
            .to_owned()
    }
}

/// Prints the summary; fails if a stage failed.
pub fn summary(entries: &[StageReport]) -> Result<()> {
    println!("\n== summary");
    for entry in entries {
        println!("{}", entry.short());
    }
    let [passed, failed, skipped] = counts(entries);
    println!("stages: {passed} passed, {failed} failed, {skipped} skipped");
    if failed == 0 {
        Ok(())
    } else {
        Err(Failure::Wrong(format!("{failed} of {} stages failed", entries.len())))
    }
}

/// How many stages passed, failed and were skipped.
fn counts(entries: &[StageReport]) -> [usize; 3] {
    let count =
        |of: fn(&StageOutcome) -> bool| entries.iter().filter(|entry| of(&entry.verdict)).count();
    [
        count(|verdict| matches!(verdict, StageOutcome::Passed(_))),
        count(|verdict| matches!(verdict, StageOutcome::Failed(_))),
        count(|verdict| matches!(verdict, StageOutcome::Skipped(_))),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A stage that ended with `verdict`.
    fn entry(verdict: StageOutcome) -> StageReport {
        StageReport { name: "deny", verdict, took: Duration::from_millis(1500) }
    }

    #[test]
    fn what_the_machine_lacks_is_skipped_by_name_but_fails_ci() {
        let missing = || Err(Failure::Missing("npm: not found".to_owned()));
        assert_eq!(
            StageOutcome::of(missing(), false),
            StageOutcome::Skipped("npm: not found".to_owned())
        );
        assert_eq!(
            StageOutcome::of(missing(), true),
            StageOutcome::Failed("npm: not found".to_owned())
        );
    }

    #[test]
    fn what_is_wrong_fails_everywhere() {
        let wrong = || Err(Failure::Wrong("no".to_owned()));
        assert_eq!(StageOutcome::of(wrong(), false), StageOutcome::of(wrong(), true));
    }

    #[test]
    fn a_line_has_the_verdict_the_stage_its_time_and_why() {
        assert_eq!(
            entry(StageOutcome::Passed(String::new())).line(),
            "ok      deny          1.5 s"
        );
        assert_eq!(
            entry(StageOutcome::Skipped("no npm\nmore".to_owned())).line(),
            "SKIPPED deny          1.5 s  no npm"
        );
        assert_eq!(
            entry(StageOutcome::Failed("bad\nmore".to_owned())).line(),
            "bad\nmore\nFAILED  deny          1.5 s  bad"
        );
    }

    #[test]
    fn one_failed_stage_fails_the_whole() {
        assert!(
            summary(&[
                entry(StageOutcome::Passed(String::new())),
                entry(StageOutcome::Skipped(String::new()))
            ])
            .is_ok()
        );
        assert!(
            summary(&[
                entry(StageOutcome::Passed(String::new())),
                entry(StageOutcome::Failed(String::new()))
            ])
            .is_err()
        );
    }
}
