//! Approvals: asked for where a change waits for sign-off, and used in the transaction of the
//! change.

use slipway_domain::approval::{Approval, GatedChange, RequestOutcome, Voter};
use slipway_domain::audit::{AuditSubject, EventType};
use slipway_domain::page::Page;
use slipway_domain::{ApprovalId, Error, ProductId, Result, Timestamp};

use crate::audit::AuditContext;
use crate::audited;
use crate::release_history::add_approval_to_history;
use crate::schema::{self, EntityKind, Index};
use crate::store::{KeyQuery, Reader, Row, StartKey, Stored, Transaction, Writer};

/// How long an approval is kept after its expiry: it is a record of who approved what.
const KEPT: jiff::SignedDuration = jiff::SignedDuration::from_hours(400 * 24);

/// What became of a change that may have to wait for sign-off.
#[derive(Debug, Clone, PartialEq)]
pub enum SignOff<T> {
    /// It was made.
    Made(T),
    /// It waits for this approval, and nothing else was changed.
    Waits(Box<Approval>),
}

/// What a request for approval is recorded with, where a change turns out to need it.
#[derive(Debug, Clone)]
pub struct SignOffContext {
    /// Audit event of the approval, beside that of the change.
    pub audit: AuditContext,
    /// Id of the approval, if a new one is asked for.
    pub approval_id: ApprovalId,
}

/// How a change that waits for sign-off is judged.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SignOffTerms<'a> {
    /// How many others have to approve it.
    pub(crate) required: u32,
    /// The revision of the release that is changed or promoted, where there is one.
    pub(crate) revision: Option<u64>,
    /// What its approval is recorded with.
    pub(crate) context: &'a SignOffContext,
}

impl Reader {
    /// The approval with this id, if the principal may know of it.
    pub(crate) async fn load_approval(&self, id: &ApprovalId) -> Result<Stored<Approval>> {
        let approval = self.find(&schema::approval(id)).await?;
        approval.ok_or_else(|| Error::not_found("approval", id))
    }

    /// The approval with this id as it stands at `now`, if the principal may know of it.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get_approval(&self, id: &ApprovalId, now: Timestamp) -> Result<Approval> {
        let approval = self.load_approval(id).await?.value;
        let stands = self.evaluate_approvals(vec![approval], now).await?.pop();
        stands.ok_or_else(|| Error::not_found("approval", id))
    }

    /// A page of the approvals of a product, or of those that the principal may know of, as they
    /// stand at `now`, newest first. Where it is bound to products, those of one product after the
    /// other. `keep` sees them as they were written last.
    ///
    /// # Errors
    /// `not_found` for a product that the principal may not know of.
    pub async fn list_approvals(
        &self,
        product: Option<&ProductId>,
        keep: impl Fn(&Approval) -> bool,
        limit: usize,
        (start, now): (Option<StartKey>, Timestamp),
    ) -> Result<Page<Approval, StartKey>> {
        let of = |id| KeyQuery::of_index(Index::ByRelation, schema::approvals_of(id));
        let partitions = match (product, self.principal.products()) {
            (Some(product), _) => {
                self.principal.require_visible(product)?;
                vec![of(product)]
            }
            (None, Some(products)) => products.iter().map(of).collect(),
            (None, None) => {
                let all = schema::kind_partition(EntityKind::Approval);
                vec![KeyQuery::of_index(Index::ByKind, all)]
            }
        };
        let page = self.list(&partitions, limit, start, keep).await?;
        Ok(Page { items: self.evaluate_approvals(page.items, now).await?, next: page.next })
    }
}

impl Writer {
    /// Adds to `tx` that the approval of `change` is used. `None`: the change may be made in `tx`.
    /// Else the approval that it waits for, which is asked for in `tx` unless it was already; the
    /// change must not be made. It is called before anything else is added to `tx`.
    ///
    /// The row's revision is the condition: of two that use one approval, or of one that uses and
    /// one that rejects it, one begins anew and finds what the other has done. So are the tokens
    /// whose approvals count.
    pub(crate) async fn require_sign_off<T>(
        &self,
        tx: &mut Transaction<'_, T>,
        change: GatedChange,
        SignOffTerms { required, revision, context }: SignOffTerms<'_>,
    ) -> Result<Option<Approval>> {
        let SignOffContext { audit, approval_id } = context;
        let pointer = schema::approval_of_change(&change.sha256);
        let asked: Option<Stored<ApprovalId>> = self.table.get(&pointer).await?;
        let last: Option<Stored<Approval>> = match &asked {
            Some(asked) => self.table.get(&schema::approval(&asked.value)).await?,
            None => None,
        };
        let open = last.iter().map(|last| &last.value).filter(|last| last.is_open(audit.now));
        let tokens = self.load_voter_tokens(open.flat_map(|open| &open.approvals)).await?;
        let stands =
            last.as_ref().map(|last| tokens.evaluated(last.value.clone(), audit.now, required));
        let by = self.voter(audit.now);
        match change.requested(stands, approval_id.clone(), required, by) {
            RequestOutcome::Waits(approval) => Ok(Some(*approval)),
            RequestOutcome::Asks(approval) => {
                tx.create(approval_row(&approval)?)?;
                let row = Row::new(pointer, approval_id)?;
                tx.put_if_unchanged(row, asked.map(|asked| asked.rev))?;
                let (event, subject) =
                    (EventType::ApprovalRequested, audited::created(&*approval)?);
                record(tx, (event, subject), (&approval, revision), audit)?;
                Ok(Some(*approval))
            }
            RequestOutcome::Uses(used) => {
                let unread = || Error::internal("an approval is used that was not read");
                let Stored { value, rev } = last.ok_or_else(unread)?;
                tokens.require_unchanged(tx, &used.approvals)?;
                tx.put_if_unchanged(approval_row(&used)?, Some(rev))?;
                let (event, subject) = (EventType::ApprovalUsed, audited::updated(&value, &used)?);
                record(tx, (event, subject), (&used, revision), audit)?;
                Ok(None)
            }
        }
    }

    /// The principal, as who asks for a change, approves or rejects it at `at`.
    pub(crate) fn voter(&self, at: Timestamp) -> Voter {
        let credential = self.principal.credential();
        Voter { actor: credential.actor, name: credential.name, at }
    }
}

/// Adds to `tx` the audit event of what was done to an approval, and where the change is one of a
/// release, of which `revision` was seen, its place among the events of that.
pub(crate) fn record<T>(
    tx: &mut Transaction<'_, T>,
    (event, subject): (EventType, AuditSubject),
    (approval, revision): (&Approval, Option<u64>),
    audit: &AuditContext,
) -> Result<()> {
    audit.record(tx, event, subject)?;
    match approval.release_id.as_ref().zip(revision) {
        Some(release) => add_approval_to_history(tx, release, event, audit),
        None => Ok(()),
    }
}

pub(crate) fn approval_row(approval: &Approval) -> Result<Row> {
    let Approval { approval_id: id, product_id, requested_by, expires_at, .. } = approval;
    let by_time = schema::by_kind(EntityKind::Approval, requested_by.at, id.as_str());
    let of_product = schema::approval_of_product(product_id, requested_by.at, id);
    let row = Row::new(schema::approval(id), approval)?.indexed(by_time).indexed(of_product);
    Ok(row.expires_at(expires_at.saturating_add(KEPT).unwrap_or(Timestamp::MAX)))
}
