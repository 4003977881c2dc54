//! IAM statements: each grant names the few actions it stands for, and on what.

use std::collections::BTreeSet;

use serde::Serialize;
use slipway_catalog::schema::{
    ADOPTION, CREDENTIALS, DECISION_FACTS, Entity, KEY_RING, REPORTED_RELEASES, TRUST_RULES,
};

use crate::dispatch::DISPATCHED;
use crate::permissions::Grant;

/// One statement of a policy that allows something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Statement {
    /// Its name, unique in a policy.
    pub sid: &'static str,
    /// The actions, such as `s3:GetObject`.
    pub actions: &'static [&'static str],
    /// What they are allowed on.
    pub resources: Vec<Resource>,
    /// When they are allowed: all of these have to hold.
    pub conditions: Vec<Condition>,
}

/// A resource of a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Resource {
    /// The table.
    Table,
    /// The indexes of the table.
    Indexes,
    /// The bucket.
    Bucket,
    /// The objects below `incoming/`.
    Incoming,
    /// The objects below `artifacts/`.
    Artifacts,
    /// The objects below `snapshots/`.
    Snapshots,
    /// The KMS key that seals seeds.
    EnvelopeKey,
    /// Every KMS key of the account and region.
    AnyKmsKey,
    /// The parameters of integrations in SSM's Parameter Store.
    IntegrationParameters,
    /// The secrets of integrations as parameters in SSM's Parameter Store.
    IntegrationSecretReferences,
    /// The secrets of integrations in Secrets Manager.
    IntegrationSecrets,
    /// The function of the job of this name.
    Function(&'static str),
}

/// A condition of a statement: `key` compared to `values` by `operator`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Condition {
    /// The operator, such as `StringEquals`.
    pub operator: &'static str,
    /// The condition key, such as `s3:prefix`.
    pub key: &'static str,
    /// The values, one of which it has to be. `${AWS::StackName}` stands for the stack's name.
    pub values: Vec<&'static str>,
}

/// What `grant` stands for in a function that writes rows of `writes`.
pub(crate) fn statements(grant: Grant, writes: &BTreeSet<Entity>) -> Vec<Statement> {
    use Resource::{AnyKmsKey, Artifacts, Bucket, Function, Incoming, Indexes, Snapshots, Table};
    match grant {
        Grant::ReadCatalog => vec![allow("ReadCatalog", READ, &[Table, Indexes])],
        Grant::ReadCredentials => vec![allow("ReadCredentials", READ, &[Table]).rows(CREDENTIALS)],
        Grant::ReadTrustRules => vec![allow("ReadTrustRules", READ, &[Table]).rows(TRUST_RULES)],
        Grant::ReadKeyRing => vec![allow("ReadKeyRing", READ, &[Table]).rows(KEY_RING)],
        Grant::ReadDecisionFacts => {
            vec![allow("ReadDecisionFacts", READ, &[Table]).rows(DECISION_FACTS)]
        }
        Grant::ReadAdoption => vec![allow("ReadAdoption", READ, &[Table]).rows(ADOPTION)],
        Grant::ReadReportedReleases => {
            vec![allow("ReadReportedReleases", READ, &[Table]).rows(REPORTED_RELEASES)]
        }
        Grant::WriteCatalog => write_catalog(writes),
        Grant::ReceiveUploads => vec![allow("ReceiveUploads", RECEIVE, &[Incoming])],
        Grant::VerifyUploads => vec![
            allow("VerifyUploads", &["s3:GetObject"], &[Incoming]),
            // Without it S3 answers 403 where nothing has arrived yet, and that could not be told
            // from a missing right.
            allow("TellAbsentFromForbidden", &["s3:ListBucket"], &[Bucket]),
            allow("KeepVerified", KEEP, &[Artifacts]),
        ],
        Grant::SweepUploads => vec![
            allow("DeleteUploads", &["s3:DeleteObject"], &[Incoming]),
            allow("AbortCopies", &["s3:AbortMultipartUpload"], &[Artifacts]),
        ],
        Grant::ServeArtifacts => vec![allow("ServeArtifacts", &["s3:GetObject"], &[Artifacts])],
        Grant::OpenDecisionKey => vec![with_envelope_key("OpenDecisionKey", DECRYPT, "decision")],
        Grant::WriteSnapshots => vec![allow("WriteSnapshots", &["s3:PutObject"], &[Snapshots])],
        Grant::ReadSnapshots => vec![allow("ReadSnapshots", &["s3:GetObject"], &[Snapshots])],
        Grant::DeleteSnapshots => vec![
            allow("DeleteSnapshots", &["s3:DeleteObject"], &[Snapshots]),
            allow("ListSnapshots", &["s3:ListBucket"], &[Bucket]).when(
                "StringLike",
                "s3:prefix",
                ["snapshots/*"],
            ),
        ],
        // Only keys that `slipway-deploy` has made for this stack's snapshots, and only in the one
        // way that Ed25519 signs.
        Grant::SignSnapshots => vec![
            allow("SignSnapshots", &["kms:Sign"], &[AnyKmsKey])
                .equals("aws:ResourceTag/slipway:purpose", "snapshot")
                .equals("aws:ResourceTag/slipway:stack", "${AWS::StackName}")
                .equals("kms:SigningAlgorithm", "ED25519_SHA_512")
                .equals("kms:MessageType", "RAW"),
            with_envelope_key("OpenSnapshotKey", DECRYPT, "snapshot"),
        ],
        Grant::SealWebhooks => vec![with_envelope_key("SealWebhooks", ENCRYPT, "webhook")],
        Grant::OpenWebhooks => vec![with_envelope_key("OpenWebhooks", DECRYPT, "webhook")],
        Grant::ReadIntegrationSecrets => read_integration_secrets(),
        Grant::InvokeJob(name) => {
            vec![allow("InvokeJob", &["lambda:InvokeFunction"], &[Function(name)])]
        }
        Grant::DispatchRows => vec![dispatch_rows()],
    }
}

