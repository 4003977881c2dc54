//! How a sync gets on, for people.

use std::io::IsTerminal;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use slipway_snapshot::BundleArtifact;

/// Whether there is something to tell while it goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verbosity {
    /// Bars on a terminal, lines elsewhere.
    Progress,
    /// Nothing: a program reads the result, or nobody.
    Quiet,
}

/// The bars of a sync.
#[derive(Debug)]
pub struct Progress {
    bars: Option<MultiProgress>,
    all: ProgressBar,
    verbosity: Verbosity,
}

/// The bar of an artifact.
#[derive(Debug)]
pub struct Bar {
    own: ProgressBar,
    all: ProgressBar,
}

const ALL: &str = "{bar:40} {bytes}/{total_bytes} {bytes_per_sec} {eta}";
const ONE: &str = "  {msg} {bar:28} {bytes}/{total_bytes}";

impl Progress {
    /// For `bytes` to come.
    #[must_use]
    pub fn new(verbosity: Verbosity, bytes: u64) -> Self {
        let bars = (verbosity == Verbosity::Progress && std::io::stderr().is_terminal())
            .then(MultiProgress::new);
        let all = match &bars {
            Some(bars) => bars.add(ProgressBar::new(bytes).with_style(style(ALL))),
            None => ProgressBar::hidden(),
        };
        Self { bars, all, verbosity }
    }

    /// The bar of `artifact`, whose download begins.
    #[must_use]
    pub fn bar(&self, artifact: &BundleArtifact) -> Bar {
        let name = artifact.artifact_id.to_string();
        let own = if let Some(bars) = &self.bars {
            bars.add(
                ProgressBar::new(artifact.size_bytes).with_style(style(ONE)).with_message(name),
            )
        } else {
            if self.verbosity == Verbosity::Progress {
                eprintln!("fetching {name}, {} bytes", artifact.size_bytes);
            }
            ProgressBar::hidden()
        };
        Bar { own, all: self.all.clone() }
    }

    /// Everything has come.
    pub fn finish(&self) {
        self.all.finish_and_clear();
    }
}

impl Bar {
    /// How many bytes of the artifact are here.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.own.position()
    }

    /// So many bytes of the artifact are here.
    pub fn at(&self, bytes: u64) {
        let before = self.own.position();
        self.own.set_position(bytes);
        // An artifact that starts over takes back what it had.
        self.all.set_position((self.all.position() + bytes).saturating_sub(before));
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.own.finish_and_clear();
    }
}

fn style(template: &str) -> ProgressStyle {
    // The templates are compiled in; a bar without one is still a bar.
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
