//! Open channels: a product gets a channel in the transaction of the first release on it.

use slipway_domain::Result;
use slipway_domain::audit::EventType;
use slipway_domain::product::Product;
use slipway_domain::release::{Release, ReleaseStatus};

use crate::audit::AuditContext;
use crate::audited;
use crate::authorization::Protected;
use crate::products::product_row;
use crate::store::{Stored, Transaction, Writer};

impl Writer {
    /// Adds to `tx` what gives the product, as it was read for `release`, the channel of that, if
    /// it does not have it. The revision of the product guards that the channel is not removed at
    /// the same time. `audit` makes what that change is recorded with.
    ///
    /// # Errors
    /// As for [`slipway_domain::product::Product::with_channel`]; `unknown_channel` for a channel
    /// that was removed from the product.
    pub(crate) async fn add_channel<T>(
        &self,
        tx: &mut Transaction<'_, T>,
        release: &Release,
        product: Stored<Product>,
        audit: impl Fn() -> Result<AuditContext>,
    ) -> Result<()> {
        let Some(next) = product.value.with_channel(release.created_at, &release.channel)? else {
            return Ok(());
        };
        // Whoever may release on the channel may make it, if the product says so.
        let Stored { value, rev } = self.to_change_of(release.resource(), product)?;
        if release.status == ReleaseStatus::Draft {
            let seen = self.load_head(&release.product_id, &release.channel).await?;
            seen.head.require_open()?;
        }
        tx.replace(product_row(&next)?, rev)?;
        audit()?.record(tx, EventType::ProductUpdated, audited::updated(&value, &next)?)
    }
}
