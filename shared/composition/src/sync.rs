//! What a sync of a component's versions does with what a registry tells.

use std::collections::BTreeMap;

use slipway_domain::Timestamp;

use crate::image::{ImageDigest, ImageTag};
use crate::version_map::VersionMap;

/// How many version maps a component may have: a registry that makes up tags without end fills no
/// table.
pub const MAX_VERSION_MAPS: u64 = 100_000;

/// After what time nobody adds any more who has begun before: Lambda ends a sync, and a delivery of
/// events, after 29 seconds.
const LONGEST_ADDITION_SECONDS: i64 = 30;

/// Which tags a sync asks its registry about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TagChoice {
    /// Those that are not known.
    New,
    /// All of them: a tag may have moved.
    All,
}

/// How far a sync has come that has run out of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncPosition {
    /// Which tags it asks about. A sync of another choice begins anew.
    pub choice: TagChoice,
    /// The page of the registry's list that it is at, by the registry's own link; none for the
    /// first one.
    pub page: Option<String>,
    /// The last tag of that page, in the order of tags, that it is done with; none at the page's
    /// beginning.
    pub after: Option<ImageTag>,
}

/// What is known of a component's versions as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SyncState {
    /// How many version maps there are.
    pub version_maps: u64,
    /// How many of them no audit event has told of yet: whoever adds tells of all of them at the
    /// end.
    pub unreported: u64,
    /// When the last one was made.
    pub last_added_at: Option<Timestamp>,
    /// Where the next sync goes on; none, where it begins with the first tag.
    pub position: Option<SyncPosition>,
}

impl SyncState {
    /// Where a sync of `choice` begins.
    #[must_use]
    pub fn start(&self, choice: TagChoice) -> SyncPosition {
        let kept = self.position.clone().filter(|position| position.choice == choice);
        kept.unwrap_or(SyncPosition { choice, page: None, after: None })
    }

    /// The state after `maps` were added. They get one moment, which is later than that of all that
    /// was added before, whatever the clock says: so what was added last is newest.
    #[must_use]
    pub fn added(self, maps: &mut [VersionMap]) -> Self {
        let Some(now) = maps.iter().map(|map| map.created_at).max() else { return self };
        let moment = self.next_moment(now);
        for map in maps.iter_mut() {
            map.created_at = moment;
        }
        let count = u64::try_from(maps.len()).unwrap_or(u64::MAX);
        let version_maps = self.version_maps.saturating_add(count);
        Self { version_maps, last_added_at: Some(moment), ..self }
    }

    /// How many version maps there are at `now` of which nobody is left to tell: those of syncs and
    /// deliveries of events that were killed. The next sync tells of them.
    #[must_use]
    pub fn abandoned(&self, now: Timestamp) -> u64 {
        let is_at_work = |last| now.duration_since(last).as_secs() < LONGEST_ADDITION_SECONDS;
        if self.last_added_at.is_some_and(is_at_work) { 0 } else { self.unreported }
    }

    fn next_moment(&self, now: Timestamp) -> Timestamp {
        let after = self.last_added_at.map(|last| {
            Timestamp::from_millisecond(last.as_millisecond().saturating_add(1)).unwrap_or(last)
        });
        after.map_or(now, |after| after.max(now))
    }
}

impl SyncPosition {
    /// The tags of the page at this position that the registry has to be asked about, in the order
    /// of tags. `known` is what tags stand for as far as is known.
    #[must_use]
    pub fn tags_to_ask(
        &self,
        mut page: Vec<ImageTag>,
        known: &BTreeMap<ImageTag, ImageDigest>,
    ) -> Vec<ImageTag> {
        page.sort_unstable();
        page.dedup();
        let is_left = |tag: &ImageTag| self.after.as_ref().is_none_or(|after| tag > after);
        let is_asked = |tag: &ImageTag| self.choice == TagChoice::All || !known.contains_key(tag);
        page.retain(|tag| is_left(tag) && is_asked(tag));
        page
    }

    /// The position beyond `tag` of the same page.
    #[must_use]
    pub fn beyond(&self, tag: ImageTag) -> Self {
        Self { after: Some(tag), ..self.clone() }
    }

    /// The beginning of the page that the registry's link leads to.
    #[must_use]
    pub fn at_page(&self, page: String) -> Self {
        Self { choice: self.choice, page: Some(page), after: None }
    }
}
