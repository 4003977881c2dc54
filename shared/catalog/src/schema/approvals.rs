//! Approvals.

use slipway_domain::{ApprovalId, ProductId, Sha256, Timestamp};

use super::{Index, Key, time};

/// An approval.
#[must_use]
pub fn approval(id: &ApprovalId) -> Key {
    Key::singleton("APPROVAL", id)
}

/// Leads from the digest of a change to the approval that was last asked for it.
#[must_use]
pub fn approval_of_change(change: &Sha256) -> Key {
    Key::singleton("APPROVALCHANGE", change)
}

/// Position of an approval among those of its product, by time.
#[must_use]
pub fn approval_of_product(product: &ProductId, at: Timestamp, id: &ApprovalId) -> (Index, Key) {
    (Index::ByRelation, Key::new(approvals_of(product), format!("{}#{id}", time(at))))
}

/// The partition of [`Index::ByRelation`] with the approvals of a product.
#[must_use]
pub fn approvals_of(product: &ProductId) -> String {
    format!("APPROVALS#{product}")
}
