//! What a function's own credentials are denied. It runs after the call log was read: a denied
//! call of a scenario fails the stage, these are denied on purpose.
#![expect(clippy::unwrap_used, reason = "a test that can't go on has to say so at once")]

use std::fmt::Debug;

use aws_sdk_dynamodb::config::Credentials;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::SigningAlgorithmSpec;
use data_encoding::{HEXLOWER, HEXUPPER};
use serde_json::json;
use sha2::{Digest, Sha256};
use slipway_tests_deployed::Stack;

/// The credentials with which the emulator starts `product-create`: it derives them from the ARNs
/// of function and role, and they count from the first start on.
async fn credentials_of_product_create(stack: &Stack, product_id: &str) -> Credentials {
    let product = json!({ "product_id": product_id, "name": "Denied" });
    stack.api.post("/v1/products", product).await;
    let request = stack.clients.lambda.get_function_configuration();
    let function =
        request.function_name(stack.resource("ProductCreateFunction")).send().await.unwrap();
    let arns = [function.function_arn().unwrap(), function.role().unwrap()].join(":");
    let seed = HEXLOWER.encode(&Sha256::digest(arns));
    let derived = |what: &str| HEXLOWER.encode(&Sha256::digest(format!("{what}:{seed}")));
    let id = HEXUPPER.encode(&HEXLOWER.decode(seed.get(..16).unwrap().as_bytes()).unwrap());
    let (secret, token) = (derived("secret"), derived("token"));
    Credentials::new(format!("ASIA{id}"), secret, Some(token), None, "function")
}

/// The code with which a call was refused; none, where it was allowed.
type Denial = Option<String>;

/// Nothing was refused.
const ALLOWED: Option<&str> = None;

/// What IAM refuses with.
const DENIED: Option<&str> = Some("AccessDeniedException");

/// Whether and how a call was refused.
fn denial<R, E: ProvideErrorMetadata + Debug>(answer: Result<R, SdkError<E>>) -> Denial {
    let refusal = answer.err()?;
    Some(refusal.code().map_or_else(|| format!("{refusal:?}"), ToOwned::to_owned))
}

/// DynamoDB and KMS, as `product-create` may use them.
async fn clients_of_product_create(
    stack: &Stack,
    product_id: &str,
) -> (aws_sdk_dynamodb::Client, aws_sdk_kms::Client) {
    let credentials = credentials_of_product_create(stack, product_id).await;
    let dynamodb = stack.clients.dynamodb.config().to_builder();
    let kms = stack.clients.kms.config().to_builder();
    (
        aws_sdk_dynamodb::Client::from_conf(
            dynamodb.credentials_provider(credentials.clone()).build(),
        ),
        aws_sdk_kms::Client::from_conf(kms.credentials_provider(credentials).build()),
    )
}

fn string(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

/// Deletes the row that [`put`] puts.
async fn delete(client: &aws_sdk_dynamodb::Client, table: &str, partition: &str) -> Denial {
    let request = client.delete_item().table_name(table).key("PK", string(partition));
    denial(request.key("SK", string("none")).send().await)
}

/// Puts a row into `partition`.
async fn put(client: &aws_sdk_dynamodb::Client, table: &str, partition: &str) -> Denial {
    let request = client.put_item().table_name(table).item("PK", string(partition));
    denial(request.item("SK", string("none")).send().await)
}

/// Signs with the key of snapshots.
async fn sign(client: &aws_sdk_kms::Client, key: &str) -> Denial {
    let request = client.sign().key_id(key).message(Blob::new("statement"));
    denial(request.signing_algorithm(SigningAlgorithmSpec::Ed25519Sha512).send().await)
}

#[tokio::test]
async fn product_create_may_not_delete_a_row_of_the_audit_log() {
    let Some(stack) = Stack::find() else { return };
    let (client, _) = clients_of_product_create(&stack, "prod_delete").await;
    let table = stack.output("TableName");
    // What its statements cover shows that the credentials are right.
    assert_eq!(delete(&client, table, "SLUG#none").await.as_deref(), ALLOWED);
    assert_eq!(delete(&client, table, "AUDIT#none").await.as_deref(), DENIED);
}

#[tokio::test]
async fn product_create_may_not_make_a_token_or_a_key() {
    let Some(stack) = Stack::find() else { return };
    let (client, _) = clients_of_product_create(&stack, "prod_put").await;
    let table = stack.output("TableName");
    assert_eq!(put(&client, table, "SLUG#denied").await.as_deref(), ALLOWED);
    assert_eq!(delete(&client, table, "SLUG#denied").await.as_deref(), ALLOWED);
    for partition in ["TOKEN#denied", "TOKENID#denied", "KEYRING"] {
        assert_eq!(put(&client, table, partition).await.as_deref(), DENIED, "{partition}");
    }
}

#[tokio::test]
async fn product_create_may_not_sign() {
    let Some(stack) = Stack::find() else { return };
    let (table, kms) = clients_of_product_create(&stack, "prod_sign").await;
    let keys = stack.clients.kms.list_keys().send().await.unwrap();
    let envelope = stack.output("EnvelopeKeyArn");
    let mut arns = keys.keys().iter().filter_map(|key| key.key_arn());
    let key = arns.find(|arn| *arn != envelope).unwrap();
    // The request is one that the deployer may send, and the credentials are right.
    assert_eq!(sign(&stack.clients.kms, key).await.as_deref(), ALLOWED);
    assert_eq!(delete(&table, stack.output("TableName"), "SLUG#none").await.as_deref(), ALLOWED);
    assert_eq!(sign(&kms, key).await.as_deref(), DENIED);
}
