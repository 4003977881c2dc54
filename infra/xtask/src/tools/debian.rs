//! Programs of Debian packages, unpacked where no root is needed: a container registry, and what
//! fills it and looks into it.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::{ToolPolicy, provide};
use crate::exec::{capture, program};
use crate::failure::{Failure, Result};
use crate::paths;

/// `docker-registry` and `skopeo`, with the libraries that `skopeo` needs and a bare Debian lacks.
pub static REGISTRY: Packages = Packages { pins: "registry.txt", tried: OnceLock::new() };

/// Packages that are unpacked into a directory of their own.
pub struct Packages {
    /// The file among the pins that names them, a line each.
    pins: &'static str,
    /// How installing them went: it is tried once.
    tried: OnceLock<std::result::Result<(), String>>,
}

impl Packages {
    /// A program of the packages.
    pub fn program(&self, name: &str, policy: ToolPolicy) -> Result<PathBuf> {
        let directory = paths::tools().join("registry");
        let tried = self.tried.get_or_init(|| {
            install(&directory, self.pins, policy).map_err(|failure| failure.to_string())
        });
        tried.clone().map(|()| directory.join("bin").join(name)).map_err(Failure::Missing)
    }
}

fn install(directory: &Path, pins: &str, policy: ToolPolicy) -> Result<()> {
    let file = paths::pins().join(pins);
    let pins = std::fs::read_to_string(&file).map_err(|error| Failure::at(&file, error))?;
    provide(directory, &pins, policy, || {
        println!("unpacking the Debian packages of {}", file.display());
        let packages: Vec<&str> = pins.lines().filter(|line| !line.starts_with('#')).collect();
        download(directory, &packages)?;
        for package in
            std::fs::read_dir(directory).map_err(|error| Failure::at(directory, error))?
        {
            let package = package.map_err(|error| Failure::at(directory, error))?.path();
            if package.extension().is_some_and(|extension| extension == "deb") {
                capture(program("dpkg-deb").arg("--extract").arg(&package).arg(directory))?;
            }
        }
        ["docker-registry", "skopeo"].into_iter().try_for_each(|name| wrapper(directory, name))
    })
}

/// Fetches packages with the machine's own lists, and with new ones where it has none or old ones.
fn download(directory: &Path, packages: &[&str]) -> Result<()> {
    let fetch = || {
        let mut command = program("apt-get");
        // A directory that only its owner may write is fine: apt says so, and fetches all the same.
        command.args(["--quiet", "--quiet", "download"]).args(packages).current_dir(directory);
        capture(&mut command)
    };
    if fetch().is_err() {
        capture(program("apt-get").args(["--quiet", "--quiet", "update"]))?;
        fetch()?;
    }
    Ok(())
}

/// A script in `bin` that starts a program with the libraries that came with it.
fn wrapper(directory: &Path, name: &str) -> Result<()> {
    let (root, bin) = (directory.display(), directory.join("bin"));
    let script = format!(
        "#!/bin/sh\nLD_LIBRARY_PATH=$(echo {root}/lib/*-linux-gnu {root}/usr/lib/*-linux-gnu | tr ' ' :) exec {root}/usr/bin/{name} \"$@\"\n"
    );
    std::fs::create_dir_all(&bin).map_err(|error| Failure::at(&bin, error))?;
    let path = bin.join(name);
    std::fs::write(&path, script).map_err(|error| Failure::at(&path, error))?;
    capture(program("chmod").arg("755").arg(&path)).map(drop)
}
