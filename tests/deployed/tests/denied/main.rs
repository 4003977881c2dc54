//! What a function's own credentials are denied. It runs after the call log was read: a denied
//! call of a scenario fails the stage, these are denied on purpose.
#![expect(clippy::unwrap_used, reason = "a test that can't go on has to say so at once")]

use aws_sdk_dynamodb::config::Credentials;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::types::AttributeValue;
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

/// The code with which a call was refused.
fn code<E: ProvideErrorMetadata, R>(refusal: &SdkError<E, R>) -> &str {
    refusal.as_service_error().and_then(ProvideErrorMetadata::code).unwrap_or_default()
}

#[tokio::test]
async fn product_create_may_not_delete_a_row_of_the_audit_log() {
    let Some(stack) = Stack::find().await else { return };
    let credentials = credentials_of_product_create(&stack, "prod_delete").await;
    let config = stack.clients.dynamodb.config().to_builder().credentials_provider(credentials);
    let client = aws_sdk_dynamodb::Client::from_conf(config.build());
    let delete = |partition: &str| {
        let request = client.delete_item().table_name(stack.output("TableName"));
        let request = request.key("PK", AttributeValue::S(partition.to_owned()));
        request.key("SK", AttributeValue::S("none".to_owned())).send()
    };
    // What its statements cover shows that the credentials are right.
    delete("SLUG#none").await.unwrap();
    let refusal = delete("AUDIT#none").await.unwrap_err();
    assert_eq!(code(&refusal), "AccessDeniedException", "{refusal:?}");
}

#[tokio::test]
async fn product_create_may_not_sign() {
    let Some(stack) = Stack::find().await else { return };
    let credentials = credentials_of_product_create(&stack, "prod_sign").await;
    let keys = stack.clients.kms.list_keys().send().await.unwrap();
    let envelope = stack.output("EnvelopeKeyArn");
    let mut arns = keys.keys().iter().filter_map(|key| key.key_arn());
    let signs_snapshots = arns.find(|arn| *arn != envelope).unwrap();
    let config = stack.clients.kms.config().to_builder().credentials_provider(credentials);
    let request = aws_sdk_kms::Client::from_conf(config.build()).sign().key_id(signs_snapshots);
    let request = request.message(aws_sdk_kms::primitives::Blob::new("statement"));
    let request =
        request.signing_algorithm(aws_sdk_kms::types::SigningAlgorithmSpec::Ed25519Sha512);
    let refusal = request.send().await.unwrap_err();
    assert_eq!(code(&refusal), "AccessDeniedException", "{refusal:?}");
}
