//! How much room the offers of a response have. Where it runs short, metadata gives way to
//! artifacts: what a client has to know to install an update is there as long as all of that fits.

use std::cell::OnceCell;

use super::{Action, Decision, DecisionReason, Offer};
use crate::Metadata;

/// Limit of what the offers of a response take, in bytes of JSON, so that the response is one that
/// Lambda takes: 6 MB, in which each quote counts twice. What a response repeats of its request,
/// which has 1 MiB at the most, comes on top: fewer than 4 MiB (numbers are written in full).
pub const MAX_OFFER_BYTES: usize = 1 << 20;

/// The decisions of one response, in the order of the request. Their offers take
/// [`MAX_OFFER_BYTES`] in all.
///
/// Where that does not suffice, offers lose the large members of their metadata, those that stand
/// last in the request first. A decision is deferred only where its offer has no room beside the
/// others although all of them are without these members.
#[derive(Debug, Default)]
pub struct DecisionList {
    placed: Vec<Placed>,
    bytes: usize,
}

/// A decision with the room that its offer takes.
#[derive(Debug)]
struct Placed {
    decision: Decision,
    bytes: usize,
    /// The metadata without large members, once it was needed.
    shortened: OnceCell<Option<Metadata>>,
}

impl DecisionList {
    /// Adds the decision on the next product.
    pub fn push(&mut self, decision: Decision) {
        let bytes = decision.offer.as_ref().map_or(0, Offer::max_bytes);
        self.bytes += bytes;
        self.placed.push(Placed { decision, bytes, shortened: OnceCell::new() });
        if self.bytes > MAX_OFFER_BYTES {
            self.make_room();
        }
    }

    /// The decisions, as many as were added.
    #[must_use]
    pub fn finish(self) -> Vec<Decision> {
        self.placed.into_iter().map(|placed| placed.decision).collect()
    }

    fn make_room(&mut self) {
        let least: usize = self.placed.iter().map(Placed::least_bytes).sum();
        if least > MAX_OFFER_BYTES {
            self.bytes -= self.placed.last_mut().map_or(0, Placed::defer);
            return;
        }
        for placed in self.placed.iter_mut().rev() {
            if self.bytes <= MAX_OFFER_BYTES {
                return;
            }
            self.bytes -= placed.shorten();
        }
    }
}

impl Placed {
    /// What the offer takes without large members of its metadata.
    fn least_bytes(&self) -> usize {
        self.bytes - self.savings()
    }

    /// What the offer takes less without them.
    fn savings(&self) -> usize {
        let metadata = self.decision.offer.as_ref().and_then(|offer| offer.metadata.as_ref());
        let Some(metadata) = metadata else { return 0 };
        let shortened = self.shortened.get_or_init(|| metadata.without_large_members());
        metadata.json_bytes() - shortened.as_ref().map_or(0, Metadata::json_bytes)
    }

    /// Takes the large members out; how many bytes that saves.
    fn shorten(&mut self) -> usize {
        let saved = self.savings();
        let shortened = self.shortened.take().flatten();
        if let Some(offer) = self.decision.offer.as_mut().filter(|_| saved > 0) {
            offer.metadata = shortened;
            offer.metadata_truncated = true;
        }
        self.bytes -= saved;
        saved
    }

    /// Takes the offer out; how many bytes that saves.
    fn defer(&mut self) -> usize {
        let decision = &mut self.decision;
        decision.action = Action::None;
        decision.reason = DecisionReason::Deferred;
        decision.offer = None;
        self.shortened = OnceCell::new();
        std::mem::take(&mut self.bytes)
    }
}

impl Offer {
    /// At most how many bytes of JSON it takes.
    #[must_use]
    pub fn max_bytes(&self) -> usize {
        /// What an artifact takes beside its URL: names, digest, and ids of up to 70 bytes.
        const ARTIFACT: usize = 512;
        let metadata = self.metadata.as_ref().map_or(0, Metadata::json_bytes);
        let artifacts = self.artifacts.iter().map(|a| a.download_url.len() + ARTIFACT);
        ARTIFACT + metadata + artifacts.sum::<usize>()
    }
}
