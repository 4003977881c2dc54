//! What `slipway-deploy` says where it can't do what it is told: what is wrong, where, and what
//! would be right.

use std::net::SocketAddr;

use slipway_test_support::World;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::process::Command;

use crate::invocation::program;

/// The command with the environment of a deployer of `world`.
fn command(world: &World) -> Command {
    program(world, None, "slipway-deploy")
}

/// How `command` with `arguments` ends, and what it says on standard error.
async fn refused(mut command: Command, arguments: &[&str]) -> (i32, String) {
    let output = command.args(arguments).output().await.unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

/// Makes sure that `command` with `arguments` fails and says all of `expected` on its first line.
#[track_caller]
fn assert_says((code, said): (i32, String), expected: &[&str]) {
    let first = said.lines().next().unwrap_or_default();
    assert_eq!(code, 1, "{said}");
    assert!(
        first.starts_with("slipway-deploy: ") && expected.iter().all(|text| first.contains(text)),
        "{expected:?} is not in\n{said}"
    );
}

/// A server that answers every request as DynamoDB does to who may not ask: no local engine knows
/// IAM.
async fn denying() -> SocketAddr {
    const BODY: &str = r#"{"__type":"com.amazon.coral.service#AccessDeniedException","Message":"User: arn:aws:iam::123456789012:user/ci is not authorized to perform: dynamodb:Query"}"#;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 16 << 10];
            let _ = stream.read(&mut request).await;
            let answer = format!(
                "HTTP/1.1 400 Bad Request\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{BODY}",
                BODY.len()
            );
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn a_catalog_that_is_not_there_is_named_with_its_region() {
    let world = World::start().await;
    let said = refused(command(&world), &["key-list", "--table", "nowhere"]).await;
    assert_says(said, &["there is no table nowhere in us-east-1", "TableName", "AWS_REGION"]);
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_deployers_environment_lacks_is_named() {
    let world = World::start().await;
    let list = ["key-list", "--table", &*world.stack.settings.table];

    let mut no_credentials = command(&world);
    no_credentials.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY");
    let said = refused(no_credentials, &list).await;
    assert_says(said, &["there are no AWS credentials", "AWS_PROFILE"]);

    let mut no_region = command(&world);
    no_region.env_remove("AWS_REGION");
    assert_says(refused(no_region, &list).await, &["no region is set", "AWS_REGION"]);

    let mut nobody = command(&world);
    nobody.env("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:9");
    let said = refused(nobody, &list).await;
    assert_says(said, &["AWS does not answer in us-east-1", "AWS_ENDPOINT_URL"]);

    let mut denied = command(&world);
    denied.env("AWS_ENDPOINT_URL_DYNAMODB", format!("http://{}", denying().await));
    let (code, said) = refused(denied, &list).await;
    assert!(said.contains("not authorized to perform: dynamodb:Query"), "{said}");
    let table = format!("table {} in us-east-1", world.stack.settings.table);
    assert_says((code, said), &["these AWS credentials may not", &table]);
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn arguments_that_contradict_each_other_are_refused_before_anything_is_asked() {
    let world = World::start().await;
    let create = |more: &[&str]| [&["key-create", "--table", "nowhere"], more].concat().join(" ");
    for (arguments, expected) in [
        (create(&["--purpose", "decision", "--kms", "stack"]), ["--kms", "decision"]),
        (
            create(&["--purpose", "snapshot", "--envelope", "arn:aws:kms:eu-west-1:1:key/a"]),
            ["--envelope: the KMS key is in eu-west-1", "is us-east-1"],
        ),
        (create(&["--purpose", "snapshot", "--file", "no/such"]), ["--file", "no/such"]),
    ] {
        let arguments: Vec<_> = arguments.split(' ').collect();
        assert_says(refused(command(&world), &arguments).await, &expected);
    }
    let mut on_aws = command(&world);
    on_aws.env_remove("AWS_ENDPOINT_URL_DYNAMODB");
    let file = ["key-create", "--table", "nowhere", "--purpose", "decision", "--file", "."];
    assert_says(refused(on_aws, &file).await, &["--file", "the catalog is on AWS", "--envelope"]);
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_argument_that_is_wrong_by_itself_is_named() {
    let world = World::start().await;
    for (arguments, expected) in [
        (&["key-list"][..], "--table"),
        (&["key-list", "--table", "a table"], "--table"),
        (&["key-create", "--table", "nowhere", "--purpose", "other", "--kms", "a"], "--purpose"),
        (&["key-create", "--table", "nowhere", "--purpose", "snapshot"], "--file"),
        (
            &[
                "key-create",
                "--table",
                "nowhere",
                "--purpose",
                "snapshot",
                "--kms",
                "a",
                "--file",
                ".",
            ],
            "--file",
        ),
        (&["key-revoke", "--table", "nowhere"], "<KID>"),
    ] {
        let (code, said) = refused(command(&world), arguments).await;
        assert!(code == 2 && said.contains(expected), "{arguments:?}: {said}");
    }
    world.stack.stop().await;
}
