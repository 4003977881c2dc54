//! What a decision may have to know beyond the head of the channel: older releases.

use std::ops::Bound;
use std::sync::Arc;

use crate::release::Release;
use crate::{Channel, Version};

/// A release of a channel that has to be looked up before a decision can be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lookup {
    /// The release of a version, whatever its status.
    Release(Channel, Version),
    /// The newest live release within the span that
    /// [`UpdateCheck::may_be_offered`](super::UpdateCheck::may_be_offered) accepts.
    Newest(Channel, VersionSpan),
    /// The version of the lowest required release within the span whose targets
    /// [`UpdateCheck::runs_any`](super::UpdateCheck::runs_any) accepts.
    Required(Channel, VersionSpan),
}

impl Lookup {
    /// The channel of the release.
    #[must_use]
    pub const fn channel(&self) -> &Channel {
        let (Self::Release(channel, _) | Self::Newest(channel, _) | Self::Required(channel, _)) =
            self;
        channel
    }
}

/// A range of versions to search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionSpan {
    /// Upper bound.
    pub upper: Bound<Version>,
    /// Only versions above this one; `None` for all.
    pub above: Option<Version>,
}

/// The releases that were looked up for one decision.
#[derive(Debug, Clone, Default)]
pub struct LookupResults {
    found: Vec<(Lookup, Option<Arc<Release>>)>,
    required: Vec<((Channel, VersionSpan), Option<Version>)>,
}

impl VersionSpan {
    /// Whether the span ends before `version`, for a search that comes from above.
    #[must_use]
    pub fn ends_before(&self, version: &Version) -> bool {
        self.above.as_ref().is_some_and(|above| version <= above)
    }

    pub(super) fn is_empty(&self) -> bool {
        match (&self.upper, &self.above) {
            (Bound::Included(upper) | Bound::Excluded(upper), Some(above)) => upper <= above,
            _ => false,
        }
    }
}

impl LookupResults {
    /// Adds what a lookup has found; `None` if there is no such release.
    pub fn add(&mut self, lookup: Lookup, release: Option<Arc<Release>>) {
        self.found.push((lookup, release));
    }

    /// Adds what a [`Lookup::Required`] has found; `None` if there is no such release.
    pub fn add_required(&mut self, channel: Channel, span: VersionSpan, version: Option<Version>) {
        self.required.push(((channel, span), version));
    }

    /// The lowest required release of a channel in a span.
    ///
    /// # Errors
    /// The lookup, if it was not made yet.
    pub(super) fn required(
        &self,
        channel: &Channel,
        span: VersionSpan,
    ) -> Result<Option<&Version>, Lookup> {
        match self.required.iter().find(|((on, one), _)| on == channel && *one == span) {
            Some((_, version)) => Ok(version.as_ref()),
            None => Err(Lookup::Required(channel.clone(), span)),
        }
    }

    /// What was found.
    ///
    /// # Errors
    /// The lookup, if it was not made yet.
    pub(super) fn get(&self, lookup: Lookup) -> Result<Option<&Release>, Lookup> {
        match self.found.iter().find(|(one, _)| *one == lookup) {
            Some((_, release)) => Ok(release.as_deref()),
            None => Err(lookup),
        }
    }
}

/// The lower of two upper bounds.
pub(super) fn lower(one: Bound<Version>, other: Bound<Version>) -> Bound<Version> {
    let is_lower = match (&one, &other) {
        (_, Bound::Unbounded) => true,
        (Bound::Unbounded, _) => false,
        (Bound::Included(one), Bound::Excluded(other)) => one < other,
        (
            Bound::Included(one) | Bound::Excluded(one),
            Bound::Included(other) | Bound::Excluded(other),
        ) => one <= other,
    };
    if is_lower { one } else { other }
}
