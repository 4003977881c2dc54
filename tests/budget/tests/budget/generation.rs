//! What making a snapshot takes, whatever the size of the catalog.

use std::sync::Arc;

use slipway_aws::Clients;
use slipway_edge::telemetry::Record;
use slipway_edge::{Services, Settings};
use slipway_test_support::Kms;

use crate::child::{Work, command};
use crate::instructions::{can_be_counted, instructions};
use crate::shop::{Shop, clock};
use crate::snapshots::generate;

const MIB: u64 = 1 << 20;
/// The most instructions for each product, of two channels with four artifacts each, with our own crates not optimised.
const INSTRUCTIONS: u64 = 5_000_000;
/// The most memory for each product, in bytes.
const MEMORY: u64 = 25_000;

async fn made(shop: &Shop, services: &Arc<Services>) -> Record {
    let (answer, record) = generate("tenant_abc123", &shop.world.stack.admin_token).on(services).await;
    let snapshot = answer.expect(201);
    println!(
        "{} releases, {} artifacts, {} bytes of manifest",
        snapshot["release_count"], snapshot["artifact_count"], snapshot["manifest_bytes"]
    );
    record
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_products_take_a_page_a_megabyte_a_signature_and_an_object() {
    let (shop, bytes) = Shop::with_catalog(1000).await;
    let kms = Kms::start(&shop.world).await;
    let services = match &kms {
        None => shop.fresh_instance(),
        Some(kms) => {
            let key = slipway_signing::kms::create(&kms.client, "stack", slipway_signing::Context::Snapshot, clock().now()).await.unwrap();
            shop.world.join_key(&key, jiff::SignedDuration::ZERO).await;
            let settings = Settings { key_directory: None, ..shop.world.stack.settings.clone() };
            Services::new(&settings, &Clients { kms: kms.client.clone(), ..Clients::local(&shop.world.stack.local) }, clock())
        }
    };
    let record = made(&shop, &services).await;
    // Tenant, configuration and stream are read; then everything is stored at once.
    let pages = record.dynamodb_requests - 3 - 1;
    let megabytes = u64::try_from(bytes).unwrap().div_ceil(MIB);
    println!("{bytes} bytes of index in {pages} pages");
    assert!(pages <= megabytes, "{pages} pages for {bytes} bytes");
    assert_eq!((record.s3_requests, record.kms_requests), (1, u64::from(kms.is_some())));
    shop.world.stack.stop().await;
}

/// How much memory an instance takes for a snapshot, above what it has before.
async fn memory(shop: &Shop) -> u64 {
    let output = tokio::process::Command::from(command(shop, Work::Generate(1))).output().await.unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let measured = printed.lines().find_map(|line| line.strip_prefix("measured ")).unwrap_or_else(|| panic!("{printed}"));
    measured.parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_grows_with_the_catalog_and_no_faster() {
    for products in [100, 1000] {
        let (shop, _) = Shop::with_catalog(products).await;
        let bytes = memory(&shop).await;
        let each = bytes / u64::try_from(products).unwrap();
        println!("{products} products: {} KiB above idle, {each} bytes each", bytes >> 10);
        assert!(each < MEMORY, "{products} products take {each} bytes each, not {MEMORY}");
        shop.world.stack.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn instructions_grow_with_the_catalog_and_no_faster() {
    if !can_be_counted() {
        return;
    }
    let mut each = Vec::new();
    for products in [50, 200] {
        each.push(instructions_each(products).await);
    }
    assert!(each[1] < INSTRUCTIONS, "{} instructions for each product, not {INSTRUCTIONS}", each[1]);
    assert!(each[1] < each[0] + each[0] / 10, "{} for each of 200, {} for each of 50", each[1], each[0]);
}

/// How many instructions a snapshot of so many products takes, for each of them.
async fn instructions_each(products: usize) -> u64 {
    let (shop, _) = Shop::with_catalog(products).await;
    let (without, with) = (instructions(&shop, Work::Generate(0)).await, instructions(&shop, Work::Generate(1)).await);
    shop.world.stack.stop().await;
    let each = (with - without) / u64::try_from(products).unwrap();
    println!("{products} products: {} instructions, {each} each", with - without);
    each
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes: what docs/PERFORMANCE.md says of 100, 1,000 and 10,000 products"]
async fn the_figures_of_the_documentation() {
    for products in [100, 1000, 10_000] {
        let (shop, bytes) = Shop::with_catalog(products).await;
        let record = made(&shop, &shop.fresh_instance()).await;
        println!("{products} products: {bytes} bytes of index, {} requests, {} KiB", record.dynamodb_requests, memory(&shop).await >> 10);
        shop.world.stack.stop().await;
        instructions_each(products).await;
    }
}
