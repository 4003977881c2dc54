//! How version maps are added: with all rows that lead to them, in one transaction.
//!
//! Beside its own row a version map is kept, whole, where a selection looks for it: as the newest
//! of its tag, of its digest and of its version, and as the highest on its channel. So a release
//! bundle reads one row for each component. Whoever adds to a component replaces its [`SyncState`],
//! so that additions come one after the other, each at a moment of its own.

use std::collections::{BTreeMap, BTreeSet};

use slipway_composition::{Component, MAX_VERSION_MAPS, SyncPosition, SyncState, VersionMap};
use slipway_domain::audit::EventType;
use slipway_domain::{Code, Error, Result};

use crate::audit::AuditContext;
use crate::audited;
use crate::authorization::Protected;
use crate::rows::StoredEntity;
use crate::schema::{self, Key, PK, SK};
use crate::store::{Consistency, Item, Row, Stored, Transaction, Writer, decode, text};

/// How many version maps are added at once: a transaction of DynamoDB has at most 100 rows, and a
/// version map has five.
pub const VERSION_MAPS_AT_ONCE: usize = 18;

/// What a sync has found, to be stored at once.
#[derive(Debug)]
pub struct SyncedTags<'a> {
    /// The component, as the sync has read it.
    pub component: &'a Component,
    /// At most [`VERSION_MAPS_AT_ONCE`]. What is known already is not added once more.
    pub maps: &'a [VersionMap],
    /// Where the next sync goes on, if this one ends here.
    pub position: Option<SyncPosition>,
    /// Its audit event, at its end.
    pub end: Option<AdditionsEvent<'a>>,
}

/// The audit event of a sync, or of what was pushed: one tells of all that its actor has added.
#[derive(Debug, Clone, Copy)]
pub struct AdditionsEvent<'a> {
    /// What it is recorded with.
    pub audit: &'a AuditContext,
    /// How many version maps it tells of besides those that are added with it: those that its actor
    /// has added before, and those of which nobody else is left to tell.
    pub untold: u64,
}

/// What is known of a component's versions before some are added.
struct KnownVersions {
    component: Stored<Component>,
    state: Option<Stored<SyncState>>,
    /// The newest of each tag, and the highest on each channel, that is added to.
    rows: Vec<Item>,
}

impl Writer {
    /// Adds what a sync has found, and tells what was new.
    ///
    /// # Errors
    /// `not_found` where the component is gone; `stale_state` where it has another repository now;
    /// `limit_reached` where it has as many version maps as it may.
    pub async fn add_synced_tags(&self, synced: &SyncedTags<'_>) -> Result<Vec<VersionMap>> {
        let SyncedTags { component, maps, position, end } = synced;
        self.table
            .transact(|mut tx| async move {
                let known = self.read_versions(component, maps).await?;
                let new = known.add_found(&mut tx, maps, (position.clone(), *end))?;
                Ok(tx.returning(new))
            })
            .await
    }

    /// Adds what the registry has told of tags that were pushed, and tells what was new. A sync
    /// that is not at its end goes on where it would have. `maps` and `end` are as in
    /// [`SyncedTags`].
    ///
    /// # Errors
    /// As for [`Writer::add_synced_tags`].
    pub async fn add_pushed_tags(
        &self,
        component: &Component,
        maps: &[VersionMap],
        end: Option<AdditionsEvent<'_>>,
    ) -> Result<Vec<VersionMap>> {
        self.table
            .transact(|mut tx| async move {
                let known = self.read_versions(component, maps).await?;
                let position = known.state().position;
                let new = known.add_found(&mut tx, maps, (position, end))?;
                Ok(tx.returning(new))
            })
            .await
    }

    /// Records the audit event of what was added before: the end of a sync that can't store what it
    /// has found. The next one goes on behind what was stored.
    ///
    /// # Errors
    /// `not_found` and `stale_state`, as for [`Writer::add_synced_tags`].
    pub async fn report_synced_tags(
        &self,
        component: &Component,
        event: AdditionsEvent<'_>,
    ) -> Result<()> {
        self.table
            .transact(|mut tx| async move {
                let known = self.read_versions(component, &[]).await?;
                let mut state = known.state();
                report(&mut tx, component, &mut state, event)?;
                known.write(&mut tx, &state, &[])?;
                Ok(tx.returning(()))
            })
            .await
    }

