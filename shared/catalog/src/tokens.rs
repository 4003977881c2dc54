//! API tokens, by the digest of their secret.

use slipway_domain::audit::EventType;
use slipway_domain::page::Page;
use slipway_domain::token::Token;
use slipway_domain::{Error, Result, Sha256, TokenId};

use crate::audit::AuditContext;
use crate::authorization::{Protected, Resource};
use crate::schema::{self, EntityKind, Index};
use crate::store::{KeyQuery, Reader, Row, StartKey, Stored, Writer};

impl Reader {
    /// The token whose secret has this digest.
    pub async fn find_token(&self, digest: &Sha256) -> Result<Option<Token>> {
        Ok(self.find(&schema::token(digest)).await?.map(|stored| stored.value))
    }

    /// A page of all tokens, newest first. Revoked and expired ones are among them.
    pub async fn list_tokens(
        &self,
        limit: usize,
        start: Option<StartKey>,
    ) -> Result<Page<Token, StartKey>> {
        let listing = KeyQuery::of_index(Index::ByKind, schema::kind_partition(EntityKind::Token));
        self.list(&listing, limit, start, |_| true).await
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
        self.authorize_change(token.resource())?;
        self.table
            .transact(|mut tx| async move {
                tx.create(row(token, digest)?)?;
                tx.create(Row::new(schema::token_pointer(&token.token_id), digest)?)?;
                audit.record(&mut tx, EventType::TokenCreated, token.token_id.as_str())?;
                Ok(tx.returning(()))
            })
            .await
    }

    /// Revokes a token, from now on. Revoking it again changes nothing.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn revoke_token(&self, id: &TokenId, audit: &AuditContext) -> Result<()> {
        self.authorize_change(Resource::Deployment)?;
        let missing = || Error::not_found("token", id);
        let digest: Sha256 =
            self.table.get(&schema::token_pointer(id)).await?.ok_or_else(missing)?.value;
        self.table
            .transact(|mut tx| async move {
                let Stored { value, rev }: Stored<Token> =
                    self.table.get(&schema::token(&digest)).await?.ok_or_else(missing)?;
                if value.revoked_at.is_some() {
                    return Ok(tx.returning(()));
                }
                let revoked = Token { revoked_at: Some(audit.now), ..value };
                tx.replace(row(&revoked, &digest)?, rev)?;
                audit.record(&mut tx, EventType::TokenRevoked, id.as_str())?;
                Ok(tx.returning(()))
            })
            .await
    }
}

fn row(token: &Token, digest: &Sha256) -> Result<Row> {
    Ok(Row::new(schema::token(digest), token)?.indexed(schema::by_kind(
        EntityKind::Token,
        token.created_at,
        token.token_id.as_str(),
    )))
}
