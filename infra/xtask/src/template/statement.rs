//! IAM statements: each grant names the few actions it stands for, and on what.

use std::fmt::Write;

use crate::description::{Grant, Trigger};
use crate::failure::Result;

const TABLE: &str = "!GetAtt Table.Arn";
const INDEXES: &str = "!Sub \"${Table.Arn}/index/*\"";
const BUCKET: &str =
    "!Sub \"arn:${AWS::Partition}:s3:::${AWS::StackName}-artifacts-${AWS::AccountId}\"";
const INCOMING: &str =
    "!Sub \"arn:${AWS::Partition}:s3:::${AWS::StackName}-artifacts-${AWS::AccountId}/incoming/*\"";
const ARTIFACTS: &str =
    "!Sub \"arn:${AWS::Partition}:s3:::${AWS::StackName}-artifacts-${AWS::AccountId}/artifacts/*\"";
const SNAPSHOTS: &str =
    "!Sub \"arn:${AWS::Partition}:s3:::${AWS::StackName}-artifacts-${AWS::AccountId}/snapshots/*\"";
const ENVELOPE_KEY: &str = "!GetAtt EnvelopeKey.Arn";
const ANY_KEY: &str = "!Sub \"arn:${AWS::Partition}:kms:${AWS::Region}:${AWS::AccountId}:key/*\"";
const STREAM: &str = "!GetAtt Table.StreamArn";
const FAILURES: &str = "!GetAtt Failures.Arn";

/// One statement of a policy.
struct Statement {
    sid: &'static str,
    actions: &'static [&'static str],
    resources: &'static [&'static str],
    condition: Option<&'static str>,
}

/// The statements of a function with `grants` that is started by `cause`, as YAML, one per line and
/// group of resources.
pub fn yaml(grants: &[Grant], cause: &Trigger) -> Result<String> {
    let mut yaml = String::new();
    let granted = grants
        .iter()
        .filter(|grant| !covered(**grant, grants))
        .flat_map(|grant| statements(*grant));
    for statement in granted.chain(of_source(cause)) {
        writeln!(yaml, "              - Sid: {}", statement.sid)?;
        writeln!(yaml, "                Effect: Allow")?;
        writeln!(yaml, "                Action: [{}]", statement.actions.join(", "))?;
        writeln!(yaml, "                Resource: [{}]", statement.resources.join(", "))?;
        if let Some(condition) = statement.condition {
            writeln!(yaml, "                Condition: {condition}")?;
        }
    }
    Ok(yaml)
}

/// Whether another one of `grants` includes `grant`.
fn covered(grant: Grant, grants: &[Grant]) -> bool {
    grant == Grant::ReadCatalog && grants.contains(&Grant::WriteCatalog)
}

/// What `grant` stands for.
fn statements(grant: Grant) -> Vec<Statement> {
    match grant {
        Grant::ReadCatalog => vec![allow("ReadCatalog", READ, &[TABLE, INDEXES])],
        Grant::WriteCatalog => vec![
            allow("ReadCatalog", READ, &[TABLE, INDEXES]),
            allow("WriteCatalog", WRITE, &[TABLE]),
        ],
        Grant::ReceiveUploads => vec![allow("ReceiveUploads", RECEIVE, &[INCOMING])],
        Grant::VerifyUploads => vec![
            allow("VerifyUploads", &["s3:GetObject"], &[INCOMING]),
            // Without it S3 answers 403 where nothing has arrived yet, and that could not be told
            // from a missing right.
            allow("TellAbsentFromForbidden", &["s3:ListBucket"], &[BUCKET]),
            allow("KeepVerified", &["s3:PutObject", "s3:AbortMultipartUpload"], &[ARTIFACTS]),
        ],
        Grant::ServeArtifacts => vec![allow("ServeArtifacts", &["s3:GetObject"], &[ARTIFACTS])],
        Grant::OpenDecisionKey => {
            vec![Statement {
                condition: Some(DECISION_SEED),
                ..allow("OpenDecisionKey", &["kms:Decrypt"], &[ENVELOPE_KEY])
            }]
        }
        Grant::WriteSnapshots => vec![allow("WriteSnapshots", &["s3:PutObject"], &[SNAPSHOTS])],
        Grant::ReadSnapshots => vec![allow("ReadSnapshots", &["s3:GetObject"], &[SNAPSHOTS])],
        Grant::DeleteSnapshots => vec![
            allow("DeleteSnapshots", &["s3:DeleteObject"], &[SNAPSHOTS]),
            Statement {
                condition: Some(SNAPSHOT_PREFIX),
                ..allow("ListSnapshots", &["s3:ListBucket"], &[BUCKET])
            },
        ],
        Grant::SignSnapshots => vec![
            Statement {
                condition: Some(SNAPSHOT_KEY),
                ..allow("SignSnapshots", &["kms:Sign"], &[ANY_KEY])
            },
            Statement {
                condition: Some(SNAPSHOT_SEED),
                ..allow("OpenSnapshotKey", &["kms:Decrypt"], &[ENVELOPE_KEY])
            },
        ],
    }
}

/// What the source of a function's events needs of the function's role.
fn of_source(cause: &Trigger) -> Vec<Statement> {
    match cause {
        Trigger::Request { .. } | Trigger::Schedule { .. } => Vec::new(),
        Trigger::ObjectCreated { .. } => {
            vec![allow("TellFailures", &["sqs:SendMessage"], &[FAILURES])]
        }
        Trigger::RowsInserted { .. } => vec![
            allow(
                "ReadStream",
                &["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"],
                &[STREAM],
            ),
            // DynamoDB knows no narrower resource for it.
            allow("ListStreams", &["dynamodb:ListStreams"], &["\"*\""]),
            allow("TellFailures", &["sqs:SendMessage"], &[FAILURES]),
        ],
    }
}

