//! A sync: what a component's registry has now becomes version maps, a few at a time.
//!
//! Tags are asked about in their order, some at once, and what they stand for is stored in that
//! order. So what is stored is whole up to one tag, where the next sync goes on if the time runs
//! out.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::{Stream, StreamExt, stream};
use slipway_catalog::{AdditionsEvent, AuditContext, SyncedTags, VERSION_MAPS_AT_ONCE, Writer};
use slipway_composition::{
    Component, ImageDigest, ImageTag, SyncPosition, SyncState, TagChoice, VersionMap, VersionMapId,
};
use slipway_domain::{GenerateId, Result};
use slipway_edge::clock::{Clock, entropy};
use slipway_oci::{Error as RegistryError, Manifest, ManifestReference, Registry, TagsCursor};

use crate::asking_clock::AskingClock;
use crate::component_registry::failure;

/// How long a registry is asked in one sync: API Gateway waits for 30 seconds, and what was found
/// has to be stored.
pub(crate) const SYNC_TIME: Duration = Duration::from_secs(20);
/// How many tags are asked about at once.
const TAGS_AT_ONCE: usize = 8;
/// How many version maps a sync adds at the most: they are its answer.
const MOST_ADDED: usize = 4000;

/// One sync of a component.
#[derive(Debug)]
pub struct VersionSync<'a> {
    /// Where version maps are stored.
    pub catalog: &'a Writer,
    /// The component's registry, until the deadline of the sync.
    pub registry: &'a Registry,
    /// The component.
    pub component: &'a Component,
    /// When it happens, and what its audit event is recorded with.
    pub audit: &'a AuditContext,
    /// Tells when it asks the registry.
    pub clock: &'a Clock,
}

/// What has come of a sync.
#[derive(Debug)]
pub struct SyncOutcome {
    /// The version maps that it has added.
    pub added: Vec<VersionMap>,
    /// Whether it has come to the end of the registry's tags.
    pub is_complete: bool,
}

/// How far a sync has come.
struct Progress {
    position: SyncPosition,
    /// Found and not stored yet.
    found: Vec<VersionMap>,
    added: Vec<VersionMap>,
    /// How many version maps others have added that nobody else tells of.
    abandoned: u64,
    clock: AskingClock,
}

impl Progress {
    /// How many version maps that are stored the sync's event has to tell of.
    fn untold(&self) -> u64 {
        let added = u64::try_from(self.added.len()).unwrap_or(u64::MAX);
        self.abandoned.saturating_add(added)
    }
}

/// What the registry has answered about a tag.
type TagAnswer = (ImageTag, Result<Option<Manifest>, RegistryError>);

/// Why a sync ends before the last tag.
enum Interruption {
    /// There is no room left for what is found; the next sync goes on.
    Full,
    /// There is no time left; the next sync goes on. One that got nowhere in its time has failed.
    Late(RegistryError),
    /// The registry has failed for a tag; the next sync goes on there.
    TagFailed(RegistryError),
    /// The registry has failed for the list. The next sync begins anew: maybe it is the position
    /// that fails.
    ListFailed(RegistryError),
}