/// Using the envelope key for what has this purpose in its encryption context.
fn with_envelope_key(
    sid: &'static str,
    actions: &'static [&'static str],
    purpose: &'static str,
) -> Statement {
    allow(sid, actions, &[Resource::EnvelopeKey]).equals(SEED, purpose)
}

/// Reading the secrets of integrations, and no other ones of the account. Parameter Store reads a
/// secret of Secrets Manager on behalf of whoever asks it, who needs both.
fn read_integration_secrets() -> Vec<Statement> {
    let parameters = &[Resource::IntegrationParameters, Resource::IntegrationSecretReferences];
    vec![
        allow("ReadParameters", &["ssm:GetParameter"], parameters),
        allow("ReadSecrets", &["secretsmanager:GetSecretValue"], &[Resource::IntegrationSecrets]),
    ]
}

/// Starting the jobs that rows are dispatched to.
fn dispatch_rows() -> Statement {
    let jobs = DISPATCHED.map(|rows| Resource::Function(rows.job));
    allow("DispatchRows", &["lambda:InvokeFunction"], &jobs)
}

/// Changing rows of `writes`. What is only appended, such as audit events, can't be deleted or
/// updated. Checking a condition on a row changes nothing and tells no more than reading does.
fn write_catalog(writes: &BTreeSet<Entity>) -> Vec<Statement> {
    let table = &[Resource::Table];
    let changed = patterns(writes, Entity::partitions);
    let appended = patterns(writes, Entity::appends);
    let mut statements = vec![allow("CheckRows", &["dynamodb:ConditionCheckItem"], table)];
    if !changed.is_empty() {
        statements.push(allow("WriteRows", WRITE, table).rows(&changed));
    }
    if !appended.is_empty() {
        statements.push(allow("AppendRows", &["dynamodb:PutItem"], table).rows(&appended));
    }
    statements
}

/// The partitions of all of `writes`, each once.
fn patterns(
    writes: &BTreeSet<Entity>,
    of: fn(Entity) -> &'static [&'static str],
) -> Vec<&'static str> {
    let all: BTreeSet<_> = writes.iter().flat_map(|entity| of(*entity)).copied().collect();
    all.into_iter().collect()
}

/// Reading rows. No Scan: the code base has none.
const READ: &[&str] = &["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"];
/// Changing rows; a transaction needs the action of each of its parts.
const WRITE: &[&str] = &["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"];
/// What the presigned URLs of an upload may do: they can do no more than the role that signed them.
const RECEIVE: &[&str] =
    &["s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"];
/// Copying verified bytes, in parts where they are many.
const KEEP: &[&str] = &["s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"];
/// Sealing with the envelope key.
const ENCRYPT: &[&str] = &["kms:Encrypt"];
/// Opening what the envelope key has sealed.
const DECRYPT: &[&str] = &["kms:Decrypt"];
/// The context that a seed or a webhook was sealed with: it names the purpose.
const SEED: &str = "kms:EncryptionContext:slipway:purpose";

