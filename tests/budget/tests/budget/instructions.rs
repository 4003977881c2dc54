//! How many instructions something takes: a figure that does not depend on what else the machine
//! does.

use std::process::{Command, Stdio};

use crate::budget_world::BudgetWorld;
use crate::child::{Work, instance};

/// The most for a decision about one product, with our own crates not optimised: a third of a
/// millisecond, of which the signature is most.
const AT_MOST: u64 = 1_500_000;
/// Warm decisions in the longer run.
const MANY: usize = 40;

/// Whether there is valgrind to count with, which CI has.
pub fn can_be_counted() -> bool {
    let is_there = Command::new("valgrind").arg("--version").stdout(Stdio::null()).status().is_ok();
    assert!(is_there || std::env::var("CI").as_deref() != Ok("true"), "valgrind has to be there");
    if !is_there {
        eprintln!("skipped: instructions; valgrind is not there");
    }
    is_there
}

#[tokio::test(flavor = "multi_thread")]
async fn a_warm_decision_stays_within_its_instructions() {
    if !can_be_counted() {
        return;
    }
    let fixture = BudgetWorld::with_products(1).await;
    let few = instructions(&fixture, Work::Decide(0)).await;
    let many = instructions(&fixture, Work::Decide(MANY)).await;
    let each = (many - few) / u64::try_from(MANY).unwrap();
    println!("a warm decision about one product takes {each} instructions");
    assert!(each < AT_MOST, "{each} instructions, not {AT_MOST}");
    fixture.world.stack.stop().await;
}

/// How many instructions an instance takes in all.
pub async fn instructions(fixture: &BudgetWorld, work: Work) -> u64 {
    let (arguments, (name, value)) = instance(fixture, work);
    let mut valgrind = tokio::process::Command::new("valgrind");
    valgrind
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(std::env::current_exe().unwrap());
    let output = valgrind.args(arguments).env(name, value).output().await.unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let collected = said
        .lines()
        .find_map(|line| line.split_once("Collected : "))
        .unwrap_or_else(|| panic!("{said}"));
    collected.1.trim().parse().unwrap()
}
