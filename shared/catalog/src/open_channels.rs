//! Open channels: a product gets a channel in the transaction of the first release on it.

use slipway_domain::Result;
use slipway_domain::audit::EventType;
use slipway_domain::product::ProductRef;
use slipway_domain::release::{Release, ReleaseStatus};

use crate::audit::AuditContext;
use crate::audited;
use crate::authorization::Protected;
use crate::products::product_row;
use crate::store::{Stored, Transaction, Writer};

impl Writer {
    /// Adds to `tx` what gives the product the channel of `release`, unless another writer has done
    /// that in the meantime. The revision of the product guards that the channel is not removed at the
    /// same time.
    ///
    /// # Errors
    /// As for [`slipway_domain::product::Product::with_channel`]; `unknown_channel` for a channel that was removed from the
    /// product.
    pub(crate) async fn add_channel<T>(
        &self,
        tx: &mut Transaction<'_, T>,
        release: &Release,
        audit: &AuditContext,
    ) -> Result<()> {
        // Whoever may release on the channel may make it, if the product says so.
        let product = self.load_product(&ProductRef::Id(release.product_id.clone())).await?;
        let Stored { value, rev } = self.to_change_of(release.resource(), product)?;
        let before = value.clone();
        let Some(product) = value.with_channel(audit.now, &release.channel)? else {
            return Ok(());
        };
        if release.status == ReleaseStatus::Draft {
            let seen = self.load_head(&release.product_id, &release.channel).await?;
            seen.head.require_open()?;
        }
        tx.replace(product_row(&product)?, rev)?;
        audit.record(tx, EventType::ProductUpdated, audited::updated(&before, &product)?)
    }
}