/// A statement without a condition.
fn allow(sid: &'static str, actions: &'static [&'static str], resources: &[Resource]) -> Statement {
    Statement { sid, actions, resources: resources.to_vec(), conditions: Vec::new() }
}

impl Statement {
    /// Only on rows in the partitions that `patterns` stand for. `ForAllValues` holds for a request
    /// that names no partition at all; the second condition refuses it.
    fn rows(self, patterns: &[&'static str]) -> Self {
        let key = "dynamodb:LeadingKeys";
        self.when("ForAllValues:StringLike", key, patterns.iter().copied()).when(
            "Null",
            key,
            ["false"],
        )
    }

    fn equals(self, key: &'static str, value: &'static str) -> Self {
        self.when("StringEquals", key, [value])
    }

    fn when(
        mut self,
        operator: &'static str,
        key: &'static str,
        values: impl IntoIterator<Item = &'static str>,
    ) -> Self {
        self.conditions.push(Condition { operator, key, values: values.into_iter().collect() });
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permissions::Permissions;

    const EVERY_GRANT: [Grant; 22] = [
        Grant::ReadCatalog,
        Grant::ReadCredentials,
        Grant::ReadTrustRules,
        Grant::ReadKeyRing,
        Grant::ReadDecisionFacts,
        Grant::ReadAdoption,
        Grant::ReadReportedReleases,
        Grant::WriteCatalog,
        Grant::ReceiveUploads,
        Grant::VerifyUploads,
        Grant::SweepUploads,
        Grant::ServeArtifacts,
        Grant::OpenDecisionKey,
        Grant::WriteSnapshots,
        Grant::ReadSnapshots,
        Grant::DeleteSnapshots,
        Grant::SignSnapshots,
        Grant::SealWebhooks,
        Grant::OpenWebhooks,
        Grant::ReadIntegrationSecrets,
        Grant::InvokeJob("finish-upload"),
        Grant::DispatchRows,
    ];

    fn permissions(grants: &[Grant], writes: &[Entity]) -> Permissions {
        Permissions::new([grants, &[], &[], &[]], writes)
    }

    fn of(grants: &[Grant], writes: &[Entity]) -> Vec<Statement> {
        permissions(grants, writes).statements()
    }

    fn actions(statements: &[Statement]) -> Vec<&str> {
        statements.iter().flat_map(|one| one.actions).copied().collect()
    }

    #[test]
    fn reading_the_catalog_is_three_actions_on_the_table_and_its_indexes() {
        let [read] = &of(&[Grant::ReadCatalog], &[])[..] else { panic!() };
        assert_eq!(read.actions, READ);
        assert_eq!(read.resources, [Resource::Table, Resource::Indexes]);
        assert_eq!(read.conditions, []);
    }

    #[test]
    fn whoever_reads_the_catalog_needs_no_leave_for_a_part_of_it() {
        let parts = [Grant::ReadCredentials, Grant::ReadKeyRing, Grant::ReadDecisionFacts];
        let all = [&[Grant::ReadCatalog][..], &parts].concat();
        assert_eq!(of(&all, &[]), of(&[Grant::ReadCatalog], &[]));
    }

    #[test]
    fn the_key_ring_is_one_partition() {
        let [read] = &of(&[Grant::ReadKeyRing], &[])[..] else { panic!() };
        assert_eq!(read.conditions[0].values, ["KEYRING"]);
    }

    #[test]
    fn writes_reach_the_partitions_of_what_is_declared_and_no_request_without_one() {
        let [check, write, append] = &of(&[Grant::WriteCatalog], &[Entity::Release])[..] else {
            panic!()
        };
        assert_eq!(check.actions, ["dynamodb:ConditionCheckItem"]);
        assert_eq!(write.actions, WRITE);
        let [rows, some] = &write.conditions[..] else { panic!() };
        assert_eq!((rows.operator, rows.key), ("ForAllValues:StringLike", "dynamodb:LeadingKeys"));
        assert_eq!(rows.values, ["ARTIFACT#*", "DUEROLLOUTS", "INDEX", "PRODUCT#*", "RELEASE#*"]);
        assert_eq!((some.operator, &some.values[..]), ("Null", &["false"][..]));
        assert_eq!(append.actions, ["dynamodb:PutItem"]);
        assert_eq!(append.conditions[0].values, ["AUDIT#*", "OUTBOX#*"]);
    }

    #[test]
    fn nobody_deletes_an_audit_event() {
        let all = permissions(&[Grant::WriteCatalog], &Entity::ALL);
        assert!(all.may_put("AUDIT#2026-01-15") && !all.may_delete("AUDIT#2026-01-15"));
    }

    #[test]
    fn nobody_writes_a_signing_key() {
        let all = permissions(&EVERY_GRANT, &Entity::ALL);
        assert!(!all.may_put("KEYRING"));
        for statement in all.statements() {
            let writes = statement.actions.iter().any(|action| WRITE.contains(action));
            let bound = statement.conditions.iter().any(|one| one.key == "dynamodb:LeadingKeys");
            assert!(!writes || bound, "{statement:?}");
        }
    }

    #[test]
    fn whoever_receives_uploads_writes_nothing_that_is_served() {
        let statements = of(&[Grant::ReceiveUploads, Grant::ReadCatalog], &[]);
        assert!(actions(&statements).contains(&"s3:PutObject"));
        let touched: Vec<_> = statements.iter().flat_map(|one| &one.resources).collect();
        assert!(touched.contains(&&Resource::Incoming) && !touched.contains(&&Resource::Artifacts));
    }

    #[test]
    fn nobody_deletes_an_artifact_that_is_served() {
        let deleting: Vec<_> = EVERY_GRANT
            .into_iter()
            .flat_map(|grant| statements(grant, &BTreeSet::new()))
            .filter(|one| one.actions.contains(&"s3:DeleteObject"))
            .collect();
        assert_eq!(
            deleting.iter().flat_map(|one| one.resources.clone()).collect::<Vec<_>>(),
            [Resource::Incoming, Resource::Incoming, Resource::Snapshots]
        );
    }

    #[test]
    fn whoever_makes_snapshots_can_neither_delete_nor_read_them() {
        let grants = [Grant::WriteSnapshots, Grant::SignSnapshots, Grant::WriteCatalog];
        let statements = of(&grants, &[Entity::Snapshot]);
        let actions = actions(&statements);
        assert!(
            actions.contains(&"s3:PutObject")
                && !actions.contains(&"s3:GetObject")
                && !actions.contains(&"s3:DeleteObject"),
            "{actions:?}"
        );
    }

    #[test]
    fn snapshots_are_signed_with_keys_that_are_tagged_for_it() {
        let sign = of(&[Grant::SignSnapshots], &[]).remove(0);
        for (key, value) in [
            ("aws:ResourceTag/slipway:purpose", "snapshot"),
            ("aws:ResourceTag/slipway:stack", "${AWS::StackName}"),
            ("kms:SigningAlgorithm", "ED25519_SHA_512"),
        ] {
            let expected = Condition { operator: "StringEquals", key, values: vec![value] };
            assert!(sign.conditions.contains(&expected), "{key}: {sign:?}");
        }
    }

    #[test]
    fn a_job_is_started_by_its_name_alone() {
        let [invoke] = &of(&[Grant::InvokeJob("finish-upload")], &[])[..] else { panic!() };
        assert_eq!(invoke.actions, ["lambda:InvokeFunction"]);
        assert_eq!(invoke.resources, [Resource::Function("finish-upload")]);
    }

    #[test]
    fn the_dispatcher_starts_its_jobs_and_nothing_else() {
        let [invoke] = &of(&[Grant::DispatchRows], &[])[..] else { panic!() };
        assert_eq!(invoke.actions, ["lambda:InvokeFunction"]);
        assert_eq!(invoke.resources, DISPATCHED.map(|rows| Resource::Function(rows.job)));
    }

    #[test]
    fn the_envelope_key_opens_seeds_only() {
        let [open] = &of(&[Grant::OpenDecisionKey], &[])[..] else { panic!() };
        assert_eq!(open.actions, ["kms:Decrypt"]);
        let seed = Condition { operator: "StringEquals", key: SEED, values: vec!["decision"] };
        assert_eq!(open.conditions, [seed]);
    }

    #[test]
    fn of_the_accounts_secrets_those_of_integrations_are_read_alone() {
        let [parameters, secrets] = &of(&[Grant::ReadIntegrationSecrets], &[])[..] else {
            panic!()
        };
        assert_eq!(parameters.actions, ["ssm:GetParameter"]);
        let named = [Resource::IntegrationParameters, Resource::IntegrationSecretReferences];
        assert_eq!(parameters.resources, named);
        assert_eq!(secrets.actions, ["secretsmanager:GetSecretValue"]);
        assert_eq!(secrets.resources, [Resource::IntegrationSecrets]);
    }
}