    /// Adds a version map that somebody has made. `respond` gives what it is recorded with, as it
    /// is stored: later than all that was added before.
    ///
    /// # Errors
    /// As for [`Writer::add_synced_tags`]; `stale_state` too where a later answer of the registry
    /// is stored, by which the tag stands for another digest.
    pub async fn create_version_map(
        &self,
        component: &Component,
        map: &VersionMap,
        respond: impl Fn(&VersionMap) -> Result<AuditContext>,
    ) -> Result<VersionMap> {
        let respond = &respond;
        self.table
            .transact(|mut tx| async move {
                let known = self.read_versions(component, std::slice::from_ref(map)).await?;
                let mut new = [known.confirmed(map)?];
                let state = known.state().added(&mut new);
                known.write(&mut tx, &state, &new)?;
                let [map] = new;
                let subject = audited::created(&map)?;
                respond(&map)?.record(&mut tx, EventType::VersionMapCreated, subject)?;
                Ok(tx.returning(map))
            })
            .await
    }

    /// Reads, at once, what the addition of `maps` rests on.
    async fn read_versions(
        &self,
        component: &Component,
        maps: &[VersionMap],
    ) -> Result<KnownVersions> {
        self.authorize_change(component.resource())?;
        let id = &component.id;
        let tags = maps.iter().map(|map| schema::newest_of_tag(id, &map.tag));
        let channels = maps.iter().filter_map(|map| map.channel.as_ref());
        let channels = channels.map(|channel| schema::highest_on_channel(id, channel));
        let keys: BTreeSet<_> = [schema::component(id), schema::sync_state(id)]
            .into_iter()
            .chain(tags)
            .chain(channels)
            .collect();
        let rows = self.table.batch_get(keys.into_iter().collect(), Consistency::Strong).await?;
        let found: Option<Stored<Component>> = row_at(&rows, &schema::component(id))?;
        let found = found.ok_or_else(|| Error::not_found("component", id))?;
        if found.value.source() != component.source() {
            let message = "the component has another repository since; repeat the request";
            return Err(Error::new(Code::StaleState, message));
        }
        let state = row_at(&rows, &schema::sync_state(id))?;
        Ok(KnownVersions { component: found, state, rows })
    }
}

impl KnownVersions {
    fn state(&self) -> SyncState {
        self.state.as_ref().map(|stored| stored.value.clone()).unwrap_or_default()
    }