impl VersionSync<'_> {
    /// Asks the registry, and stores what it tells. What was stored stays, however it ends.
    ///
    /// # Errors
    /// `registry_unavailable`; `unresolvable_component` where there is no such repository; those of
    /// [`Writer::add_synced_tags`].
    pub async fn run(&self, choice: TagChoice) -> Result<SyncOutcome> {
        let state = self.catalog.get_sync_state(self.component).await?;
        let (found, added) = (Vec::new(), Vec::new());
        let start = state.start(choice);
        let clock = AskingClock::start(self.clock);
        let abandoned = state.abandoned(self.audit.now);
        let mut progress = Progress { position: start.clone(), found, added, abandoned, clock };
        let interruption = match self.ask_and_store(&state, &mut progress).await {
            Ok(interruption) => interruption,
            Err(error) => {
                self.report_stored(&progress).await;
                return Err(error);
            }
        };
        let is_stuck = progress.position == start;
        let is_complete = interruption.is_none();
        match interruption {
            Some(Interruption::TagFailed(error) | Interruption::ListFailed(error)) => {
                Err(failure(self.component, error))
            }
            Some(Interruption::Late(error)) if is_stuck => Err(failure(self.component, error)),
            _ => Ok(SyncOutcome { added: progress.added, is_complete }),
        }
    }

    /// Asks until something ends that, and stores the last with the audit event of all.
    async fn ask_and_store(
        &self,
        before: &SyncState,
        progress: &mut Progress,
    ) -> Result<Option<Interruption>> {
        let interruption = self.ask_all(progress).await?;
        let position = match &interruption {
            Some(Interruption::ListFailed(_)) | None => None,
            Some(_) => Some(progress.position.clone()),
        };
        self.finish(before, progress, position).await?;
        Ok(interruption)
    }

    /// Records the audit event of what was stored, in a sync that can't store what follows. Where
    /// that fails too, the component is gone, whose deletion has told of it, or the table does not
    /// answer, and the next sync tells of it.
    async fn report_stored(&self, progress: &Progress) {
        let event = self.event(progress);
        self.catalog.report_synced_tags(self.component, event).await.unwrap_or_default();
    }

    /// The audit event of what is stored by now.
    fn event(&self, progress: &Progress) -> AdditionsEvent<'_> {
        AdditionsEvent { audit: self.audit, untold: progress.untold() }
    }

    /// Asks page by page, until the end or until something comes in between.
    async fn ask_all(&self, progress: &mut Progress) -> Result<Option<Interruption>> {
        let repository = &self.component.image_repository;
        let mut has_listed = false;
        loop {
            let at = progress.position.page.clone().map(TagsCursor::from_stored);
            let page = match self.registry.tags(repository, at.as_ref()).await {
                Ok(page) => page,
                Err(error @ RegistryError::OutOfTime { .. }) if has_listed => {
                    return Ok(Some(Interruption::Late(error)));
                }
                Err(error) => return Ok(Some(Interruption::ListFailed(error))),
            };
            has_listed = true;
            if let Some(interruption) = self.ask_about(page.tags, progress).await? {
                return Ok(Some(interruption));
            }
            let Some(next) = page.next else { return Ok(None) };
            progress.position = progress.position.at_page(next.as_str().to_owned());
        }
    }

    /// Asks what the tags of a page stand for.
    async fn ask_about(
        &self,
        tags: Vec<ImageTag>,
        progress: &mut Progress,
    ) -> Result<Option<Interruption>> {
        let known = self.catalog.known_tags(self.component, &tags).await?;
        let tags = progress.position.tags_to_ask(tags, &known);
        let mut answers = Box::pin(self.answers(tags));
        while let Some((tag, answer)) = answers.next().await {
            match answer {
                Ok(manifest) => self.take(progress, &known, tag, manifest)?,
                // A registry may keep back single images, such as those that a scanner has found
                // fault with. They are no reason to know nothing of all others.
                Err(RegistryError::Status { status, .. }) if status.is_client_error() => {
                    self.take(progress, &known, tag, None)?;
                }
                Err(error @ RegistryError::OutOfTime { .. }) => {
                    return Ok(Some(Interruption::Late(error)));
                }
                Err(error) => return Ok(Some(Interruption::TagFailed(error))),
            }
            if progress.found.len() == VERSION_MAPS_AT_ONCE {
                self.store(progress).await?;
            }
            if progress.added.len() >= MOST_ADDED {
                return Ok(Some(Interruption::Full));
            }
        }
        Ok(None)
    }

    /// What the registry tells of each tag, in the order of `tags`.
    fn answers(&self, tags: Vec<ImageTag>) -> impl Stream<Item = TagAnswer> {
        let ask = move |tag: ImageTag| async move {
            let reference = ManifestReference::Tag(tag.clone());
            let repository = &self.component.image_repository;
            let answer = self.registry.resolve(repository, &reference).await;
            (tag, answer)
        };
        stream::iter(tags).map(ask).buffered(TAGS_AT_ONCE)
    }

    /// Notes what a tag stands for. One that has gone since the list was made, or
    /// that the registry keeps back, stands for nothing.
    fn take(
        &self,
        progress: &mut Progress,
        known: &BTreeMap<ImageTag, ImageDigest>,
        tag: ImageTag,
        manifest: Option<Manifest>,
    ) -> Result<()> {
        progress.position = progress.position.beyond(tag.clone());
        let Some(Manifest { digest, asked_at, .. }) = manifest else { return Ok(()) };
        if known.get(&tag) != Some(&digest) {
            let asked_at = progress.clock.at(asked_at);
            let made = (VersionMapId::generate(asked_at, entropy()?), asked_at);
            let map = VersionMap::observed(self.component, (tag, digest), made, &self.audit.actor);
            progress.found.push(map);
        }
        Ok(())
    }

    /// Stores what was found, and how far the sync has come with it.
    async fn store(&self, progress: &mut Progress) -> Result<()> {
        let synced = SyncedTags {
            component: self.component,
            maps: &std::mem::take(&mut progress.found),
            position: Some(progress.position.clone()),
            end: None,
        };
        progress.added.extend(self.catalog.add_synced_tags(&synced).await?);
        Ok(())
    }

    /// Stores the last that was found, where the next sync goes on, and the audit event of all.
    async fn finish(
        &self,
        before: &SyncState,
        progress: &mut Progress,
        position: Option<SyncPosition>,
    ) -> Result<()> {
        let has_news = progress.untold() > 0 || !progress.found.is_empty();
        if !has_news && before.position == position {
            return Ok(());
        }
        let maps = std::mem::take(&mut progress.found);
        let end = Some(self.event(progress));
        let synced = SyncedTags { component: self.component, maps: &maps, position, end };
        progress.added.extend(self.catalog.add_synced_tags(&synced).await?);
        Ok(())
    }
}
