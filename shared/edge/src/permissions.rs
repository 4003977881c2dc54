//! What IAM has to allow a function: what its parts grant, and the rows that it writes.

use std::collections::BTreeSet;

use slipway_catalog::schema::{Entity, matches};

use crate::iam::{self, Statement};

/// A set of IAM actions on the resources of a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grant {
    /// Read rows: `dynamodb:GetItem`, `BatchGetItem`, `Query`, on the table and its indexes.
    ReadCatalog,
    /// Read who a caller is: the same on the partitions of tokens, tenants and trust rules.
    ReadCredentials,
    /// Read trust rules: the same on their partitions.
    ReadTrustRules,
    /// Read signing keys: the same on the partition of the key ring.
    ReadKeyRing,
    /// Read what decisions depend on: the same on the partitions of products and tenants.
    ReadDecisionFacts,
    /// Read counts of decisions: the same on their partitions.
    ReadAdoption,
    /// Read what reports of outcomes depend on: the same on the partitions of releases and of
    /// reports.
    ReadReportedReleases,
    /// Change rows of the entities that the function declares: `dynamodb:PutItem`, `UpdateItem`,
    /// `DeleteItem`, on their partitions.
    WriteCatalog,
    /// Take in uploads: `s3:PutObject`, `DeleteObject`, `AbortMultipartUpload`,
    /// `ListMultipartUploadParts`, on `incoming/`.
    ReceiveUploads,
    /// Verify and keep uploads: `s3:GetObject` on `incoming/`, `s3:PutObject` on `artifacts/`.
    VerifyUploads,
    /// Remove what is left of uploads: `s3:DeleteObject` on `incoming/`, `s3:AbortMultipartUpload`
    /// on `artifacts/`.
    SweepUploads,
    /// Hand out verified bytes: `s3:GetObject` on `artifacts/`.
    ServeArtifacts,
    /// Open the decision key: `kms:Decrypt` with the envelope key.
    OpenDecisionKey,
    /// Store snapshots: `s3:PutObject` on `snapshots/`.
    WriteSnapshots,
    /// Hand out snapshots: `s3:GetObject` on `snapshots/`.
    ReadSnapshots,
    /// Delete snapshots: `s3:DeleteObject` on `snapshots/`, and `s3:ListBucket` there.
    DeleteSnapshots,
    /// Sign snapshots: `kms:Sign` with the keys that are tagged for it, or `kms:Decrypt` of theirs
    /// with the envelope key.
    SignSnapshots,
    /// Seal what is kept secret of webhooks: `kms:Encrypt` with the envelope key.
    SealWebhooks,
    /// Open it: `kms:Decrypt` with the envelope key.
    OpenWebhooks,
    /// Read the secrets of integrations: `ssm:GetParameter` and `secretsmanager:GetSecretValue`
    /// below `slipway/`, the stack's name and `/integrations/`.
    ReadIntegrationSecrets,
    /// Start the job of this name: `lambda:InvokeFunction` on its function.
    InvokeJob(&'static str),
    /// Start the jobs that rows are dispatched to: `lambda:InvokeFunction` on their functions.
    DispatchRows,
}

/// The grants of each part of a handler: catalog, storage, signer, invoker.
pub type PartGrants<'a> = [&'a [Grant]; 4];

/// What IAM has to allow a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permissions {
    grants: BTreeSet<Grant>,
    writes: BTreeSet<Entity>,
}

impl Permissions {
    /// What the parts of a handler grant, with the entities whose rows it writes.
    #[must_use]
    pub(crate) fn new(parts: PartGrants<'_>, writes: &[Entity]) -> Self {
        let grants = parts.concat().into_iter().collect();
        Self { grants, writes: writes.iter().copied().collect() }
    }

    /// With `grant`, for the frame around the handler.
    #[must_use]
    pub(crate) fn and(mut self, grant: Option<Grant>) -> Self {
        self.grants.extend(grant);
        self
    }

    /// With `grants`, for the frame around the handler.
    #[must_use]
    pub(crate) fn and_grants(mut self, grants: &[Grant]) -> Self {
        self.grants.extend(grants);
        self
    }

    /// With what `others` allow.
    #[must_use]
    pub(crate) fn and_all(mut self, others: Self) -> Self {
        self.grants.extend(others.grants);
        self.writes.extend(others.writes);
        self
    }

    /// With rows of `entity`, which the frame writes.
    #[must_use]
    pub(crate) fn and_writes(mut self, entity: Option<Entity>) -> Self {
        self.grants.extend(entity.map(|_| Grant::WriteCatalog));
        self.writes.extend(entity);
        self
    }

    /// What the parts grant.
    #[must_use]
    pub fn grants(&self) -> &BTreeSet<Grant> {
        &self.grants
    }

    /// The entities whose rows are written.
    #[must_use]
    pub fn writes(&self) -> &BTreeSet<Entity> {
        &self.writes
    }

    /// The IAM statements, each grant's where no other one includes it.
    #[must_use]
    pub fn statements(&self) -> Vec<Statement> {
        let needed = self.grants.iter().filter(|grant| !self.covers(**grant));
        needed.flat_map(|grant| iam::statements(*grant, &self.writes)).collect()
    }

    /// Whether the function may put a row in the partition `key`.
    #[must_use]
    pub fn may_put(&self, key: &str) -> bool {
        self.may_delete(key) || self.patterns(Entity::appends).any(|one| matches(one, key))
    }

    /// Whether the function may delete or update a row in the partition `key`.
    #[must_use]
    pub fn may_delete(&self, key: &str) -> bool {
        self.patterns(Entity::partitions).any(|one| matches(one, key))
    }

    fn patterns(
        &self,
        of: fn(Entity) -> &'static [&'static str],
    ) -> impl Iterator<Item = &'static str> {
        self.writes.iter().flat_map(move |entity| of(*entity)).copied()
    }

    /// Whether another grant includes `grant`.
    fn covers(&self, grant: Grant) -> bool {
        matches!(
            grant,
            Grant::ReadKeyRing
                | Grant::ReadCredentials
                | Grant::ReadTrustRules
                | Grant::ReadDecisionFacts
                | Grant::ReadAdoption
                | Grant::ReadReportedReleases
        ) && self.grants.contains(&Grant::ReadCatalog)
    }
}

/// Whether `parts` let a handler write rows: it has to declare of which entities.
pub(crate) const fn write_catalog(parts: PartGrants<'_>) -> bool {
    let [mut catalog, ..] = parts;
    while let [first, rest @ ..] = catalog {
        if matches!(first, Grant::WriteCatalog) {
            return true;
        }
        catalog = rest;
    }
    false
}