    /// Adds to `tx` those of `maps` that are new, with the position of the next sync, and, at the
    /// end, the audit event. Returns what is new.
    fn add_found<T>(
        &self,
        tx: &mut Transaction<'_, T>,
        maps: &[VersionMap],
        (position, end): (Option<SyncPosition>, Option<AdditionsEvent<'_>>),
    ) -> Result<Vec<VersionMap>> {
        let mut new = Vec::new();
        for map in maps {
            // A registry may list a tag on two pages, where something is pushed meanwhile.
            if self.is_news(map)? && !new.iter().any(|one| is_same(one, map)) {
                new.push(map.clone());
            }
        }
        let mut state = self.state().added(&mut new);
        let added = state.version_maps - self.state().version_maps;
        state.unreported += added;
        state.position = position;
        if let Some(AdditionsEvent { audit, untold }) = end {
            let event = AdditionsEvent { audit, untold: untold.saturating_add(added) };
            report(tx, &self.component.value, &mut state, event)?;
        }
        self.write(tx, &state, &new)?;
        Ok(new)
    }

    /// Whether the tag of `map` is known to stand for another digest or for none, and was not since
    /// the registry was asked about it.
    fn is_news(&self, map: &VersionMap) -> Result<bool> {
        let known = self.newest_of_tag(map)?;
        Ok(known.is_none_or(|known| known.digest != map.digest && !map.is_overtaken_by(&known)))
    }

    /// `map`, as late as anybody was told that its tag stands for its digest.
    ///
    /// # Errors
    /// `stale_state` where the tag is known to stand for another digest since the registry was
    /// asked about it.
    fn confirmed(&self, map: &VersionMap) -> Result<VersionMap> {
        let mut map = map.clone();
        let Some(known) = self.newest_of_tag(&map)?.filter(|known| map.is_overtaken_by(known))
        else {
            return Ok(map);
        };
        let VersionMap { tag, digest, observed_at, .. } = known;
        if digest != map.digest {
            let message = format!("the tag `{tag}` stands for {digest} since; repeat the request");
            return Err(Error::new(Code::StaleState, message).at("tag"));
        }
        map.observed_at = observed_at;
        Ok(map)
    }

    /// What the tag of `map` is known to stand for.
    fn newest_of_tag(&self, map: &VersionMap) -> Result<Option<VersionMap>> {
        let key = schema::newest_of_tag(&map.component_id, &map.tag);
        let known: Option<Stored<VersionMap>> = row_at(&self.rows, &key)?;
        Ok(known.map(|known| known.value))
    }

    /// Adds to `tx` the rows of `new`, and the state that follows from them. Nothing is written
    /// where that is the state as it is.
    fn write<T>(
        &self,
        tx: &mut Transaction<'_, T>,
        state: &SyncState,
        new: &[VersionMap],
    ) -> Result<()> {
        if *state == self.state() {
            return Ok(());
        }
        if state.version_maps > MAX_VERSION_MAPS {
            let message = format!("a component has at most {MAX_VERSION_MAPS} version maps");
            return Err(Error::new(Code::LimitReached, message));
        }
        let Stored { value: Component { id, .. }, rev } = &self.component;
        tx.require_unchanged(&schema::component(id), *rev)?;
        let seen = self.state.as_ref().map(|stored| stored.rev);
        tx.put_if_unchanged(Row::new(schema::sync_state(id), state)?, seen)?;
        for map in new {
            let row = Row::new(schema::version_map(map), map)?;
            let on_channel = schema::version_map_on_channel(map);
            tx.create(on_channel.into_iter().fold(row, Row::indexed))?;
        }
        for (key, map) in self.leading(new)? {
            tx.put(Row::new(key, map)?)?;
        }
        Ok(())
    }

    /// Where selections look, and which of `new` they find there from now on.
    fn leading<'a>(&self, new: &'a [VersionMap]) -> Result<BTreeMap<Key, &'a VersionMap>> {
        let mut leading: BTreeMap<Key, &VersionMap> = BTreeMap::new();
        for map in new {
            for key in newest_keys(map) {
                let first = leading.entry(key).or_insert(map);
                if map.is_newer_than(first) {
                    *first = map;
                }
            }
            let Some(channel) = map.channel.as_ref().filter(|_| map.semver.is_some()) else {
                continue;
            };
            let key = schema::highest_on_channel(&map.component_id, channel);
            let stored: Option<Stored<VersionMap>> = row_at(&self.rows, &key)?;
            let rival = leading.get(&key).copied().or(stored.as_ref().map(|stored| &stored.value));
            if rival.is_none_or(|rival| map.precedes(rival)) {
                leading.insert(key, map);
            }
        }
        Ok(leading)
    }
}

/// Adds to `tx` the audit event of the additions that `event` has to tell of, if there are any that
/// `state` counts as untold.
fn report<T>(
    tx: &mut Transaction<'_, T>,
    component: &Component,
    state: &mut SyncState,
    AdditionsEvent { audit, untold }: AdditionsEvent<'_>,
) -> Result<()> {
    let told = untold.min(state.unreported);
    if told == 0 {
        return Ok(());
    }
    let subject = audited::synced(component, state, told)?;
    audit.record(tx, EventType::ComponentSynced, subject)?;
    state.unreported -= told;
    Ok(())
}

/// Where the newest of a tag, digest and version is. What is added is newer than all before.
fn newest_keys(map: &VersionMap) -> impl Iterator<Item = Key> + use<> {
    let id = &map.component_id;
    let version = map.semver.as_ref().map(|version| schema::newest_of_version(id, version));
    let tag = schema::newest_of_tag(id, &map.tag);
    let digest = schema::newest_of_digest(id, &map.digest);
    [Some(tag), Some(digest), version].into_iter().flatten()
}

/// The entity at `key`, if it is among `rows`.
fn row_at<T: StoredEntity>(rows: &[Item], key: &Key) -> Result<Option<Stored<T>>> {
    let is_there = |row: &&Item| {
        text(row, PK) == Some(key.pk.as_str()) && text(row, SK) == Some(key.sk.as_str())
    };
    rows.iter().find(is_there).map(decode).transpose()
}

/// Whether both say the same of the same tag.
fn is_same(one: &VersionMap, other: &VersionMap) -> bool {
    (&one.tag, &one.digest) == (&other.tag, &other.digest)
}
