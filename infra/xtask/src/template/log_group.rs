//! Log groups: one for each package, so that logs end and no function need be able to make one.
//!
//! A group for each function would be a third of all resources, of which a stack has 500 at the
//! most. The streams of a group that functions share are named after them:
//! `2026/11/28/<stack>-ReleaseGetFunction-<random>[$LATEST]...`.

use std::collections::BTreeSet;

use crate::description::Lambda;
use crate::template::package;

/// The log groups of the packages that `functions` are in, as YAML.
pub fn resources(functions: &[(&Lambda, String)]) -> Vec<String> {
    let packages: BTreeSet<_> = functions.iter().map(|(_, package)| package.as_str()).collect();
    packages.into_iter().map(resource).collect()
}

/// The logical id of the log group of `package`.
pub fn id(package: &str) -> String {
    package::logical_id(package, "Logs")
}

/// The log group of `package`.
fn resource(package: &str) -> String {
    let (id, name) = (id(package), package::name(package));
    format!(
        "  {id}:
    Type: AWS::Logs::LogGroup
    Properties:
      LogGroupName: !Sub \"/slipway/${{AWS::StackName}}/{name}\"
      RetentionInDays: !Ref LogRetentionDays
"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::description::{FunctionSize, Trigger};

    #[test]
    fn the_functions_of_a_package_share_a_group() {
        let function = |op: &str| Lambda {
            op: op.to_owned(),
            cause: Trigger::Message,
            size: FunctionSize { memory_mb: 256, timeout_seconds: 10 },
            statements: Vec::new(),
        };
        let functions = ["halt-releases", "advance-rollouts", "sweep-uploads"].map(function);
        let packages = ["functions/releases", "functions/releases", "functions/uploads"];
        let packages = packages.map(str::to_owned);
        let functions: Vec<_> = functions.iter().zip(packages).collect();
        let groups = resources(&functions);
        let [releases, uploads] = &groups[..] else { panic!("{groups:?}") };
        assert!(releases.starts_with("  ReleasesLogs:\n"), "{releases}");
        assert!(uploads.contains("\"/slipway/${AWS::StackName}/uploads\""), "{uploads}");
    }
}
