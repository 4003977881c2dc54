//! IAM statements as YAML: those of a function's parts, and those that its source of events needs.

use crate::description::{Condition, Resource, Statement, Trigger};
use crate::template::role;

/// The statements of a function with `statements` that is started by `cause`, as YAML.
pub fn yaml(statements: &[Statement], cause: &Trigger) -> String {
    statements.iter().chain(&of_source(cause)).map(statement).collect()
}

/// One statement, one line per member.
fn statement(statement: &Statement) -> String {
    let Statement { sid, actions, conditions, .. } = statement;
    let resources: Vec<_> = statement.resources.iter().map(resource).collect();
    let condition = match conditions.as_slice() {
        [] => String::new(),
        some => format!("                Condition: {{ {} }}\n", operators(some).join(", ")),
    };
    role::statement(sid, &actions.join(", "), &resources.join(", ")) + &condition
}

/// The conditions, those with the same operator together.
fn operators(conditions: &[Condition]) -> Vec<String> {
    let same = conditions.chunk_by(|one, next| one.operator == next.operator);
    same.map(|conditions| {
        let keys: Vec<_> = conditions.iter().map(key).collect();
        let operator = conditions.first().map(|one| one.operator.as_str()).unwrap_or_default();
        format!("\"{operator}\": {{ {} }}", keys.join(", "))
    })
    .collect()
}

/// A condition key and its values.
fn key(Condition { key, values, .. }: &Condition) -> String {
    let values: Vec<_> = values.iter().map(|value| text(value)).collect();
    match &values[..] {
        [value] => format!("\"{key}\": {value}"),
        values => format!("\"{key}\": [{}]", values.join(", ")),
    }
}

/// A text, in which `${AWS::StackName}` stands for the stack's name.
fn text(value: &str) -> String {
    if value == "${AWS::StackName}" {
        "!Ref AWS::StackName".to_owned()
    } else {
        format!("\"{value}\"")
    }
}

/// How the template names a resource.
fn resource(resource: &Resource) -> String {
    let object = |keys: &str| {
        format!(
            "!Sub \"arn:${{AWS::Partition}}:s3:::${{AWS::StackName}}-artifacts-${{AWS::AccountId}}{keys}\""
        )
    };
    let of_integrations = |service: &str, place: &str| {
        format!(
            "!Sub \"arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:{place}slipway/${{AWS::StackName}}/integrations/*\""
        )
    };
    match resource {
        Resource::Table => "!GetAtt Table.Arn".to_owned(),
        Resource::Indexes => "!Sub \"${Table.Arn}/index/*\"".to_owned(),
        Resource::Bucket => object(""),
        Resource::Incoming => object("/incoming/*"),
        Resource::Artifacts => object("/artifacts/*"),
        Resource::Snapshots => object("/snapshots/*"),
        Resource::EnvelopeKey => "!GetAtt EnvelopeKey.Arn".to_owned(),
        Resource::AnyKmsKey => {
            "!Sub \"arn:${AWS::Partition}:kms:${AWS::Region}:${AWS::AccountId}:key/*\"".to_owned()
        }
        Resource::IntegrationParameters => of_integrations("ssm", "parameter/"),
        Resource::IntegrationSecretReferences => {
            of_integrations("ssm", "parameter/aws/reference/secretsmanager/")
        }
        Resource::IntegrationSecrets => of_integrations("secretsmanager", "secret:"),
        Resource::Function(op) => format!(
            "!Sub \"arn:${{AWS::Partition}}:lambda:${{AWS::Region}}:${{AWS::AccountId}}:function:${{AWS::StackName}}-{op}\""
        ),
        Resource::Stream => "!GetAtt Table.StreamArn".to_owned(),
        Resource::Failures => "!GetAtt Failures.Arn".to_owned(),
        Resource::Anything => "\"*\"".to_owned(),
    }
}

/// What the source of a function's events needs of the function's role.
fn of_source(cause: &Trigger) -> Vec<Statement> {
    match cause {
        Trigger::Request { .. } | Trigger::DefaultRoute => Vec::new(),
        Trigger::ObjectCreated { .. }
        | Trigger::Message
        | Trigger::RowsDispatched { .. }
        | Trigger::Schedule { .. } => {
            vec![allow("TellFailures", &["sqs:SendMessage"], Resource::Failures)]
        }
        Trigger::RowsInserted { .. } => vec![
            allow(
                "ReadStream",
                &["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"],
                Resource::Stream,
            ),
            // DynamoDB knows no narrower resource for it.
            allow("ListStreams", &["dynamodb:ListStreams"], Resource::Anything),
            allow("TellFailures", &["sqs:SendMessage"], Resource::Failures),
        ],
    }
}

/// A statement without a condition.
fn allow(sid: &str, actions: &[&str], resource: Resource) -> Statement {
    Statement {
        sid: sid.to_owned(),
        actions: actions.iter().map(|action| (*action).to_owned()).collect(),
        resources: vec![resource],
        conditions: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn condition(operator: &str, key: &str, values: &[&str]) -> Condition {
        Condition {
            operator: operator.to_owned(),
            key: key.to_owned(),
            values: values.iter().map(|value| (*value).to_owned()).collect(),
        }
    }

    #[test]
    fn a_statement_is_a_line_for_each_member() {
        let mut read =
            allow("ReadCatalog", &["dynamodb:GetItem", "dynamodb:Query"], Resource::Table);
        read.resources.push(Resource::Indexes);
        let expected = "              - Sid: ReadCatalog
                Effect: Allow
                Action: [dynamodb:GetItem, dynamodb:Query]
                Resource: [!GetAtt Table.Arn, !Sub \"${Table.Arn}/index/*\"]
";
        assert_eq!(statement(&read), expected);
    }

    #[test]
    fn conditions_with_the_same_operator_stand_together() {
        let conditions = [
            condition("StringEquals", "aws:ResourceTag/slipway:stack", &["${AWS::StackName}"]),
            condition("StringEquals", "kms:MessageType", &["RAW"]),
            condition("StringLike", "dynamodb:LeadingKeys", &["PRODUCT#*", "INDEX"]),
        ];
        assert_eq!(
            operators(&conditions),
            [
                "\"StringEquals\": { \"aws:ResourceTag/slipway:stack\": !Ref AWS::StackName, \"kms:MessageType\": \"RAW\" }",
                "\"StringLike\": { \"dynamodb:LeadingKeys\": [\"PRODUCT#*\", \"INDEX\"] }",
            ]
        );
    }

    #[test]
    fn a_job_of_rows_reads_the_stream_and_tells_its_failures() {
        let cause = Trigger::RowsInserted {
            prefixes: vec!["WORK#".to_owned()],
            window: crate::description::BatchWindow::OneSecond,
        };
        let reader = yaml(&[], &cause);
        assert!(reader.contains("GetRecords") && reader.contains("sqs:SendMessage"), "{reader}");
        let started = yaml(&[], &Trigger::RowsDispatched { prefix: "WORK#".to_owned() });
        assert!(!started.contains("dynamodb:") && started.contains("sqs:SendMessage"), "{started}");
    }
}
