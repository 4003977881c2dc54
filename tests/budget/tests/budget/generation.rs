//! What making a snapshot takes, whatever the size of the catalog.

use std::sync::Arc;

use slipway_aws::Clients;
use slipway_edge::telemetry::LogRecord;
use slipway_edge::{Services, Settings};
use slipway_test_support::Kms;

use crate::budget_world::{BudgetWorld, clock};
use crate::child::{Work, command};
use crate::instructions::{can_be_counted, instructions};
use crate::snapshots::generate;

const MIB: u64 = 1 << 20;
/// The most instructions for each product, of two channels with four artifacts each, with our own
/// crates not optimised.
const INSTRUCTIONS: u64 = 5_000_000;
/// The most memory for each product, in bytes.
const MEMORY: u64 = 25_000;
/// The most memory besides, however few products there are: pages of code and buffers that are
/// touched for the first time. How many those are differs from build to build by some 600 KiB.
const MEMORY_BESIDES: u64 = 2 * MIB;

async fn made(fixture: &BudgetWorld, services: &Arc<Services>) -> LogRecord {
    let (answer, record) =
        generate("tenant_abc123", &fixture.world.stack.admin_token).on(services).await;
    let snapshot = answer.expect(201);
    println!(
        "{} releases, {} artifacts, {} bytes of manifest",
        snapshot["release_count"], snapshot["artifact_count"], snapshot["manifest_bytes"]
    );
    record
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_products_take_a_page_a_megabyte_twenty_batches_a_signature_and_an_object() {
    let (fixture, bytes) = BudgetWorld::with_catalog(1000).await;
    let kms = Kms::start(&fixture.world).await;
    let services = match &kms {
        None => fixture.fresh_instance(),
        Some(kms) => {
            let key = slipway_signing_kms::kms::create(
                &kms.client,
                "stack",
                slipway_signing::Context::Snapshot,
                clock().now(),
            )
            .await
            .unwrap();
            fixture.world.join_key(&key, jiff::SignedDuration::ZERO).await;
            let settings = Settings { key_directory: None, ..fixture.world.stack.settings.clone() };
            Services::new(
                &settings,
                &Clients {
                    kms: kms.client.clone().into(),
                    ..Clients::local(&fixture.world.stack.local)
                },
                clock(),
            )
        }
    };
    let record = made(&fixture, &services).await;
    // Tenant, configuration and stream are read; then everything is stored at once.
    // A thousand products have two thousand channels, and a hundred heads come at once.
    let batches = 2_000 / 100;
    let pages = record.dynamodb_requests - 3 - 1 - batches;
    let megabytes = u64::try_from(bytes).unwrap().div_ceil(MIB);
    println!("{bytes} bytes of index in {pages} pages");
    assert!(pages <= megabytes, "{pages} pages for {bytes} bytes");
    assert_eq!((record.s3_requests, record.kms_requests), (1, u64::from(kms.is_some())));
    fixture.world.stack.stop().await;
}

/// How much memory an instance takes for a snapshot, above what it has before.
async fn memory(fixture: &BudgetWorld) -> u64 {
    let output =
        tokio::process::Command::from(command(fixture, Work::Generate(1))).output().await.unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let measured = printed
        .lines()
        .find_map(|line| line.strip_prefix("measured "))
        .unwrap_or_else(|| panic!("{printed}"));
    measured.parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_grows_with_the_catalog_and_no_faster() {
    for products in [100, 1000] {
        let (fixture, _) = BudgetWorld::with_catalog(products).await;
        let bytes = memory(&fixture).await;
        println!("{products} products: {} KiB above idle", bytes >> 10);
        let most = MEMORY_BESIDES + u64::try_from(products).unwrap() * MEMORY;
        assert!(bytes < most, "{products} products take {bytes} bytes, not {most}");
        fixture.world.stack.stop().await;
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
    assert!(
        each[1] < INSTRUCTIONS,
        "{} instructions for each product, not {INSTRUCTIONS}",
        each[1]
    );
    assert!(
        each[1] < each[0] + each[0] / 10,
        "{} for each of 200, {} for each of 50",
        each[1],
        each[0]
    );
}

/// How many instructions a snapshot of so many products takes, for each of them.
async fn instructions_each(products: usize) -> u64 {
    let (fixture, _) = BudgetWorld::with_catalog(products).await;
    let (without, with) = (
        instructions(&fixture, Work::Generate(0)).await,
        instructions(&fixture, Work::Generate(1)).await,
    );
    fixture.world.stack.stop().await;
    let each = (with - without) / u64::try_from(products).unwrap();
    println!("{products} products: {} instructions, {each} each", with - without);
    each
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes: what docs/PERFORMANCE.md says of 100, 1,000 and 10,000 products"]
async fn the_figures_of_the_documentation() {
    for products in [100, 1000, 10_000] {
        let (fixture, bytes) = BudgetWorld::with_catalog(products).await;
        let record = made(&fixture, &fixture.fresh_instance()).await;
        println!(
            "{products} products: {bytes} bytes of index, {} requests, {} KiB",
            record.dynamodb_requests,
            memory(&fixture).await >> 10
        );
        fixture.world.stack.stop().await;
        instructions_each(products).await;
    }
}
