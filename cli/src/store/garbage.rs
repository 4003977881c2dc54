//! What no kept snapshot needs.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use slipway_domain::Sha256;
use slipway_snapshot::BundleArtifact;

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
        self.remove_partials(current)?;
        self.remove_blobs(&needed)
    }

    /// Removes what syncs that were cut short have left, as far as neither a snapshot that is kept
    /// nor the one with `artifacts` needs it; tells how many files and directories. What can't be
    /// removed stays for [`collect_garbage`](Self::collect_garbage), which reports it.
    pub fn sweep(&self, current: Option<&Current>, artifacts: &[BundleArtifact]) -> usize {
        let mut needed: BTreeSet<Sha256> = artifacts.iter().map(|one| one.sha256).collect();
        let kept = current.map(|current| &*current.kept).unwrap_or_default();
        let mut removed = remove_where(&self.path("partial"), |name| {
            !name.parse().is_ok_and(|sha256: Sha256| needed.contains(&sha256))
        });
        removed +=
            remove_where(self.root(), |name| ["current.new", "last-sync.new"].contains(&name));
        removed += remove_where(&self.path("snapshots"), |name| {
            !kept.iter().any(|id| id.as_str() == name)
        });
        for id in kept {
            let documents = self.path("snapshots").join(id.as_str());
            removed += remove_where(&documents, |name| {
                Path::new(name).extension().is_some_and(|extension| extension == "new")
            });
            // Nobody knows what one with a damaged manifest needs: then every artifact stays.
            let Ok(manifest) = self.manifest(id) else { return removed };
            needed.extend(manifest.distinct_artifacts().into_iter().map(|one| one.sha256));
        }
        removed + self.remove_blobs(&needed).unwrap_or_default()
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

    /// Removes all parts but those of artifacts that are served and not here: the next sync goes on
    /// with them.
    fn remove_partials(&self, current: &Current) -> Result<()> {
        let served = self.manifest(&current.snapshot_id)?.distinct_artifacts();
        let missing = served.iter().filter(|one| !self.has_blob(&one.sha256, one.size_bytes));
        let missing: BTreeSet<String> = missing.map(|one| one.sha256.to_string()).collect();
        let directory = self.path("partial");
        let mut garbage =
            list_names(&directory)?.into_iter().filter(|name| !missing.contains(name));
        garbage.try_for_each(|name| remove(&directory.join(name)))
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

/// Removes what in `directory` has such a name, and tells how many.
fn remove_where(directory: &Path, is_garbage: impl Fn(&str) -> bool) -> usize {
    let names = list_names(directory).unwrap_or_default();
    let garbage = names.into_iter().filter(|name| is_garbage(name));
    let removed = garbage.filter(|name| {
        let path = directory.join(name);
        let is_directory = path.is_dir() && !path.is_symlink();
        if is_directory { fs::remove_dir_all(&path) } else { fs::remove_file(&path) }.is_ok()
    });
    removed.count()
}

fn remove(path: &Path) -> Result<()> {
    fs::remove_file(path).map_err(CliError::io(path))
}
