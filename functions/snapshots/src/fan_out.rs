//! Generations for many tenants: one work item of the outbox per tenant, which the table's stream
//! delivers to an invocation of its own.

use std::collections::BTreeSet;

use slipway_catalog::Writer;
use slipway_domain::tenant::Tenant;
use slipway_domain::{GenerationId, ProductId, Result, TenantId, Timestamp};
use slipway_edge::{CapabilitySet, Ctx};
use slipway_snapshot::{GenerationMode, StreamSelector, WorkItem};

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

/// Enqueues the work items of the generation `id`, and returns their number. Idempotent.
pub async fn fan_out<P: CapabilitySet<Catalog = Writer>>(
    ctx: &Ctx<P>,
    id: &GenerationId,
    recipients: &Recipients,
    selection: &StreamSelector,
    demand: GenerationMode,
    at: Timestamp,
) -> Result<usize> {
    let mut count = 0;
    let mut start = None;
    loop {
        let page = ctx.catalog().list_tenants(PAGE, start).await?;
        let piece = |tenant: TenantId| WorkItem {
            generation_id: id.clone(),
            tenant_id: tenant,
            selection: selection.clone(),
            demand,
            at,
        };
        let work: Vec<WorkItem> = page
            .items
            .into_iter()
            .filter(|tenant| recipients.include(tenant))
            .map(|tenant| piece(tenant.tenant_id))
            .collect();
        ctx.catalog().enqueue_work(&work, &ctx.audit()?).await?;
        count += work.len();
        start = page.next;
        if start.is_none() {
            return Ok(count);
        }
    }
}
