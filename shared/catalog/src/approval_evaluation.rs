//! How approvals stand: how many they need by the rule of today, and whose approval still counts.

use std::collections::{BTreeSet, HashMap};

use slipway_domain::approval::{Approval, GatedOperation, Vote, Voter};
use slipway_domain::product::Product;
use slipway_domain::token::Token;
use slipway_domain::{Principal, ProductId, Result, Sha256, Timestamp, TokenId};

use crate::authorization::{Protected, Resource};
use crate::schema::{self, Key, PK, SK};
use crate::store::{Consistency, Reader, Stored, Transaction, decode, text};

/// The tokens of those who have approved changes, as they are now.
#[derive(Default)]
pub(crate) struct VoterTokens(HashMap<TokenId, VoterToken>);

/// A token, and where its row is.
struct VoterToken {
    key: Key,
    token: Stored<Token>,
}

impl Reader {
    /// The tokens of those who have approved by `votes`: two requests, none where nobody has.
    pub(crate) async fn load_voter_tokens<'a>(
        &self,
        votes: impl Iterator<Item = &'a Vote>,
    ) -> Result<VoterTokens> {
        let ids: BTreeSet<TokenId> = votes.filter_map(|vote| token_id(&vote.voter)).collect();
        let pointers = ids.iter().map(schema::token_pointer).collect();
        let pointers = self.table.batch_get(pointers, Consistency::Strong).await?;
        let digests = pointers.iter().map(|pointer| Ok(decode::<Sha256>(pointer)?.value));
        let keys = digests.map(|digest| digest.map(|digest| schema::token(&digest)));
        let rows = self.table.batch_get(keys.collect::<Result<_>>()?, Consistency::Strong).await?;
        let tokens = rows.iter().map(|row| {
            let token: Stored<Token> = decode(row)?;
            let of = |name| text(row, name).unwrap_or_default().to_owned();
            let key = Key { pk: of(PK), sk: of(SK) };
            Ok((token.value.token_id.clone(), VoterToken { key, token }))
        });
        tokens.collect::<Result<_>>().map(VoterTokens)
    }

    /// Approvals as they stand at `now`, by the rules that their products have by now, and by who
    /// of those that have approved still may.
    pub(crate) async fn evaluate_approvals(
        &self,
        approvals: Vec<Approval>,
        now: Timestamp,
    ) -> Result<Vec<Approval>> {
        let open = || approvals.iter().filter(|approval| approval.is_open(now));
        let products: BTreeSet<&ProductId> = open().map(|approval| &approval.product_id).collect();
        let keys = products.into_iter().map(schema::product).collect();
        let rows = self.table.batch_get(keys, Consistency::Strong).await?;
        let products: Vec<Product> =
            rows.iter().map(|row| Ok(decode(row)?.value)).collect::<Result<_>>()?;
        let tokens = self.load_voter_tokens(open().flat_map(|it| &it.approvals)).await?;
        let current = |approval: Approval| {
            let product = products.iter().find(|one| one.product_id == approval.product_id);
            let required = product
                .map_or(approval.required_approvals, |product| approval.required_by(product));
            tokens.evaluated(approval, now, required)
        };
        Ok(approvals.into_iter().map(current).collect())
    }
}

impl VoterTokens {
    /// `approval` as it stands at `now`, where `required` others have to approve.
    pub(crate) fn evaluated(&self, approval: Approval, now: Timestamp, required: u32) -> Approval {
        let change = approval.clone();
        let may = |holder: &Principal| may_vote(holder, &change);
        approval.evaluated(now, required, |voter| self.counts(voter, now, may))
    }

    /// Whether an approval still counts: that of a token only while it is valid, and `may` make
    /// the change. Operators and the bootstrap key have no row that would tell.
    pub(crate) fn counts(
        &self,
        voter: &Voter,
        now: Timestamp,
        may: impl Fn(&Principal) -> Result<()>,
    ) -> bool {
        let Some(id) = token_id(voter) else { return true };
        let Some(VoterToken { token, .. }) = self.0.get(&id) else { return false };
        let holder = Principal::holder(token.value.clone(), None);
        token.value.is_valid_at(now) && holder.is_ok_and(|holder| may(&holder).is_ok())
    }

    /// Makes `tx` depend on the tokens whose approvals count among `votes`: none of them is revoked
    /// meanwhile.
    pub(crate) fn require_unchanged<T>(
        &self,
        tx: &mut Transaction<'_, T>,
        votes: &[Vote],
    ) -> Result<()> {
        let counting = votes.iter().filter(|vote| vote.counts);
        let tokens: BTreeSet<TokenId> = counting.filter_map(|vote| token_id(&vote.voter)).collect();
        for VoterToken { key, token } in tokens.iter().filter_map(|id| self.0.get(id)) {
            tx.require_unchanged(key, token.rev)?;
        }
        Ok(())
    }
}

fn token_id(voter: &Voter) -> Option<TokenId> {
    voter.actor.parse().ok()
}

/// Makes sure that `principal` may approve or reject: whoever may make the change, and of a change
/// of the product who may change that.
///
/// # Errors
/// `not_found` or `forbidden`.
pub(crate) fn may_vote(principal: &Principal, approval: &Approval) -> Result<()> {
    approval.resource().authorize_change(principal)?;
    principal.require(approval.operation.scope())?;
    if approval.operation == GatedOperation::ProductUpdate {
        Resource::Product(&approval.product_id).authorize_change(principal)?;
    }
    Ok(())
}
