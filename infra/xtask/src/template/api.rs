//! What API Gateway is told: which function answers which route, and a role for each package with
//! which it may start that package's functions.
//!
//! SAM would give each function a permission for each of its routes instead. These would be a third
//! of all resources, of which a stack has 500 at the most.

use std::collections::BTreeMap;

use crate::description::{Lambda, Trigger};
use crate::template::name::logical_id;
use crate::template::package;
use crate::template::role::{self, statement};

/// The member `paths` of the API's OpenAPI document, as YAML: for each path its methods.
pub fn paths(functions: &[(&Lambda, String)]) -> String {
    let mut paths = BTreeMap::<&str, Vec<String>>::new();
    for (lambda, package) in functions {
        let integration = integration(lambda, package);
        match &lambda.cause {
            Trigger::Request { methods, path } => {
                let parameters = parameters(path);
                paths.entry(path).or_default().extend(methods.iter().map(|method| {
                    let method = method.to_lowercase();
                    format!("{method}: {{ {parameters}responses: {{}}, {integration} }}")
                }));
            }
            Trigger::DefaultRoute => paths.entry("/$default").or_default().push(format!(
                "x-amazon-apigateway-any-method: {{ isDefaultRoute: true, responses: {{}}, {integration} }}"
            )),
            Trigger::ObjectCreated { .. }
            | Trigger::RowsInserted { .. }
            | Trigger::RowsDispatched { .. }
            | Trigger::Message
            | Trigger::Schedule { .. } => {}
        }
    }
    paths.iter().map(|(path, methods)| of_path(path, methods)).collect()
}

/// A path and the lines of its methods.
fn of_path(path: &str, methods: &[String]) -> String {
    let indentation = "            ";
    let methods = methods.join(&format!("\n{indentation}"));
    format!("          \"{path}\":\n{indentation}{methods}\n")
}

/// The parameters of a path, which API Gateway wants declared.
fn parameters(path: &str) -> String {
    let names = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let all: Vec<_> =
        names.map(|name| format!("{{ name: {name}, in: path, required: true }}")).collect();
    if all.is_empty() { String::new() } else { format!("parameters: [{}], ", all.join(", ")) }
}

/// The function that answers, and the role with which API Gateway starts it.
fn integration(lambda: &Lambda, package: &str) -> String {
    let (function, role) = (logical_id(&lambda.op, "Function"), invoker(package));
    format!(
        "x-amazon-apigateway-integration: {{ type: aws_proxy, httpMethod: POST, payloadFormatVersion: \"2.0\", credentials: !GetAtt {role}.Arn, uri: !Sub \"arn:${{AWS::Partition}}:apigateway:${{AWS::Region}}:lambda:path/2015-03-31/functions/${{{function}.Arn}}/invocations\" }}"
    )
}

/// The roles with which API Gateway starts functions, one for each package, as YAML.
pub fn invokers(functions: &[(&Lambda, String)]) -> Vec<String> {
    let mut packages = BTreeMap::<&str, Vec<String>>::new();
    for (lambda, package) in functions.iter().filter(|(lambda, _)| !lambda.is_job()) {
        let arn = format!("!GetAtt {}.Arn", logical_id(&lambda.op, "Function"));
        packages.entry(package).or_default().push(arn);
    }
    let role_of = |(package, arns): (&&str, &Vec<String>)| {
        let answer = statement("AnswerRequests", "lambda:InvokeFunction", &arns.join(", "));
        role::resource(&invoker(package), "apigateway.amazonaws.com", &answer)
    };
    packages.iter().map(role_of).collect()
}

/// The logical id of the role with which API Gateway starts the functions of `package`.
fn invoker(package: &str) -> String {
    package::logical_id(package, "Invoker")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::description::FunctionSize;

    fn function(op: &str, cause: Trigger) -> Lambda {
        let size = FunctionSize { memory_mb: 256, timeout_seconds: 10 };
        Lambda { op: op.to_owned(), cause, size, statements: Vec::new() }
    }

    /// An operation of two methods, one on the same path, the default route, and a job.
    fn functions() -> [Lambda; 4] {
        let request = |methods: &[&str]| Trigger::Request {
            methods: methods.iter().map(|&method| method.to_owned()).collect(),
            path: "/v1/releases/{release_id}".to_owned(),
        };
        [
            function("release-get", request(&["GET", "HEAD"])),
            function("release-delete", request(&["DELETE"])),
            function("default-route", Trigger::DefaultRoute),
            function("halt-releases", Trigger::Message),
        ]
    }

    fn in_packages(functions: &[Lambda]) -> Vec<(&Lambda, String)> {
        let package = |op: &str| {
            if op.contains("release") { "functions/releases" } else { "functions/service" }
        };
        functions.iter().map(|lambda| (lambda, package(&lambda.op).to_owned())).collect()
    }

    #[test]
    fn a_path_has_all_its_methods_and_declares_its_parameters() {
        let functions = functions();
        let yaml = paths(&in_packages(&functions));
        let path = "          \"/v1/releases/{release_id}\":\n";
        assert_eq!(yaml.matches(path).count(), 1, "{yaml}");
        let parameters =
            "{ parameters: [{ name: release_id, in: path, required: true }], responses";
        for method in ["get", "head", "delete"] {
            assert!(yaml.contains(&format!("            {method}: {parameters}")), "{yaml}");
        }
        assert_eq!(yaml.matches("functions/${ReleaseGetFunction.Arn}/invocations").count(), 2);
        assert_eq!(yaml.matches("credentials: !GetAtt ReleasesInvoker.Arn").count(), 3);
    }

    #[test]
    fn the_rest_goes_to_the_default_route() {
        let functions = functions();
        let yaml = paths(&in_packages(&functions));
        let route =
            "\"/$default\":\n            x-amazon-apigateway-any-method: { isDefaultRoute: true";
        assert!(yaml.contains(route), "{yaml}");
    }

    #[test]
    fn api_gateway_starts_what_answers_requests_and_no_job() {
        let functions = functions();
        let roles = invokers(&in_packages(&functions));
        let [releases, service] = &roles[..] else { panic!("{roles:?}") };
        let resources =
            "Resource: [!GetAtt ReleaseGetFunction.Arn, !GetAtt ReleaseDeleteFunction.Arn]";
        assert!(releases.starts_with("  ReleasesInvoker:\n") && releases.contains(resources));
        assert!(service.contains("Resource: [!GetAtt DefaultRouteFunction.Arn]"), "{service}");
    }
}
