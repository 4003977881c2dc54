//! Artifacts, and the live releases that they belong to.

use std::collections::BTreeSet;

use slipway_domain::artifact::{Artifact, ArtifactCheck, SourceType};
use slipway_domain::audit::EventType;
use slipway_domain::page::Page;
use slipway_domain::product::{ArtifactAccess, Product};
use slipway_domain::{ArtifactId, Code, Error, ProductId, Result, Scope, Sha256};

use crate::audit::AuditContext;
use crate::audited;
use crate::authorization::{Protected, Resource};
use crate::schema::{self, EntityKind, Index};
use crate::store::{Consistency, KeyQuery, Reader, Row, StartKey, Stored, Writer, decode};

/// An artifact, and the products that have a live release with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ArtifactUsage {
    /// The artifact.
    pub(crate) artifact: Artifact,
    /// The products.
    pub(crate) products: BTreeSet<ProductId>,
}

impl Reader {
    /// The artifact with this id, if the principal may know of it.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get_artifact(&self, id: &ArtifactId) -> Result<Artifact> {
        if !self.can_see_all_artifacts() {
            return self.visible_usage(id).await.map(|usage| usage.artifact);
        }
        let stored = self.table.get(&schema::artifact(id)).await?;
        stored.map(|stored| stored.value).ok_or_else(|| missing(id))
    }

    /// The artifact with this id, if the principal may download it: because it may read releases
    /// and knows of the artifact, or because a product that has a live release with it is public.
    ///
    /// # Errors
    /// `not_found`; `unauthenticated` or `forbidden` for a principal that may not read releases.
    pub async fn get_artifact_to_download(&self, id: &ArtifactId) -> Result<Artifact> {
        let usage = self.load_usage(id).await?;
        let refusal = match self.principal.require(Scope::ReleasesRead) {
            Ok(()) if self.can_see(usage.resource()) => return Ok(usage.artifact),
            Ok(()) => missing(id),
            Err(refusal) => refusal,
        };
        // A credential opens more than none does, never less.
        for product in &usage.products {
            let product: Option<Stored<Product>> =
                self.table.get(&schema::product(product)).await?;
            if product.is_some_and(|stored| stored.value.artifact_access == ArtifactAccess::Public)
            {
                return Ok(usage.artifact);
            }
        }
        Err(refusal)
    }

    /// Those of the artifacts that exist.
    async fn load_artifacts(&self, ids: BTreeSet<ArtifactId>) -> Result<Vec<Artifact>> {
        let rows = self
            .table
            .batch_get(ids.iter().map(schema::artifact).collect(), Consistency::Strong)
            .await?;
        rows.iter().map(|row| Ok(decode(row)?.value)).collect()
    }

    /// Those of the artifacts that exist and that the principal may know of: whoever could release
    /// another's artifact could download it.
    pub async fn find_artifacts(&self, ids: BTreeSet<ArtifactId>) -> Result<Vec<Artifact>> {
        if self.can_see_all_artifacts() {
            return self.load_artifacts(ids).await;
        }
        let mut visible = Vec::with_capacity(ids.len());
        for id in &ids {
            match self.visible_usage(id).await {
                Ok(usage) => visible.push(usage.artifact),
                Err(error) if error.code() == Code::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(visible)
    }

    /// The artifact with this id and what it is used in, if the principal may know of it.
    async fn visible_usage(&self, id: &ArtifactId) -> Result<ArtifactUsage> {
        let usage = self.load_usage(id).await?;
        if self.can_see(usage.resource()) { Ok(usage) } else { Err(missing(id)) }
    }

    /// The artifact with this id and what it is used in, whoever asks.
    async fn load_usage(&self, id: &ArtifactId) -> Result<ArtifactUsage> {
        let rows = self.table.partition(&schema::artifact(id).pk).await?;
        // The artifact's own sort key is the lowest of its partition.
        let (first, uses) = rows.split_first().ok_or_else(|| missing(id))?;
        let products = uses.iter().map(|row| Ok(decode(row)?.value)).collect::<Result<_>>()?;
        Ok(ArtifactUsage { artifact: decode(first)?.value, products })
    }

    /// A page of all artifacts, or of those with a digest, newest first.
    ///
    /// # Errors
    /// `forbidden` for a credential that is bound to products or to a tenant.
    pub async fn list_artifacts(
        &self,
        sha256: Option<&Sha256>,
        limit: usize,
        start: Option<StartKey>,
    ) -> Result<Page<Artifact, StartKey>> {
        if !self.can_see_all_artifacts() {
            let message = "artifacts belong to no product until they are released; a credential that is bound to products or to a tenant can't list them";
            return Err(Error::new(Code::Forbidden, message));
        }
        let listing = match sha256 {
            Some(sha256) => KeyQuery::of_index(Index::ByRelation, schema::artifacts_with(sha256)),
            None => KeyQuery::of_index(Index::ByKind, schema::kind_partition(EntityKind::Artifact)),
        };
        self.table.list(&[listing], limit, start, |_| true).await
    }
}

impl Writer {
    /// Stores an external artifact.
    ///
    /// # Errors
    /// `checksum_mismatch` where bytes of this digest are stored, which have another size.
    pub async fn register_artifact(&self, artifact: &Artifact, audit: &AuditContext) -> Result<()> {
        let (created_by, products) = (artifact.created_by.as_str(), &BTreeSet::new());
        self.authorize_change(Resource::Artifact { created_by, products })?;
        self.require_size_of_verified(artifact).await?;
        self.table
            .transact(|mut tx| async move {
                tx.create(artifact_row(artifact)?)?;
                audit.record(
                    &mut tx,
                    EventType::ArtifactRegistered,
                    audited::created(artifact)?,
                )?;
                Ok(tx.returning(()))
            })
            .await
    }
}

impl Writer {
    /// Stores what a check of an artifact has found: the deployment's own finding, whoever asked
    /// for it.
    ///
    /// # Errors
    /// `not_found`; `forbidden` for a principal that is bound.
    pub async fn record_artifact_check(
        &self,
        id: &ArtifactId,
        check: &ArtifactCheck,
        audit: &AuditContext,
    ) -> Result<()> {
        self.table
            .transact(|mut tx| async move {
                let stored: Option<Stored<Artifact>> =
                    self.table.get(&schema::artifact(id)).await?;
                let stored = stored.ok_or_else(|| missing(id))?;
                let Stored { value, rev } = self.to_change_of(Resource::Deployment, stored)?;
                let checked = value.clone().checked(check.clone());
                tx.replace(artifact_row(&checked)?, rev)?;
                let subject = audited::updated(&value, &checked)?;
                audit.record(&mut tx, EventType::ArtifactChecked, subject)?;
                Ok(tx.returning(()))
            })
            .await
    }

    /// Checks that what is claimed of an artifact does not disagree with what was verified.
    async fn require_size_of_verified(&self, claim: &Artifact) -> Result<()> {
        let listing = KeyQuery::of_index(Index::ByRelation, schema::artifacts_with(&claim.sha256));
        let mut disagrees = false;
        let see = |page: Vec<Artifact>| {
            disagrees |= page.iter().any(|artifact| {
                artifact.source_type == SourceType::Managed
                    && artifact.size_bytes != claim.size_bytes
            });
        };
        self.table.each_page(&listing, see).await?;
        if !disagrees {
            return Ok(());
        }
        let message = "bytes with this SHA-256 are stored and verified, and have another size";
        Err(Error::new(Code::ChecksumMismatch, message).at("size_bytes"))
    }
}

fn missing(id: &ArtifactId) -> Error {
    Error::not_found("artifact", id)
}

/// The row of an artifact. Uploads write it too, when they become one.
pub(crate) fn artifact_row(artifact: &Artifact) -> Result<Row> {
    let id = &artifact.artifact_id;
    let row = Row::new(schema::artifact(id), artifact)?;
    Ok(row
        .indexed(schema::by_kind(EntityKind::Artifact, artifact.created_at, id.as_str()))
        .indexed(schema::artifact_with(&artifact.sha256, id)))
}