/// Reading rows. No Scan: the code base has none.
const READ: &[&str] = &["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"];
/// Changing rows; a transaction needs the action of each of its parts.
const WRITE: &[&str] = &[
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
    "dynamodb:DeleteItem",
    "dynamodb:ConditionCheckItem",
];
/// What the presigned URLs of an upload may do: they can do no more than the role that signed them.
const RECEIVE: &[&str] =
    &["s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"];
/// Only what was sealed as the seed of a key that signs decisions, or snapshots: the context names
/// the purpose.
const DECISION_SEED: &str =
    "{ \"StringEquals\": { \"kms:EncryptionContext:slipway:purpose\": \"decision\" } }";
const SNAPSHOT_SEED: &str =
    "{ \"StringEquals\": { \"kms:EncryptionContext:slipway:purpose\": \"snapshot\" } }";

/// Only what is under `snapshots/`.
const SNAPSHOT_PREFIX: &str = "{ \"StringLike\": { \"s3:prefix\": \"snapshots/*\" } }";
/// Only keys that `slipway-deploy` has made for this stack's snapshots, and only in the one way
/// that Ed25519 signs.
const SNAPSHOT_KEY: &str = "{ \"StringEquals\": { \"aws:ResourceTag/slipway:purpose\": \"snapshot\", \"aws:ResourceTag/slipway:stack\": !Ref AWS::StackName, \"kms:SigningAlgorithm\": \"ED25519_SHA_512\", \"kms:MessageType\": \"RAW\" } }";

/// A statement without a condition.
const fn allow(
    sid: &'static str,
    actions: &'static [&'static str],
    resources: &'static [&'static str],
) -> Statement {
    Statement { sid, actions, resources, condition: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVERY_GRANT: [Grant; 10] = [
        Grant::ReadCatalog,
        Grant::WriteCatalog,
        Grant::ReceiveUploads,
        Grant::VerifyUploads,
        Grant::ServeArtifacts,
        Grant::OpenDecisionKey,
        Grant::WriteSnapshots,
        Grant::ReadSnapshots,
        Grant::DeleteSnapshots,
        Grant::SignSnapshots,
    ];

    /// The statements of a function that the clock starts, which needs nothing for that.
    fn of(grants: &[Grant]) -> String {
        yaml(grants, &Trigger::Schedule { minutes: 1 }).unwrap()
    }

    #[test]
    fn reading_the_catalog_is_three_actions_on_the_table_and_its_indexes() {
        let expected = "              - Sid: ReadCatalog
                Effect: Allow
                Action: [dynamodb:GetItem, dynamodb:BatchGetItem, dynamodb:Query]
                Resource: [!GetAtt Table.Arn, !Sub \"${Table.Arn}/index/*\"]
";
        assert_eq!(of(&[Grant::ReadCatalog]), expected);
    }

    #[test]
    fn writing_includes_reading_once() {
        let yaml = of(&[Grant::ReadCatalog, Grant::WriteCatalog]);
        assert_eq!(yaml.matches("Sid: ReadCatalog").count(), 1);
        assert_eq!(yaml.matches("dynamodb:ConditionCheckItem").count(), 1);
    }

    #[test]
    fn whoever_receives_uploads_writes_nothing_that_is_served() {
        let yaml = of(&[Grant::ReceiveUploads, Grant::ReadCatalog]);
        assert!(
            yaml.contains("s3:PutObject")
                && yaml.contains("/incoming/*")
                && !yaml.contains("/artifacts/*"),
            "{yaml}"
        );
    }

    #[test]
    fn nobody_deletes_an_artifact_that_is_served() {
        let deleting: Vec<_> = EVERY_GRANT
            .into_iter()
            .flat_map(statements)
            .filter(|one| one.actions.contains(&"s3:DeleteObject"))
            .collect();
        assert_eq!(
            deleting.iter().map(|one| one.resources).collect::<Vec<_>>(),
            [&[INCOMING], &[SNAPSHOTS]]
        );
    }

    #[test]
    fn whoever_makes_snapshots_can_neither_delete_nor_read_them() {
        let yaml = of(&[Grant::WriteSnapshots, Grant::SignSnapshots, Grant::WriteCatalog]);
        assert!(
            yaml.contains("s3:PutObject")
                && !yaml.contains("s3:GetObject")
                && !yaml.contains("s3:DeleteObject"),
            "{yaml}"
        );
    }

    #[test]
    fn snapshots_are_signed_with_keys_that_are_tagged_for_it() {
        let yaml = of(&[Grant::SignSnapshots]);
        for condition in [
            "aws:ResourceTag/slipway:purpose\": \"snapshot",
            "aws:ResourceTag/slipway:stack",
            "ED25519_SHA_512",
        ] {
            assert!(yaml.contains(condition), "{condition}: {yaml}");
        }
    }

    #[test]
    fn a_job_of_rows_reads_the_stream_and_tells_its_failures() {
        let cause = Trigger::RowsInserted {
            prefix: "WORK#".to_owned(),
            delivery: crate::description::BatchMode::Single,
        };
        let yaml = yaml(&[Grant::ReadCatalog], &cause).unwrap();
        assert!(yaml.contains("dynamodb:GetRecords") && yaml.contains("sqs:SendMessage"), "{yaml}");
    }

    #[test]
    fn the_envelope_key_opens_seeds_only() {
        let yaml = of(&[Grant::OpenDecisionKey]);
        assert!(
            yaml.contains("kms:Decrypt")
                && yaml.ends_with("Condition: { \"StringEquals\": { \"kms:EncryptionContext:slipway:purpose\": \"decision\" } }\n"),
            "{yaml}"
        );
    }
}
