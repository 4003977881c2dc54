//! What no kept snapshot needs.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use slipway_domain::Sha256;

use super::files::list_names;
use super::{Current, Store};
use crate::error::{CliError, Result};

impl Store {
    /// Removes snapshots that are not kept, artifacts that no kept one refers to, and partial files
    /// that are of no use; tells how many artifacts.
    pub fn collect_garbage(&self, current: &Current) -> Result<usize> {
        let mut needed = BTreeSet::new();
        for id in &current.kept {
            needed.extend(
                self.manifest(id)?.distinct_artifacts().into_iter().map(|artifact| artifact.sha256),
            );
        }
        self.remove_snapshots(current)?;
        self.remove_partials()?;
        self.remove_blobs(&needed)
    }

    fn remove_snapshots(&self, current: &Current) -> Result<()> {
        let directory = self.path("snapshots");
        for name in list_names(&directory)? {
            if !current.kept.iter().any(|id| id.as_str() == name) {
                let path = directory.join(name);
                fs::remove_dir_all(&path).map_err(CliError::io(&path))?;
            }
        }
        Ok(())
    }

    fn remove_partials(&self) -> Result<()> {
        let directory = self.path("partial");
        list_names(&directory)?.into_iter().try_for_each(|name| remove(&directory.join(name)))
    }

    fn remove_blobs(&self, needed: &BTreeSet<Sha256>) -> Result<usize> {
        let mut removed = 0;
        let directory = self.path("blobs").join("sha256");
        for shard in list_names(&directory)? {
            for name in list_names(&directory.join(&shard))? {
                if !name.parse::<Sha256>().is_ok_and(|sha256| needed.contains(&sha256)) {
                    remove(&directory.join(&shard).join(name))?;
                    removed += 1;
                }
            }
        }
        Ok(removed)
    }
}

fn remove(path: &Path) -> Result<()> {
    fs::remove_file(path).map_err(CliError::io(path))
}
