//! Artifacts, and the live releases that they belong to.

use std::collections::BTreeSet;

use slipway_domain::artifact::Artifact;
use slipway_domain::audit::EventType;
use slipway_domain::page::Page;
use slipway_domain::{ArtifactId, Code, Error, Principal, ProductId, Result, Sha256};

use crate::audit::AuditContext;
use crate::schema::{self, EntityKind, Index};
use crate::store::{Consistency, KeyQuery, Reader, Row, StartKey, Writer, decode};

/// The most live releases of one artifact that a download looks at.
const MAX_USES: i32 = 100;

/// An artifact, and the products that have a live release with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArtifactUsage {
    /// The artifact.
    pub artifact: Artifact,
    /// The products.
    pub products: BTreeSet<ProductId>,
}

impl ArtifactUsage {
    /// Makes sure that `principal` may know of the artifact: one that is bound to products, through
    /// one of those, or because it brought the artifact itself.
    ///
    /// # Errors
    /// `not_found`, as for an artifact that does not exist.
    pub fn require_visible(&self, principal: &Principal) -> Result<()> {
        let own = self.artifact.created_by == principal.actor();
        if own
            || principal.can_see_all_products()
            || self.products.iter().any(|product| principal.can_see(product))
        {
            return Ok(());
        }
        Err(Error::not_found("artifact", &self.artifact.artifact_id))
    }
}

impl Reader {
    /// The artifact with this id.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get_artifact(&self, id: &ArtifactId) -> Result<Artifact> {
        let stored = self.table.get(&schema::artifact(id)).await?;
        stored.map(|stored| stored.value).ok_or_else(|| Error::not_found("artifact", id))
    }

    /// Those of the artifacts that exist.
    async fn load_artifacts(&self, ids: BTreeSet<ArtifactId>) -> Result<Vec<Artifact>> {
        let rows = self
            .table
            .batch_get(ids.iter().map(schema::artifact).collect(), Consistency::Strong)
            .await?;
        rows.iter().map(|row| Ok(decode(row)?.value)).collect()
    }

    /// Those of the artifacts that exist and that `principal` may know of: whoever could release
    /// another's artifact could download it.
    pub async fn find_artifacts(
        &self,
        ids: BTreeSet<ArtifactId>,
        principal: &Principal,
    ) -> Result<Vec<Artifact>> {
        if principal.can_see_all_products() {
            return self.load_artifacts(ids).await;
        }
        let mut visible = Vec::with_capacity(ids.len());
        for id in &ids {
            match self.get_artifact_usage(id).await {
                Ok(uses) if uses.require_visible(principal).is_ok() => visible.push(uses.artifact),
                Err(error) if error.code() != Code::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(visible)
    }

    /// The artifact with this id, and what it is used in.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get_artifact_usage(&self, id: &ArtifactId) -> Result<ArtifactUsage> {
        let rows = self.table.partition(&schema::artifact(id).pk, MAX_USES).await?;
        // The artifact's own sort key is the lowest of its partition.
        let (first, uses) = rows.split_first().ok_or_else(|| Error::not_found("artifact", id))?;
        let products = uses.iter().map(|row| Ok(decode(row)?.value)).collect::<Result<_>>()?;
        Ok(ArtifactUsage { artifact: decode(first)?.value, products })
    }

    /// A page of all artifacts, or of those with a digest, newest first.
    pub async fn list_artifacts(
        &self,
        sha256: Option<&Sha256>,
        limit: usize,
        start: Option<StartKey>,
    ) -> Result<Page<Artifact, StartKey>> {
        let listing = match sha256 {
            Some(sha256) => KeyQuery::of_index(Index::ByRelation, schema::artifacts_with(sha256)),
            None => KeyQuery::of_index(Index::ByKind, schema::kind_partition(EntityKind::Artifact)),
        };
        self.table.list(&listing, limit, start, |_| true).await
    }
}

impl Writer {
    /// Stores an external artifact.
    pub async fn register_artifact(&self, artifact: &Artifact, audit: &AuditContext) -> Result<()> {
        self.table
            .transact(|mut tx| async move {
                tx.create(artifact_row(artifact)?)?;
                audit.record(
                    &mut tx,
                    EventType::ArtifactRegistered,
                    artifact.artifact_id.as_str(),
                )?;
                Ok(tx.returning(()))
            })
            .await
    }
}

/// The row of an artifact. Uploads write it too, when they become one.
pub(crate) fn artifact_row(artifact: &Artifact) -> Result<Row> {
    let id = &artifact.artifact_id;
    let row = Row::new(schema::artifact(id), artifact)?;
    Ok(row
        .indexed(schema::by_kind(EntityKind::Artifact, artifact.created_at, id.as_str()))
        .indexed(schema::artifact_with(&artifact.sha256, id)))
}
