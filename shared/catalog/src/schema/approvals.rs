//! Approvals.

use slipway_domain::{ApprovalId, EventId, ProductId, ReleaseId, Sha256, Timestamp};

use super::{Index, Key, release_change, release_changes, time};

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

/// What the keys begin with of what was done to approvals of changes of a release. Their sort keys
/// have places between those of the release's own changes.
#[must_use]
pub fn release_approvals(id: &ReleaseId) -> Key {
    Key::new(format!("RELEASEAPPROVALS#{id}"), release_changes(id).sk)
}

/// One of them, while the release has `revision`: after the change that made that, before the next.
#[must_use]
pub fn release_approval(id: &ReleaseId, revision: u64, event: &EventId) -> Key {
    let Key { pk, .. } = release_approvals(id);
    Key::new(pk, format!("{}#{event}", release_change(id, revision).sk))
}
