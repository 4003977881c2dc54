//! Version maps: what the tags of components stand for.

use std::collections::BTreeMap;

use slipway_composition::{Component, ComponentId, ImageDigest, ImageTag, SyncState, VersionMap};
use slipway_domain::page::Page;
use slipway_domain::{Channel, Result};

use crate::schema::{self, Index};
use crate::store::{KeyQuery, Reader, StartKey};

/// Which version maps are listed.
#[derive(Debug, Clone, Default)]
pub struct VersionMapFilter {
    /// Those of this component alone.
    pub component_id: Option<ComponentId>,
    /// Those on this channel alone.
    pub channel: Option<Channel>,
}

impl Reader {
    /// A page of a component's version maps, highest version first, those without a version last;
    /// of one version the newest first.
    pub async fn list_versions(
        &self,
        component: &Component,
        channel: Option<&Channel>,
        limit: usize,
        start: Option<StartKey>,
    ) -> Result<Page<VersionMap, StartKey>> {
        self.list(&[listing(&component.id, channel)], limit, start, |_| true).await
    }

    /// A page of version maps, component by component, each as [`Reader::list_versions`] has them.
    /// Those of a component that is not there are none.
    pub async fn list_version_maps(
        &self,
        filter: &VersionMapFilter,
        limit: usize,
        start: Option<StartKey>,
    ) -> Result<Page<VersionMap, StartKey>> {
        let components = match &filter.component_id {
            Some(id) => self.find_component(id).await?.into_iter().collect(),
            None => self.list_components().await?,
        };
        let mut ids: Vec<_> = components.into_iter().map(|component| component.id).collect();
        ids.sort_unstable();
        let channel = filter.channel.as_ref();
        let partitions: Vec<_> = ids.iter().map(|id| listing(id, channel)).collect();
        self.list(&partitions, limit, start, |_| true).await
    }

    /// What is known of a component's versions as a whole.
    pub async fn get_sync_state(&self, component: &Component) -> Result<SyncState> {
        let found = self.table.get::<SyncState>(&schema::sync_state(&component.id)).await?;
        Ok(found.map(|stored| stored.value).unwrap_or_default())
    }

    /// What the tags of a component from the first to the last of `tags` stand for, as far as is
    /// known.
    pub async fn known_tags(
        &self,
        component: &Component,
        tags: &[ImageTag],
    ) -> Result<BTreeMap<ImageTag, ImageDigest>> {
        let (Some(first), Some(last)) = (tags.iter().min(), tags.iter().max()) else {
            return Ok(BTreeMap::new());
        };
        let [from, to] = [first, last].map(|tag| schema::newest_of_tag(&component.id, tag));
        let range = KeyQuery::of_table_between(from.pk, from.sk, to.sk);
        let mut known = BTreeMap::new();
        let take = |maps: Vec<VersionMap>| {
            known.extend(maps.into_iter().map(|map| (map.tag, map.digest)));
        };
        self.table.each_page(&range, take).await?;
        Ok(known)
    }
}

/// Where the version maps of a component are, on a channel or on all.
fn listing(id: &ComponentId, channel: Option<&Channel>) -> KeyQuery {
    if let Some(channel) = channel {
        let partition = schema::version_maps_on_channel(id, channel);
        return KeyQuery::of_index(Index::ByRelation, partition);
    }
    let prefix = schema::version_maps(id);
    KeyQuery::of_table(prefix.pk, prefix.sk)
}
