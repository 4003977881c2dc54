//! API tokens, by the digest of their secret.

use slipway_domain::audit::EventType;
use slipway_domain::page::Page;
use slipway_domain::token::Token;
use slipway_domain::{Code, Error, Result, Sha256, TokenId};

use crate::audit::AuditContext;
use crate::audited;
use crate::authorization::{Protected, Resource};
use crate::schema::{self, EntityKind, Index};
use crate::store::{KeyQuery, Reader, Row, StartKey, Stored, Transaction, Writer};

impl Reader {
    /// The token whose secret has this digest.
    pub async fn find_token(&self, digest: &Sha256) -> Result<Option<Token>> {
        Ok(self.find(&schema::token(digest)).await?.map(|stored| stored.value))
    }

    /// A page of the tokens that `keep` keeps, newest first. Revoked and expired ones are among
    /// them.
    pub async fn list_tokens(
        &self,
        keep: impl Fn(&Token) -> bool,
        limit: usize,
        start: Option<StartKey>,
    ) -> Result<Page<Token, StartKey>> {
        let listing = KeyQuery::of_index(Index::ByKind, schema::kind_partition(EntityKind::Token));
        self.list(&[listing], limit, start, keep).await
    }

    /// The digest of the secret of a token.
    pub(crate) async fn token_digest(&self, id: &TokenId) -> Result<Option<Sha256>> {
        let pointer = self.table.get(&schema::token_pointer(id)).await?;
        Ok(pointer.map(|stored: Stored<Sha256>| stored.value))
    }
}

impl Writer {
    /// Stores a new token under the digest of its secret.
    ///
    /// # Errors
    /// `unauthenticated` where the token that creates it was revoked meanwhile.
    pub async fn create_token(
        &self,
        token: &Token,
        digest: &Sha256,
        audit: &AuditContext,
    ) -> Result<()> {
        self.authorize_change(token.resource())?;
        self.table
            .transact(|mut tx| async move {
                self.require_creator(&mut tx, &token.created_by).await?;
                tx.create(row(token, digest)?)?;
                tx.create(Row::new(schema::token_pointer(&token.token_id), digest)?)?;
                audit.record(&mut tx, EventType::TokenCreated, audited::created(token)?)?;
                Ok(tx.returning(()))
            })
            .await
    }

    /// Makes `tx` depend on the token that creates something with it, where `actor` is one: it must
    /// not be revoked meanwhile.
    ///
    /// # Errors
    /// `unauthenticated` where it was revoked.
    pub(crate) async fn require_creator<T>(
        &self,
        tx: &mut Transaction<'_, T>,
        actor: &str,
    ) -> Result<()> {
        let Ok(id) = actor.parse::<TokenId>() else { return Ok(()) };
        let revoked = || Error::new(Code::Unauthenticated, "the credential was revoked");
        let digest = self.token_digest(&id).await?.ok_or_else(revoked)?;
        let key = schema::token(&digest);
        let creator: Stored<Token> = self.find(&key).await?.ok_or_else(revoked)?;
        if creator.value.revoked_at.is_some() {
            return Err(revoked());
        }
        tx.require_unchanged(&key, creator.rev)
    }

    /// Revokes a token, from now on, and then every token that it has created, and so on, and
    /// deletes the trust rules that they have created. Revoking it again ends what is left of them.
    /// `audit` makes the context of one revocation.
    ///
    /// What a token has created is found in an index, which lags by some milliseconds.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn revoke_token(
        &self,
        id: &TokenId,
        audit: impl Fn() -> Result<AuditContext>,
    ) -> Result<()> {
        self.authorize_change(Resource::Deployment)?;
        let mut pending = vec![id.clone()];
        while let Some(id) = pending.pop() {
            if self.revoke_one(&id, &audit()?).await?.can_create_tokens() {
                pending.extend(self.tokens_created_by(&id).await?);
                self.delete_trust_rules_of(id.as_str(), &audit).await?;
            }
        }
        Ok(())
    }

    async fn revoke_one(&self, id: &TokenId, audit: &AuditContext) -> Result<Token> {
        let missing = || Error::not_found("token", id);
        let digest = self.token_digest(id).await?.ok_or_else(missing)?;
        self.table
            .transact(|mut tx| async move {
                let token: Option<Stored<Token>> = self.find(&schema::token(&digest)).await?;
                let Stored { value, rev } = self.to_change(token.ok_or_else(missing)?)?;
                if value.revoked_at.is_some() {
                    return Ok(tx.returning(value));
                }
                let revoked = Token { revoked_at: Some(audit.now), ..value.clone() };
                tx.replace(row(&revoked, &digest)?, rev)?;
                let subject = audited::updated(&value, &revoked)?;
                audit.record(&mut tx, EventType::TokenRevoked, subject)?;
                Ok(tx.returning(revoked))
            })
            .await
    }

    /// The tokens that the token `id` has created, and that are not revoked.
    async fn tokens_created_by(&self, id: &TokenId) -> Result<Vec<TokenId>> {
        let listing = KeyQuery::of_index(Index::ByKind, schema::kind_partition(EntityKind::Token));
        let mut created = Vec::new();
        self.table
            .each_page(&listing, |page: Vec<Token>| {
                let theirs = page
                    .into_iter()
                    .filter(|token| token.created_by == id.as_str() && token.revoked_at.is_none());
                created.extend(theirs.map(|token| token.token_id));
            })
            .await?;
        Ok(created)
    }
}

/// The row of a token. One that was exchanged goes by itself after its end, and is in no list:
/// there are as many as jobs.
pub(crate) fn row(token: &Token, digest: &Sha256) -> Result<Row> {
    let row = Row::new(schema::token(digest), token)?;
    Ok(match token.expires_at.filter(|_| token.trust_rule().is_some()) {
        Some(end) => row.expires_at(end),
        None => row.indexed(schema::by_kind(
            EntityKind::Token,
            token.created_at,
            token.token_id.as_str(),
        )),
    })
}
