//! How many instructions a warm decision takes: a figure that does not depend on what else the machine does.

use std::process::{Command, Stdio};

use crate::child;
use crate::shop::Shop;

/// The most for one product, with our own crates not optimised: a third of a millisecond, of which the signature is most.
const AT_MOST: u64 = 1_500_000;
/// Warm decisions in the longer run.
const MANY: usize = 40;

#[tokio::test(flavor = "multi_thread")]
async fn a_warm_decision_stays_within_its_instructions() {
    if Command::new("valgrind").arg("--version").stdout(Stdio::null()).status().is_err() {
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "valgrind has to be there");
        eprintln!("skipped: instructions of a decision; valgrind is not there");
        return;
    }
    let shop = Shop::with_products(1).await;
    let few = instructions(&child::instance(&shop, 1, 0)).await;
    let many = instructions(&child::instance(&shop, 1, MANY)).await;
    let each = (many - few) / u64::try_from(MANY).unwrap();
    println!("a warm decision about one product takes {each} instructions");
    assert!(each < AT_MOST, "{each} instructions, not {AT_MOST}");
    shop.world.stack.stop().await;
}

/// How many instructions an instance takes in all.
async fn instructions(knows: &str) -> u64 {
    let mut valgrind = tokio::process::Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(std::env::current_exe().unwrap());
    valgrind.args(["--exact", "child::decisions_of_an_instance", "--ignored", "--test-threads=1"]).env(child::KNOWS, knows);
    let output = valgrind.output().await.unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let collected = said.lines().find_map(|line| line.split_once("Collected : ")).unwrap_or_else(|| panic!("{said}"));
    collected.1.trim().parse().unwrap()
}
