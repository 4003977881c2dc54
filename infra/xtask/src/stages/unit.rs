//! The unit tests of the packages that changed.

use std::collections::BTreeSet;

use super::report::Coverage;
use super::tests::runner;
use crate::exec::run;
use crate::failure::Result;
use crate::packages::{CargoPackage, changed};

/// Runs the unit tests of each package with a file that differs from the commit. The packages in
/// `tests` have none: what is there takes stacks and minutes, and is named as left out.
pub fn run_changed() -> Result<Coverage> {
    let (suites, units): (Vec<_>, Vec<_>) =
        changed()?.into_iter().partition(|package| package.directory().starts_with("tests"));
    if !units.is_empty() {
        test(&units)?;
    }
    Ok(coverage(&units, &suites))
}

/// Runs the unit tests of `packages`.
fn test(packages: &[CargoPackage]) -> Result<()> {
    let targets: BTreeSet<_> = packages.iter().map(CargoPackage::unit_tests).collect();
    let mut command = runner(&[]);
    for package in packages {
        command.args(["--package", &package.name]);
    }
    command.args(targets.into_iter().flatten());
    run(&mut command)
}

/// What of a change was tested: the packages `units`, and not those of `suites`.
fn coverage(units: &[CargoPackage], suites: &[CargoPackage]) -> Coverage {
    let names = |packages: &[CargoPackage]| {
        packages.iter().map(|package| package.name.as_str()).collect::<Vec<_>>().join(", ")
    };
    if suites.is_empty() {
        Coverage::Full(if units.is_empty() {
            "no package changed".to_owned()
        } else {
            names(units)
        })
    } else {
        Coverage::Partial(format!("not run: {}", names(suites)))
    }
}
