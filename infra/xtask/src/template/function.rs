//! The two resources of one function: itself and its role.

use crate::description::{BatchWindow, FunctionSize, Lambda, Trigger};
use crate::template::name::logical_id;
use crate::template::{log_group, role, statement};

/// Who starts a function besides its event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Invokers {
    /// Nobody.
    None,
    /// Other functions.
    Others,
    /// The function itself, to go on with its work, and maybe others.
    Itself,
}

impl Invokers {
    /// Of `lambda` among `all`.
    pub fn of(lambda: &Lambda, all: &[Lambda]) -> Self {
        if lambda.invokes(&lambda.op) {
            Self::Itself
        } else if all.iter().any(|other| other.invokes(&lambda.op)) {
            Self::Others
        } else {
            Self::None
        }
    }

    /// The properties of a function that is started by them: a name that they know, because roles
    /// and functions can't wait for one another, and leave to start itself as often as its work
    /// takes; Lambda would stop it after 16 times.
    fn properties(self, op: &str) -> String {
        let name = format!("      FunctionName: !Sub \"${{AWS::StackName}}-{op}\"\n");
        match self {
            Self::None => String::new(),
            Self::Others => name,
            Self::Itself => name + "      RecursiveLoop: Allow\n",
        }
    }
}

/// The resources of `lambda`, whose binary is in `package`, as YAML.
pub fn resources(lambda: &Lambda, package: &str, invokers: Invokers) -> String {
    [function(lambda, package, invokers), role_of(lambda, package)].concat()
}

/// The function and what starts it.
fn function(lambda: &Lambda, package: &str, invokers: Invokers) -> String {
    let [function, role] = ["Function", "Role"].map(|kind| logical_id(&lambda.op, kind));
    let logs = log_group::id(package);
    let (op, size, environment) = (&lambda.op, size(lambda.size), environment(lambda));
    let (failures, events) = (failures(&lambda.cause), events(&lambda.cause));
    let (name, concurrency) = (invokers.properties(op), concurrency(op));
    format!(
        "  {function}:
    Type: AWS::Serverless::Function
    Metadata:
      BuildMethod: rust-cargolambda
      BuildProperties: {{ Binary: {op} }}
    Properties:
      CodeUri: {package}
{name}      Role: !GetAtt {role}.Arn
      LoggingConfig: {{ LogGroup: !Ref {logs} }}
{size}{concurrency}{environment}{failures}{events}"
    )
}

/// Where clients reach the API, as a job is told. No request tells it, and the API does not wait for
/// jobs, so that jobs may wait for the API.
const PUBLIC_URL: &str = "          SLIPWAY_PUBLIC_URL: !If [HasPublicUrl, !Ref PublicUrl, !Sub \"https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}\"]\n";

/// The credentials of an object store that is not Amazon S3, as a function is told that touches
/// objects: no role can stand for them.
const STORE_CREDENTIALS: &str = "          SLIPWAY_STORE_ACCESS_KEY_ID: !If [HasOtherStore, !Sub \"{{resolve:secretsmanager:${StoreSecretArn}:SecretString:access_key_id}}\", !Ref AWS::NoValue]
          SLIPWAY_STORE_SECRET_ACCESS_KEY: !If [HasOtherStore, !Sub \"{{resolve:secretsmanager:${StoreSecretArn}:SecretString:secret_access_key}}\", !Ref AWS::NoValue]\n";

/// What this function alone is told.
fn environment(lambda: &Lambda) -> String {
    let public_url = lambda.is_job().then_some(PUBLIC_URL);
    let credentials = lambda.touches_objects().then_some(STORE_CREDENTIALS);
    let variables: String = public_url.into_iter().chain(credentials).collect();
    if variables.is_empty() {
        return variables;
    }
    format!("      Environment:\n        Variables:\n{variables}")
}

/// Where an event that S3 or EventBridge has sent, or a message, ends, when the function has failed on it
/// three times.
fn failures(cause: &Trigger) -> &'static str {
    match cause {
        Trigger::ObjectCreated { .. }
        | Trigger::Message
        | Trigger::RowsDispatched { .. }
        | Trigger::Schedule { .. } => {
            "      EventInvokeConfig: { DestinationConfig: { OnFailure: { Type: SQS, Destination: !GetAtt Failures.Arn } } }\n"
        }
        Trigger::Request { .. } | Trigger::DefaultRoute | Trigger::RowsInserted { .. } => "",
    }
}

/// Memory and time, as the endpoint or job declares them.
fn size(FunctionSize { memory_mb, timeout_seconds }: FunctionSize) -> String {
    format!("      MemorySize: {memory_mb}\n      Timeout: {timeout_seconds}\n")
}

