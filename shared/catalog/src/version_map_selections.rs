//! What selections mean: the rows that lead to version maps, read at once for many components.

use std::collections::{BTreeMap, BTreeSet};

use slipway_composition::{ComponentId, Selection, VersionMap, VersionOrTag};
use slipway_domain::{Error, Result};

use crate::authorization::Protected;
use crate::schema::{self, Key, PK, SK};
use crate::store::{Consistency, Reader, decode, text};

impl Reader {
    /// The version map that each of `selections` means, in their order; none, where there is none.
    /// It is what [`resolve`](slipway_composition::resolve) says of all version maps of the
    /// component.
    ///
    /// Version maps of a component that is deleted may be left: whether it is there is for
    /// [`Reader::resolve_components`] to say, which alone is for others. Reads at most two rows for
    /// each, a hundred rows a request.
    pub(crate) async fn resolve_selections(
        &self,
        selections: &[(ComponentId, Selection)],
    ) -> Result<Vec<Option<VersionMap>>> {
        let keys = selections.iter().flat_map(|(id, selection)| keys_of(id, selection));
        let keys: BTreeSet<_> = keys.collect();
        let rows = self.table.batch_get(keys.into_iter().collect(), Consistency::Strong).await?;
        let mut found: BTreeMap<Key, VersionMap> = BTreeMap::new();
        for row in &rows {
            let (pk, sk) = text(row, PK).zip(text(row, SK)).ok_or_else(no_key)?;
            let map: VersionMap = decode(row)?.value;
            if self.can_see(map.resource()) {
                found.insert(Key { pk: pk.to_owned(), sk: sk.to_owned() }, map);
            }
        }
        let meant = |(id, selection): &(ComponentId, Selection)| {
            keys_of(id, selection).iter().find_map(|key| found.get(key)).cloned()
        };
        Ok(selections.iter().map(meant).collect())
    }
}

/// Where what a selection means is found: at the first of these that is there.
fn keys_of(id: &ComponentId, selection: &Selection) -> Vec<Key> {
    match selection {
        Selection::Version(VersionOrTag { version, tag }) => {
            let version = version.as_ref().map(|version| schema::newest_of_version(id, version));
            let tag = tag.as_ref().map(|tag| schema::newest_of_tag(id, tag));
            version.into_iter().chain(tag).collect()
        }
        Selection::Digest(digest) => vec![schema::newest_of_digest(id, digest)],
        Selection::Channel(channel) => vec![schema::highest_on_channel(id, channel)],
    }
}

fn no_key() -> Error {
    Error::internal("a row without a key")
}
