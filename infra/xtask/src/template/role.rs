//! Roles and their statements: of functions, and of API Gateway, which starts functions.

/// The role `id` that `service` assumes, with `statements`, as YAML: one or more statements of IAM, a line
/// for each member.
pub fn resource(id: &str, service: &str, statements: &str) -> String {
    format!(
        "  {id}:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: \"2012-10-17\"
        Statement: [{{ Effect: Allow, Principal: {{ Service: {service} }}, Action: sts:AssumeRole }}]
      Policies:
        - PolicyName: grants
          PolicyDocument:
            Version: \"2012-10-17\"
            Statement:
{statements}"
    )
}

/// The statement `sid`, which allows `actions` on `resources`, as YAML.
pub fn statement(sid: &str, actions: &str, resources: &str) -> String {
    format!(
        "              - Sid: {sid}
                Effect: Allow
                Action: [{actions}]
                Resource: [{resources}]
"
    )
}