/// The operations for which executions of Lambda can be kept, and the parameter that says how many:
/// what every client asks, and what has to work while they all do.
const RESERVED_CONCURRENCY: [(&str, &str); 2] =
    [("decision", "DecisionConcurrency"), ("release-revoke", "RevocationConcurrency")];

/// How many executions are kept for the function, where a parameter says so.
fn concurrency(op: &str) -> String {
    let parameter =
        RESERVED_CONCURRENCY.iter().find(|(kept, _)| *kept == op).map(|(_, parameter)| parameter);
    let property = parameter.map(|parameter| {
        format!("      ReservedConcurrentExecutions: !If [Has{parameter}, !Ref {parameter}, !Ref AWS::NoValue]\n")
    });
    property.unwrap_or_default()
}

/// The events that start the function, if there are any.
fn events(cause: &Trigger) -> String {
    match event(cause) {
        event if event.is_empty() => event,
        event => format!("      Events:\n{event}"),
    }
}

/// The event that starts the function, as the function names it: the API names those that answer requests.
fn event(cause: &Trigger) -> String {
    match cause {
        Trigger::ObjectCreated { prefix } => format!(
            "        ObjectCreated:
          Type: S3
          Properties:
            Bucket: !Ref Bucket
            Events: s3:ObjectCreated:*
            Filter: {{ S3Key: {{ Rules: [{{ Name: prefix, Value: {prefix} }}] }} }}
"
        ),
        Trigger::RowsInserted { prefixes, window } => rows(prefixes, *window),
        Trigger::Request { .. }
        | Trigger::DefaultRoute
        | Trigger::Message
        | Trigger::RowsDispatched { .. } => String::new(),
        Trigger::Schedule { minutes } => schedule(*minutes),
    }
}

/// The table's stream as the source of events. What fails again and again ends in the queue of
/// failures, so that it does not hold up the rest.
fn rows(prefixes: &[String], window: BatchWindow) -> String {
    let window = match window {
        BatchWindow::Deployment => "!Ref BatchWindowSeconds",
        BatchWindow::OneSecond => "1",
    };
    // One of them has to hold.
    let prefixes: Vec<_> =
        prefixes.iter().map(|prefix| format!("{{\"prefix\":\"{prefix}\"}}")).collect();
    let prefixes = prefixes.join(",");
    format!(
        "        Rows:
          Type: DynamoDB
          Properties:
            Stream: !GetAtt Table.StreamArn
            StartingPosition: TRIM_HORIZON
            FilterCriteria: {{ Filters: [{{ Pattern: '{{\"eventName\":[\"INSERT\"],\"dynamodb\":{{\"Keys\":{{\"PK\":{{\"S\":[{prefixes}]}}}}}}}}' }}] }}
            BatchSize: 1000
            MaximumBatchingWindowInSeconds: {window}
            ParallelizationFactor: 1
            BisectBatchOnFunctionError: true
            MaximumRetryAttempts: 5
            MaximumRecordAgeInSeconds: 86400
            DestinationConfig: {{ OnFailure: {{ Type: SQS, Destination: !GetAtt Failures.Arn }} }}
"
    )
}

/// EventBridge's clock as the source of events.
fn schedule(minutes: u32) -> String {
    let unit = if minutes == 1 { "minute" } else { "minutes" };
    format!(
        "        Clock:
          Type: Schedule
          Properties:
            Schedule: rate({minutes} {unit})
"
    )
}

