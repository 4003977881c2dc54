//! How many clients have which outcome.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::Outcome;

/// What classes of errors beyond the first of a count are counted as.
pub const OTHER_CLASS: &str = "other";

/// How many clients have which outcome.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OutcomeCounts {
    /// Clients that have the release.
    pub installed: u64,
    /// Clients on which it failed.
    pub failed: u64,
    /// Clients that went back.
    pub rolled_back: u64,
    /// Failures by class of the error.
    pub error_classes: BTreeMap<String, u64>,
    /// Failures by mark of the network that they came from. A mark may stand for several networks.
    pub networks: BTreeMap<u8, u64>,
}

/// The outcomes of a day, as a counter has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DailyOutcomes {
    /// The day, UTC.
    pub date: Date,
    /// The outcomes.
    pub counts: OutcomeCounts,
}

impl OutcomeCounts {
    /// The number of clients with this outcome.
    pub fn of(&mut self, outcome: Outcome) -> &mut u64 {
        match outcome {
            Outcome::Installed => &mut self.installed,
            Outcome::Failed => &mut self.failed,
            Outcome::RolledBack => &mut self.rolled_back,
        }
    }

    /// Adds all that `more` has.
    pub fn merge(&mut self, more: Self) {
        self.installed = self.installed.saturating_add(more.installed);
        self.failed = self.failed.saturating_add(more.failed);
        self.rolled_back = self.rolled_back.saturating_add(more.rolled_back);
        add(&mut self.error_classes, more.error_classes);
        add(&mut self.networks, more.networks);
    }

    /// How many clients have reported.
    #[must_use]
    pub fn reports(&self) -> u64 {
        self.installed.saturating_add(self.failures())
    }

    /// How many of them speak against the release.
    #[must_use]
    pub fn failures(&self) -> u64 {
        self.failed.saturating_add(self.rolled_back)
    }

    /// How many failures there are where those with the same mark count up to `contribution` times.
    #[must_use]
    pub fn failures_up_to(&self, contribution: u64) -> u64 {
        let parts = self.networks.values().map(|failures| *failures.min(&contribution));
        parts.fold(0, u64::saturating_add)
    }

    /// How many networks failures came from, at least.
    #[must_use]
    pub fn failing_networks(&self) -> u64 {
        self.failures_up_to(1)
    }
}

fn add<K: Ord>(sums: &mut BTreeMap<K, u64>, more: BTreeMap<K, u64>) {
    for (key, clients) in more {
        let sum = sums.entry(key).or_default();
        *sum = sum.saturating_add(clients);
    }
}
