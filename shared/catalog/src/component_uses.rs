//! Which release bundles have a component, and that none gets one that is being deleted.
//!
//! A bundle's transaction can't check the rows of fifty components besides writing fifty
//! memberships: DynamoDB takes a hundred writes. So one row counts how often components were put
//! into bundles, and how many were deleted. Whoever puts some into a bundle depends on the number
//! of deletions that was there before they were read, and whoever deletes one on the number of uses
//! that was there before its memberships were read. Of two that meet, the second one begins anew.

use slipway_composition::{BundleComponent, ComponentId, ReleaseBundleId};
use slipway_domain::{Code, Error, Result};

use crate::schema::{self, SK};
use crate::store::{Consistency, CounterUpdate, Reader, Transaction, Writer, number, text};

/// How often components were put into release bundles.
const USES: &str = "uses";
/// How many components were deleted.
const DELETIONS: &str = "deletions";

/// How components were used up to a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ComponentUses {
    uses: u64,
    deletions: u64,
}

impl Reader {
    /// How components were used up to now. Components that are read after this may be put into a
    /// release bundle by it.
    pub async fn component_uses(&self) -> Result<ComponentUses> {
        let row = self.table.get_item(&schema::component_uses(), Consistency::Strong).await?;
        let of = |name: &str| row.as_ref().and_then(|row| number(row, name)).unwrap_or_default();
        Ok(ComponentUses { uses: of(USES), deletions: of(DELETIONS) })
    }
}

impl Writer {
    /// What `seen` was before `components` were read; where that is not known any more, it is read
    /// again, and the components after it.
    ///
    /// # Errors
    /// `not_found` for a component that was deleted since.
    pub(crate) async fn uses_before(
        &self,
        seen: Option<ComponentUses>,
        components: &[BundleComponent],
    ) -> Result<ComponentUses> {
        if let Some(seen) = seen {
            return Ok(seen);
        }
        let seen = self.component_uses().await?;
        let ids: Vec<_> = components.iter().map(|it| it.component_id.clone()).collect();
        self.get_components(&ids, |place| format!("components[{place}]")).await?;
        Ok(seen)
    }

    /// Makes `tx` depend on that no release bundle has the component `id`, nor gets it meanwhile.
    ///
    /// # Errors
    /// `stale_state` where one has it.
    pub(crate) async fn require_in_no_bundle<T>(
        &self,
        tx: &mut Transaction<'_, T>,
        id: &ComponentId,
    ) -> Result<()> {
        let seen = self.component_uses().await?;
        let prefix = schema::memberships(id);
        let first = self.table.descend(&prefix, None, 1, Consistency::Strong).await?;
        if let Some(row) = first.rows.first() {
            let bundle = text(row, SK).and_then(|sk| sk.strip_prefix(prefix.sk.as_str()));
            let bundle = ReleaseBundleId::from_stored(bundle.unwrap_or_default());
            let message = format!("the release {bundle} has the component; delete that first");
            return Err(Error::new(Code::StaleState, message));
        }
        let mut counter = counter()?;
        counter.add(DELETIONS, 1);
        counter.require_number(USES, seen.uses);
        tx.update_counter(counter).map(|_| ())
    }
}

/// Makes `tx`, which puts components into a release bundle, depend on that none was deleted since
/// `seen`.
pub(crate) fn use_components<T>(tx: &mut Transaction<'_, T>, seen: ComponentUses) -> Result<()> {
    let mut counter = counter()?;
    counter.add(USES, 1);
    counter.require_number(DELETIONS, seen.deletions);
    tx.update_counter(counter).map(|_| ())
}

fn counter() -> Result<CounterUpdate> {
    CounterUpdate::kept(schema::component_uses(), &ComponentUses::default())
}
