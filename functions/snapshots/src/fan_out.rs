//! Generations for many tenants: one work item of the outbox per tenant, which the table's stream
//! delivers to an invocation of its own. A request enqueues one item for all, so that it makes one
//! transaction however many tenants there are.

use std::collections::BTreeSet;

use slipway_catalog::{StartKey, Writer};
use slipway_domain::tenant::Tenant;
use slipway_domain::{ProductId, Result, TenantId};
use slipway_edge::{CapabilitySet, Ctx};
use slipway_snapshot::WorkItem;

/// Tenants per read.
const PAGE: usize = 999;

/// The tenants that a generation covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recipients {
    /// Every tenant.
    Everyone,
    /// The tenants that are entitled to one of these products.
    EntitledTo(BTreeSet<ProductId>),
}

impl Recipients {
    /// Whether `tenant` is among them. A suspended tenant never is.
    fn include(&self, tenant: &Tenant) -> bool {
        !tenant.suspended
            && match self {
                Self::Everyone => true,
                Self::EntitledTo(products) => {
                    products.iter().any(|product| tenant.products.includes(product))
                }
            }
    }
}

/// Splits `work` into an item for each of the recipients, and enqueues them. Idempotent: the items
/// follow from `work` alone.
pub async fn fan_out<P: CapabilitySet<Catalog = Writer>>(
    ctx: &Ctx<P>,
    recipients: &Recipients,
    work: &WorkItem,
) -> Result<()> {
    let mut start = None;
    loop {
        let (tenants, next) = page(ctx, recipients, start).await?;
        let items: Vec<WorkItem> = tenants
            .into_iter()
            .map(|tenant| WorkItem { tenant_id: Some(tenant), ..work.clone() })
            .collect();
        ctx.catalog().enqueue_work(&items, &ctx.audit()?).await?;
        start = next;
        if start.is_none() {
            return Ok(());
        }
    }
}

/// Returns the number of tenants that a generation covers.
pub async fn count<P: CapabilitySet<Catalog = Writer>>(
    ctx: &Ctx<P>,
    recipients: &Recipients,
) -> Result<usize> {
    let mut count = 0;
    let mut start = None;
    loop {
        let (tenants, next) = page(ctx, recipients, start).await?;
        count += tenants.len();
        start = next;
        if start.is_none() {
            return Ok(count);
        }
    }
}

/// Those of a page of tenants that are among the recipients, and where the next page starts.
async fn page<P: CapabilitySet<Catalog = Writer>>(
    ctx: &Ctx<P>,
    recipients: &Recipients,
    start: Option<StartKey>,
) -> Result<(Vec<TenantId>, Option<StartKey>)> {
    let page = ctx.catalog().list_tenants(PAGE, start).await?;
    let included = page.items.into_iter().filter(|tenant| recipients.include(tenant));
    Ok((included.map(|tenant| tenant.tenant_id).collect(), page.next))
}
