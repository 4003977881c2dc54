//! What CloudFormation, IAM and Lambda take at the most, held against the transformed template:
//! docs/LIMITS.md. The emulators take more.

use serde_json::Value;

/// Resources of a stack. CloudFormation takes 500; the rest is room for what a deployer adds.
const RESOURCES: usize = 450;
/// Parameters of a template.
const PARAMETERS: usize = 200;
/// Bytes of a template that is read from S3, as `sam deploy` sends it.
const TEMPLATE: usize = 1_000_000;
/// Characters of the inline policies of a role, blanks between tokens not counted.
const POLICIES: usize = 10_240;
/// Bytes of the names and values of a function's environment.
const ENVIRONMENT: usize = 4_096;
/// How long what only a deployment knows is taken to be: an ARN with a name of 64 characters.
const ASSUMED_LENGTH: usize = 130;

/// What is beyond a limit, in words, with the number.
pub fn exceeded(template: &Value) -> Vec<String> {
    let resources = template["Resources"].as_object();
    let of_type = |kind: &'static str| {
        let all = resources.into_iter().flatten();
        all.filter(move |(_, resource)| resource["Type"] == kind)
            .map(|(id, resource)| (id.as_str(), &resource["Properties"]))
    };
    let count = |member: &str| template[member].as_object().map_or(0, serde_json::Map::len);
    let mut measured = vec![
        ("the stack: resources".to_owned(), count("Resources"), RESOURCES),
        ("the template: parameters".to_owned(), count("Parameters"), PARAMETERS),
        ("the template: bytes".to_owned(), template.to_string().len(), TEMPLATE),
    ];
    for (id, role) in of_type("AWS::IAM::Role") {
        measured.push((
            format!("{id}: characters of policies"),
            length(&role["Policies"]),
            POLICIES,
        ));
    }
    for (id, function) in of_type("AWS::Lambda::Function") {
        let variables = function.pointer("/Environment/Variables").unwrap_or(&Value::Null);
        measured.push((format!("{id}: bytes of environment"), environment(variables), ENVIRONMENT));
    }
    let beyond = measured.into_iter().filter(|(_, number, limit)| number > limit);
    beyond.map(|(what, number, limit)| format!("{what} are {number}, at most {limit}")).collect()
}

/// How long `value` is as JSON once CloudFormation has put in what it knows.
fn length(value: &Value) -> usize {
    match value {
        Value::Object(_) if is_intrinsic(value) => ASSUMED_LENGTH,
        Value::Object(members) => {
            members.iter().map(|(name, value)| name.len() + 4 + length(value)).sum::<usize>() + 2
        }
        Value::Array(values) => values.iter().map(|value| length(value) + 1).sum::<usize>() + 2,
        _ => value.to_string().len(),
    }
}

/// Bytes of names and values, where settings have the value that they have by default or a short
/// one.
fn environment(variables: &Value) -> usize {
    let value = |value: &Value| match value.pointer("/Ref").and_then(Value::as_str) {
        Some("AdminTokenSha256") => 64,
        Some("Table") => 60,
        Some(name) if !name.starts_with("AWS::") => 20,
        _ if value.is_object() => ASSUMED_LENGTH,
        _ => length(value),
    };
    let variables = variables.as_object().into_iter().flatten();
    variables.map(|(name, of)| name.len() + value(of)).sum()
}

/// Whether CloudFormation puts something in the place of `value`.
fn is_intrinsic(value: &Value) -> bool {
    let members = value.as_object().into_iter().flatten();
    let mut names = members.map(|(name, _)| name.as_str());
    matches!((names.next(), names.next()), (Some(name), None) if name == "Ref" || name.starts_with("Fn::"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A template with one role and one function.
    fn template(actions: usize, variables: usize) -> Value {
        let actions = vec!["dynamodb:GetItem"; actions];
        let arn = json!({ "Fn::GetAtt": ["Table", "Arn"] });
        let statement = json!({ "Effect": "Allow", "Action": actions, "Resource": [arn] });
        let policies = json!([{ "PolicyDocument": { "Statement": [statement] } }]);
        let variables: serde_json::Map<_, _> = (0..variables)
            .map(|n| (format!("SLIPWAY_{n:04}"), json!({ "Ref": "Setting" })))
            .collect();
        let environment = json!({ "Variables": variables });
        json!({ "Resources": {
            "Role": { "Type": "AWS::IAM::Role", "Properties": { "Policies": policies } },
            "Function": { "Type": "AWS::Lambda::Function", "Properties": { "Environment": environment } },
        } })
    }

    #[test]
    fn what_is_beyond_a_limit_is_named_with_its_number() {
        assert_eq!(exceeded(&template(500, 100)), Vec::<String>::new());
        let exceeded = exceeded(&template(600, 130));
        let [policies, environment] = &exceeded[..] else { panic!("{exceeded:?}") };
        assert!(environment.ends_with("environment are 4160, at most 4096"), "{environment}");
        assert!(policies.starts_with("Role: characters of policies are 11"), "{policies}");
    }

    #[test]
    fn what_only_a_deployment_knows_counts_as_long() {
        assert_eq!(length(&json!({ "Fn::Sub": "${Table.Arn}" })), ASSUMED_LENGTH);
        assert_eq!(length(&json!(["ab", 1])), r#"["ab",1,]"#.len());
    }
}
