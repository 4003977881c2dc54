//! API tokens, by the digest of their secret.

use slipway_domain::audit::EventType;
use slipway_domain::page::Page;
use slipway_domain::token::Token;
use slipway_domain::{Error, Result, Sha256, TokenId};

use crate::audit::AuditContext;
use crate::retry::Retry;
use crate::row::{Row, Stored};
use crate::schema::{self, EntityKind, Index};
use crate::table::{KeyQuery, Reader, StartKey, Writer};
use crate::transaction::CommitOutcome;

impl Reader {
    /// The token whose secret has this digest.
    pub async fn token_by_digest(&self, digest: &Sha256) -> Result<Option<Token>> {
        Ok(self.table.get(&schema::token(digest)).await?.map(|stored| stored.value))
    }

    /// A page of all tokens, newest first. Revoked and expired ones are among them.
    pub async fn tokens(
        &self,
        limit: usize,
        start: Option<StartKey>,
    ) -> Result<Page<Token, StartKey>> {
        let listing = KeyQuery::of_index(Index::ByKind, schema::all(EntityKind::Token));
        self.table.list(&listing, limit, start, |_| true).await
    }
}

impl Writer {
    /// Stores a new token under the digest of its secret.
    pub async fn create_token(
        &self,
        token: &Token,
        digest: &Sha256,
        audit: &AuditContext,
    ) -> Result<()> {
        let mut retry = Retry::new();
        loop {
            let mut tx = self.table.transaction();
            tx.create(row(token, digest, 1)?)?;
            tx.create(Row::first(schema::token_pointer(&token.token_id), digest)?)?;
            tx.set(audit.audit(EventType::TokenCreated, token.token_id.as_str())?)?;
            match tx.commit().await? {
                CommitOutcome::Done => return Ok(()),
                CommitOutcome::Cancelled(_) => retry.backoff().await?,
            }
        }
    }

    /// Revokes a token, from now on. Revoking it again changes nothing.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn revoke_token(&self, id: &TokenId, audit: &AuditContext) -> Result<()> {
        let missing = || Error::not_found("token", id);
        let digest: Sha256 =
            self.table.get(&schema::token_pointer(id)).await?.ok_or_else(missing)?.value;
        let mut retry = Retry::new();
        loop {
            let Stored { value, rev }: Stored<Token> =
                self.table.get(&schema::token(&digest)).await?.ok_or_else(missing)?;
            if value.revoked_at.is_some() {
                return Ok(());
            }
            let revoked = Token { revoked_at: Some(audit.now), ..value };
            let mut tx = self.table.transaction();
            tx.replace(row(&revoked, &digest, rev + 1)?, rev)?;
            tx.set(audit.audit(EventType::TokenRevoked, id.as_str())?)?;
            match tx.commit().await? {
                CommitOutcome::Done => return Ok(()),
                CommitOutcome::Cancelled(_) => retry.backoff().await?,
            }
        }
    }
}

fn row(token: &Token, digest: &Sha256, rev: u64) -> Result<Row> {
    Ok(Row::at(schema::token(digest), token, rev)?.listed(schema::listed(
        EntityKind::Token,
        token.created_at,
        token.token_id.as_str(),
    )))
}
