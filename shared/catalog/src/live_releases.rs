//! The live releases of a channel, newest version first. Releases are sorted by version in the
//! table; drafts and revoked ones stand between them and are passed over.

use slipway_domain::channel_head::LiveRelease;
use slipway_domain::release::{Release, ReleaseStatus};
use slipway_domain::{Channel, ProductId, Result};

use crate::schema::{self, Key};
use crate::store::{Consistency, Table, decode};

/// How many releases the pages of a descent have: few at first, since the next one below is most
/// often the one, then more and more.
pub(crate) fn page_sizes() -> impl Iterator<Item = usize> {
    [4, 16, 64].into_iter().chain(std::iter::repeat(256))
}

impl Table {
    /// Lets `see` see the live releases of a channel, newest first, from `below` down, until it
    /// says that it has seen enough. Reads are consistent.
    pub(crate) async fn each_live_release(
        &self,
        product: &ProductId,
        channel: &Channel,
        below: Option<Key>,
        mut see: impl FnMut(LiveRelease) -> bool,
    ) -> Result<()> {
        let (prefix, mut below) = (schema::channel_releases(product, channel), below);
        for limit in page_sizes() {
            let page = self.descend(&prefix, below.as_ref(), limit, Consistency::Strong).await?;
            for row in &page.rows {
                let release: Release = decode(row)?.value;
                if release.status == ReleaseStatus::Published && see(LiveRelease::from(&release)) {
                    return Ok(());
                }
            }
            below = page.next;
            if below.is_none() {
                return Ok(());
            }
        }
        Ok(())
    }

    /// The first `count` live releases of a channel, newest first.
    pub(crate) async fn first_live_releases(
        &self,
        product: &ProductId,
        channel: &Channel,
        count: usize,
    ) -> Result<Vec<LiveRelease>> {
        let mut found = Vec::with_capacity(count);
        self.each_live_release(product, channel, None, |live| {
            found.push(live);
            found.len() == count
        })
        .await?;
        Ok(found)
    }
}
