//! What came of the stages.

use std::time::Duration;

use crate::failure::{Failure, Result};

/// How much of its subject a stage that passed has covered.
#[derive(Debug, PartialEq, Eq)]
pub enum Coverage {
    /// All of it; the text is a remark for the summary, often empty.
    Full(String),
    /// Less: the text says what was skipped and why.
    Partial(String),
}

impl Coverage {
    /// All of it, without a remark.
    pub fn full() -> Self {
        Self::Full(String::new())
    }
}

/// What came of one stage.
#[derive(Debug, PartialEq, Eq)]
pub enum StageOutcome {
    /// It holds, as far as it was covered.
    Passed(Coverage),
    /// It could not be tried on this machine, for the reason given.
    Skipped(String),
    /// It does not hold.
    Failed(String),
}

impl StageOutcome {
    /// The outcome for `result`. In CI nothing is skipped: what the machine lacks is a failure.
    pub fn of(result: Result<Coverage>, ci: bool) -> Self {
        match result {
            Ok(coverage) => Self::Passed(coverage),
            Err(Failure::Missing(reason)) if !ci => Self::Skipped(reason),
            Err(failure) => Self::Failed(failure.to_string()),
        }
    }
}

/// One stage that ran.
pub struct StageReport {
    /// Its name.
    pub name: &'static str,
    /// What came of it.
    pub outcome: StageOutcome,
    /// How long it took.
    pub duration: Duration,
}

impl StageReport {
    /// What ends the stage on the terminal: its line, after the whole reason if it failed.
    pub fn last_lines(&self) -> String {
        match &self.outcome {
            StageOutcome::Failed(reason) => format!("{reason}\n{}", self.line()),
            _ => self.line(),
        }
    }

    /// The line of the summary.
    fn line(&self) -> String {
        let (word, remark) = match &self.outcome {
            StageOutcome::Passed(Coverage::Full(remark)) => ("ok", remark.as_str()),
            StageOutcome::Passed(Coverage::Partial(gap)) => ("PARTIAL", gap.as_str()),
            StageOutcome::Skipped(reason) => ("SKIPPED", first_line(reason)),
            StageOutcome::Failed(reason) => ("FAILED", first_line(reason)),
        };
        format!("{word:<8}{:<10}{:>7.1} s  {remark}", self.name, self.duration.as_secs_f64())
            .trim_end()
            .to_owned()
    }
}

/// The first line of `text`.
fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// Prints the summary; fails if a stage failed.
pub fn summary(reports: &[StageReport]) -> Result<()> {
    println!("\n== summary");
    for report in reports {
        println!("{}", report.line());
    }
    let [passed, failed, skipped] = counts(reports);
    println!("stages: {passed} passed, {failed} failed, {skipped} skipped");
    if failed == 0 {
        Ok(())
    } else {
        Err(Failure::Wrong(format!("{failed} of {} stages failed", reports.len())))
    }
}

/// How many stages passed, failed and were skipped.
fn counts(reports: &[StageReport]) -> [usize; 3] {
    let count =
        |of: fn(&StageOutcome) -> bool| reports.iter().filter(|report| of(&report.outcome)).count();
    [
        count(|outcome| matches!(outcome, StageOutcome::Passed(_))),
        count(|outcome| matches!(outcome, StageOutcome::Failed(_))),
        count(|outcome| matches!(outcome, StageOutcome::Skipped(_))),
    ]
}

/// Whether every stage passed and covered its whole subject.
pub fn covers_everything(reports: &[StageReport]) -> bool {
    reports.iter().all(|report| matches!(report.outcome, StageOutcome::Passed(Coverage::Full(_))))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A stage that ended with `outcome`.
    fn report(outcome: StageOutcome) -> StageReport {
        StageReport { name: "deny", outcome, duration: Duration::from_millis(1500) }
    }

    /// A stage that passed whole.
    fn passed() -> StageReport {
        report(StageOutcome::Passed(Coverage::full()))
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
    fn a_line_has_the_outcome_the_stage_its_time_and_why() {
        assert_eq!(passed().last_lines(), "ok      deny          1.5 s");
        assert_eq!(
            report(StageOutcome::Passed(Coverage::Partial("no advisories".to_owned())))
                .last_lines(),
            "PARTIAL deny          1.5 s  no advisories"
        );
        assert_eq!(
            report(StageOutcome::Skipped("no npm\nmore".to_owned())).last_lines(),
            "SKIPPED deny          1.5 s  no npm"
        );
        assert_eq!(
            report(StageOutcome::Failed("bad\nmore".to_owned())).last_lines(),
            "bad\nmore\nFAILED  deny          1.5 s  bad"
        );
    }

    #[test]
    fn one_failed_stage_fails_the_whole() {
        assert!(summary(&[passed(), passed()]).is_ok());
        assert!(summary(&[passed(), report(StageOutcome::Failed(String::new()))]).is_err());
    }

    #[test]
    fn a_run_that_left_something_out_does_not_cover_everything() {
        let partial = StageOutcome::Passed(Coverage::Partial("no python".to_owned()));
        assert!(covers_everything(&[passed(), passed()]));
        assert!(!covers_everything(&[passed(), report(partial)]));
        assert!(!covers_everything(&[passed(), report(StageOutcome::Skipped(String::new()))]));
        assert!(!covers_everything(&[passed(), report(StageOutcome::Failed(String::new()))]));
    }
}
