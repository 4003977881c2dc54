//! Events of uploads: those of an upload for a release are among the events of that release.

use slipway_domain::Result;
use slipway_domain::audit::{AuditSubject, EventType};
use slipway_domain::upload::UploadRelease;

use crate::audit::AuditContext;
use crate::release_history::add_beside_history;
use crate::schema;
use crate::store::Transaction;

/// Adds to `tx` the audit event of a change of an upload, or of the artifact that it becomes, and
/// its place among the events of `release`, if the upload is for one.
pub(crate) fn record_upload<T>(
    tx: &mut Transaction<'_, T>,
    release: Option<&UploadRelease>,
    (event, subject): (EventType, AuditSubject),
    audit: &AuditContext,
) -> Result<()> {
    let Some(UploadRelease { release_id, product_id, revision }) = release else {
        return audit.record(tx, event, subject);
    };
    let subject = subject.of_release(release_id).of_product(product_id);
    let key = schema::upload_for_release(release_id, *revision, &audit.event_id);
    add_beside_history(tx, key, &audit.event(event, subject.id.as_str()), audit)?;
    audit.record(tx, event, subject)
}