/// The role: what its statements say, and writing the log of its package.
fn role_of(lambda: &Lambda, package: &str) -> String {
    let logs = format!("!GetAtt {}.Arn", log_group::id(package));
    let write = role::statement("WriteLogs", "logs:CreateLogStream, logs:PutLogEvents", &logs);
    let statements = write + &statement::yaml(&lambda.statements, &lambda.cause);
    role::resource(&logical_id(&lambda.op, "Role"), "lambda.amazonaws.com", &statements)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::description::{Resource, Statement};

    /// A function that is started by a request.
    fn operation() -> Lambda {
        let cause = Trigger::Request {
            methods: vec!["GET".to_owned(), "HEAD".to_owned()],
            path: "/v1/releases/{release_id}".to_owned(),
        };
        let size = FunctionSize { memory_mb: 512, timeout_seconds: 7 };
        Lambda { op: "release-get".to_owned(), cause, size, statements: Vec::new() }
    }

    #[test]
    fn a_function_has_its_binary_and_its_own_role() {
        let yaml = resources(&operation(), "functions/releases", Invokers::None);
        for line in [
            "  ReleaseGetFunction:\n",
            "      BuildProperties: { Binary: release-get }\n",
            "      CodeUri: functions/releases\n",
            "      Role: !GetAtt ReleaseGetRole.Arn\n",
            "      MemorySize: 512\n      Timeout: 7\n",
            "              - Sid: WriteLogs\n",
            "      LoggingConfig: { LogGroup: !Ref ReleasesLogs }\n",
        ] {
            assert!(yaml.contains(line), "{line} is not in\n{yaml}");
        }
    }

    #[test]
    fn a_function_that_starts_itself_has_a_name_and_leave_to_do_so() {
        let statement = Statement {
            sid: "InvokeJob".to_owned(),
            actions: vec!["lambda:InvokeFunction".to_owned()],
            resources: vec![Resource::Function("release-get".to_owned())],
            conditions: Vec::new(),
        };
        let itself = Lambda { statements: vec![statement], ..operation() };
        let other = Lambda { op: "other".to_owned(), ..itself.clone() };
        let of = |lambda: &Lambda, other: &Lambda| {
            let invokers = Invokers::of(lambda, &[lambda.clone(), other.clone()]);
            resources(lambda, "functions/releases", invokers)
        };
        let (name, leave) =
            ("FunctionName: !Sub \"${AWS::StackName}-release-get\"", "RecursiveLoop: Allow");
        let yaml = of(&itself, &other);
        assert!(yaml.contains(name) && yaml.contains(leave), "{yaml}");
        assert!(yaml.contains(":function:${AWS::StackName}-release-get\"]"), "{yaml}");
        let yaml = of(&operation(), &other);
        assert!(yaml.contains(name) && !yaml.contains(leave), "{yaml}");
        let yaml = of(&operation(), &operation());
        assert!(!yaml.contains("FunctionName"), "{yaml}");
    }

    #[test]
    fn a_job_is_told_where_clients_reach_the_api_and_an_operation_is_not() {
        let job = Lambda { cause: Trigger::Schedule { minutes: 1 }, ..operation() };
        assert!(environment(&job).contains("SLIPWAY_PUBLIC_URL"));
        assert_eq!(environment(&operation()), "");
    }

    #[test]
    fn a_function_that_touches_objects_is_told_the_credentials_of_another_store() {
        let statement = |resource| Statement {
            sid: "ReadObjects".to_owned(),
            actions: vec!["s3:GetObject".to_owned()],
            resources: vec![resource],
            conditions: Vec::new(),
        };
        let with = |resource| Lambda { statements: vec![statement(resource)], ..operation() };
        let told = environment(&with(Resource::Artifacts));
        assert!(told.contains("SLIPWAY_STORE_SECRET_ACCESS_KEY: !If [HasOtherStore"), "{told}");
        assert_eq!(environment(&with(Resource::Table)), "");
    }

    #[test]
    fn a_job_is_started_by_objects_with_its_prefix() {
        let cause = Trigger::ObjectCreated { prefix: "incoming/".to_owned() };
        assert!(event(&cause).contains("Value: incoming/ }"));
    }

    #[test]
    fn a_job_of_rows_gets_new_rows_with_its_prefixes() {
        let rows = |prefixes: &[&str], window| {
            let prefixes = prefixes.iter().map(|prefix| (*prefix).to_owned()).collect();
            event(&Trigger::RowsInserted { prefixes, window })
        };
        let one = rows(&["OUTBOX#"], BatchWindow::Deployment);
        assert!(
            one.contains("MaximumBatchingWindowInSeconds: !Ref BatchWindowSeconds")
                && one.contains("{\"S\":[{\"prefix\":\"OUTBOX#\"}]}"),
            "{one}"
        );
        let some = rows(&["A#", "B#"], BatchWindow::OneSecond);
        assert!(
            some.contains("MaximumBatchingWindowInSeconds: 1\n")
                && some.contains("[{\"prefix\":\"A#\"},{\"prefix\":\"B#\"}]"),
            "{some}"
        );
    }

    #[test]
    fn a_job_that_is_dispatched_to_reads_no_stream_and_tells_its_failures() {
        let cause = Trigger::RowsDispatched { prefix: "WORK#".to_owned() };
        assert_eq!(event(&cause), "");
        assert!(failures(&cause).contains("OnFailure"));
    }

    #[test]
    fn the_clock_ticks_every_so_many_minutes() {
        let hourly = event(&Trigger::Schedule { minutes: 60 });
        assert!(hourly.contains("rate(60 minutes)"), "{hourly}");
        assert!(event(&Trigger::Schedule { minutes: 1 }).contains("rate(1 minute)"));
    }
}
