//! IAM statements: each grant names the few actions it stands for, and on what.

use std::fmt::Write;

use crate::description::Grant;
use crate::failure::Result;

const TABLE: &str = "!GetAtt Table.Arn";
const INDEXES: &str = "!Sub \"${Table.Arn}/index/*\"";
const BUCKET: &str = "!Sub \"arn:${AWS::Partition}:s3:::${AWS::StackName}-artifacts-${AWS::AccountId}\"";
const INCOMING: &str = "!Sub \"arn:${AWS::Partition}:s3:::${AWS::StackName}-artifacts-${AWS::AccountId}/incoming/*\"";
const ARTIFACTS: &str = "!Sub \"arn:${AWS::Partition}:s3:::${AWS::StackName}-artifacts-${AWS::AccountId}/artifacts/*\"";
const ENVELOPE_KEY: &str = "!GetAtt EnvelopeKey.Arn";

/// One statement of a policy.
struct Statement {
    sid: &'static str,
    actions: &'static [&'static str],
    resources: &'static [&'static str],
    condition: Option<&'static str>,
}

/// The statements of `grants` as YAML, one per line and group of resources.
pub fn yaml(grants: &[Grant]) -> Result<String> {
    let mut yaml = String::new();
    for statement in grants.iter().filter(|grant| !covered(**grant, grants)).flat_map(|grant| statements(*grant)) {
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
        Grant::WriteCatalog => vec![allow("ReadCatalog", READ, &[TABLE, INDEXES]), allow("WriteCatalog", WRITE, &[TABLE])],
        Grant::ReceiveUploads => vec![allow("ReceiveUploads", RECEIVE, &[INCOMING])],
        Grant::VerifyUploads => vec![
            allow("VerifyUploads", &["s3:GetObject"], &[INCOMING]),
            // Without it S3 answers 403 where nothing has arrived yet, and that could not be told from a missing right.
            allow("TellAbsentFromForbidden", &["s3:ListBucket"], &[BUCKET]),
            allow("KeepVerified", &["s3:PutObject", "s3:AbortMultipartUpload"], &[ARTIFACTS]),
        ],
        Grant::ServeArtifacts => vec![allow("ServeArtifacts", &["s3:GetObject"], &[ARTIFACTS])],
        Grant::OpenDecisionKey => {
            vec![Statement { condition: Some(DECISION_KEY), ..allow("OpenDecisionKey", &["kms:Decrypt"], &[ENVELOPE_KEY]) }]
        }
    }
}

/// Reading rows. No Scan: the code base has none.
const READ: &[&str] = &["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"];
/// Changing rows; a transaction needs the action of each of its parts.
const WRITE: &[&str] = &["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:ConditionCheckItem"];
/// What the presigned URLs of an upload may do: they can do no more than the role that signed them.
const RECEIVE: &[&str] = &["s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"];
/// Only what was sealed as the seed of a key that signs decisions: the context names the purpose.
const DECISION_KEY: &str = "{ \"StringEquals\": { \"kms:EncryptionContext:slipway:purpose\": \"decision\" } }";

/// A statement without a condition.
const fn allow(sid: &'static str, actions: &'static [&'static str], resources: &'static [&'static str]) -> Statement {
    Statement { sid, actions, resources, condition: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVERY_GRANT: [Grant; 6] = [
        Grant::ReadCatalog,
        Grant::WriteCatalog,
        Grant::ReceiveUploads,
        Grant::VerifyUploads,
        Grant::ServeArtifacts,
        Grant::OpenDecisionKey,
    ];

    #[test]
    fn reading_the_catalog_is_three_actions_on_the_table_and_its_indexes() {
        let expected = "              - Sid: ReadCatalog
                Effect: Allow
                Action: [dynamodb:GetItem, dynamodb:BatchGetItem, dynamodb:Query]
                Resource: [!GetAtt Table.Arn, !Sub \"${Table.Arn}/index/*\"]
";
        assert_eq!(yaml(&[Grant::ReadCatalog]).unwrap(), expected);
    }

    #[test]
    fn writing_includes_reading_once() {
        let yaml = yaml(&[Grant::ReadCatalog, Grant::WriteCatalog]).unwrap();
        assert_eq!(yaml.matches("Sid: ReadCatalog").count(), 1);
        assert_eq!(yaml.matches("dynamodb:ConditionCheckItem").count(), 1);
    }

    #[test]
    fn whoever_receives_uploads_writes_nothing_that_is_served() {
        let yaml = yaml(&[Grant::ReceiveUploads, Grant::ReadCatalog]).unwrap();
        assert!(yaml.contains("s3:PutObject") && yaml.contains("/incoming/*") && !yaml.contains("/artifacts/*"), "{yaml}");
    }

    #[test]
    fn nobody_deletes_what_is_served() {
        let deleting: Vec<_> =
            EVERY_GRANT.into_iter().flat_map(statements).filter(|one| one.actions.contains(&"s3:DeleteObject")).collect();
        assert!(deleting.iter().all(|one| one.resources == [INCOMING]) && deleting.len() == 1);
    }

    #[test]
    fn the_envelope_key_opens_seeds_only() {
        let yaml = yaml(&[Grant::OpenDecisionKey]).unwrap();
        assert!(
            yaml.contains("kms:Decrypt")
                && yaml.ends_with("Condition: { \"StringEquals\": { \"kms:EncryptionContext:slipway:purpose\": \"decision\" } }\n"),
            "{yaml}"
        );
    }
}
