//! A function instance in a process of its own: this test binary, started again under valgrind.

use std::sync::Arc;

use jiff::SignedDuration;
use slipway_aws::{Clients, Local};
use slipway_edge::{Services, Settings};
use slipway_test_support::Call;

use crate::shop::{Shop, clock, decisions};

/// What the instance needs to know, a line each.
pub const KNOWS: &str = "SLIPWAY_TEST_INSTANCE";

/// What an instance needs to know to answer one cold decision about `products` products and `warm` warm ones.
pub fn instance(shop: &Shop, products: usize, warm: usize) -> String {
    let Local { dynamodb_url, s3_url, access_key_id, secret_access_key } = &shop.world.stack.local;
    let Settings { table, bucket, key_directory, .. } = &shop.world.stack.settings;
    let keys = key_directory.as_ref().unwrap().display().to_string();
    let numbers = [products.to_string(), warm.to_string()];
    let texts = [dynamodb_url, s3_url, access_key_id, secret_access_key, table, bucket, &keys, &numbers[0], &numbers[1]];
    texts.map(String::as_str).join("\n")
}

#[test]
#[ignore = "the function instance whose instructions are counted"]
fn decisions_of_an_instance() {
    let Ok(knows) = std::env::var(KNOWS) else { return };
    let knows: Vec<String> = knows.lines().map(str::to_owned).collect();
    let [dynamodb_url, s3_url, access_key_id, secret_access_key, table, bucket, keys, products, warm] = knows.try_into().unwrap();
    let local = Local { dynamodb_url, s3_url, access_key_id, secret_access_key };
    let settings = Settings {
        table,
        bucket,
        admin_token: slipway_domain::Sha256::of(b""),
        decision_cache: SignedDuration::from_secs(5),
        key_directory: Some(keys.into()),
        public_url: None,
        batch_window: SignedDuration::from_secs(300),
    };
    let services: Arc<Services> = Services::new(&settings, &Clients::local(&local), clock());
    let call = Call::new("decision", "/v1/decision").json(&decisions(products.parse().unwrap()));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        for _ in 0..=warm.parse::<usize>().unwrap() {
            assert_eq!(call.on(&services).await.0.status, 200);
        }
    });
    std::process::exit(0);
}
