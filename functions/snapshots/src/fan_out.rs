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
    let mut pages = Pages::of(recipients);
    while let Some(tenants) = pages.next(ctx).await? {
        let items = tenants.into_iter().map(|id| WorkItem { tenant_id: Some(id), ..work.clone() });
        ctx.catalog().enqueue_work(&items.collect::<Vec<_>>(), || ctx.audit()).await?;
    }
    Ok(())
}

/// Returns the number of tenants that a generation covers.
pub async fn count<P: CapabilitySet<Catalog = Writer>>(
    ctx: &Ctx<P>,
    recipients: &Recipients,
) -> Result<usize> {
    let mut pages = Pages::of(recipients);
    let mut count = 0;
    while let Some(tenants) = pages.next(ctx).await? {
        count += tenants.len();
    }
    Ok(count)
}

/// The recipients, a page of tenants at a time.
struct Pages<'a> {
    recipients: &'a Recipients,
    start: Option<StartKey>,
    is_over: bool,
}

impl<'a> Pages<'a> {
    fn of(recipients: &'a Recipients) -> Self {
        Self { recipients, start: None, is_over: false }
    }

    /// Those of the next page of tenants that are among the recipients; `None` after the last page.
    async fn next<P: CapabilitySet<Catalog = Writer>>(
        &mut self,
        ctx: &Ctx<P>,
    ) -> Result<Option<Vec<TenantId>>> {
        if self.is_over {
            return Ok(None);
        }
        let page = ctx.catalog().list_tenants(PAGE, self.start.take()).await?;
        self.is_over = page.next.is_none();
        self.start = page.next;
        let included = page.items.into_iter().filter(|tenant| self.recipients.include(tenant));
        Ok(Some(included.map(|tenant| tenant.tenant_id).collect()))
    }
}
