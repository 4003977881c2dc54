//! The steps, in their order. Nothing that is served changes before the last one, which is one
//! rename.

use futures::stream::{self, StreamExt};
use serde_json::Value;
use slipway_signing::{KeySet, parse_document};
use slipway_snapshot::{ArtifactSources, Bundle, BundleArtifact};
use url::Url;

use super::download::{Download, Fetched};
use super::missing::{HostFaults, MissingArtifact, MissingArtifacts};
use super::progress::{Progress, Verbosity};
use super::report::{Summary, record_outcome};
use crate::clock;
use crate::config::{Config, Switch};
use crate::error::{CliError, Result};
use crate::origin::{Client, Patience, fetch_policy};
use crate::status::{CheckDepth, is_intact};
use crate::store::{Current, Store, StoredDocument, SyncDecision};
use crate::verification::{VerifiedManifest, verify_bundle, verify_manifest};

/// The origin, and the client for it, after making sure that everything is there that a sync has to
/// know.
pub fn client(config: &Config) -> Result<(&Url, Client)> {
    let (origin, token) = config.sync_credentials()?;
    let allowed = fetch_policy(origin.clone(), config.insecure_http, config.allow_hosts.clone());
    let (ca_file, patience) = (config.ca_file.as_deref(), Patience::of(config));
    let client = Client::new(allowed, Some(&token), ca_file, &config.network()?, patience)?;
    Ok((origin, client))
}

/// Syncs once, keeps how it ended, and reports it upward.
pub async fn sync(config: &Config, depth: CheckDepth, verbosity: Verbosity) -> Result<Summary> {
    let (origin, client) = client(config)?;
    let store = Store::new(config.directory.clone());
    let held = store.lock()?;
    let outcome =
        SyncRun { config, client: &client, store: &store, depth, verbosity }.run(origin).await;
    drop(held);
    record_outcome(config, &client, &store, origin, outcome, verbosity).await
}

/// The keys to trust: those that were pinned, else those that the origin publishes.
async fn trusted_keys(config: &Config, client: &Client, origin: &Url) -> Result<KeySet> {
    let Some(path) = &config.keys else { return client.keys(origin).await };
    let bytes = std::fs::read(path).map_err(CliError::io(path))?;
    serde_json::from_slice(&bytes)
        .map_err(|error| CliError::Usage(format!("{}: {error}", path.display())))
}

/// One sync.
struct SyncRun<'a> {
    config: &'a Config,
    client: &'a Client,
    store: &'a Store,
    depth: CheckDepth,
    verbosity: Verbosity,
}

impl SyncRun<'_> {
    async fn run(&self, origin: &Url) -> Result<Summary> {
        let current = self.store.current()?;
        // 1, 2: the latest snapshot, verified.
        let keys = trusted_keys(self.config, self.client, origin).await?;
        let verified = verify_manifest(
            self.client.latest(self.config).await?,
            &keys,
            self.config.tenant_id.as_ref(),
            clock::now(),
        )?;
        self.check_tenant(current.as_ref(), &verified)?;
        // 3: is it newer?
        let step = current
            .as_ref()
            .map_or(Ok(SyncDecision::Replace), |current| current.evaluate(&verified.manifest))?;
        // 4, 5: its bundle, and what that refers to.
        let bundle = self.bundle(&verified, step).await?;
        self.sweep(current.as_ref(), &bundle.artifacts);
        // 6, 7: artifacts, each verified before it gets its name.
        let mut summary = self.artifacts(&verified, &bundle.artifacts).await?;
        if let (Switch::Complete, Some(missing)) = (self.config.switch, &summary.missing) {
            return Err(CliError::NotFetched(missing.clone()));
        }
        self.keep(&verified, &bundle, &keys)?;
        // 8: from here on it is what is served.
        let whole_at = summary.missing.is_none().then(clock::now);
        let mut current =
            Current::successor(current, &verified.manifest, self.config.keep, whole_at);
        // What is damaged of an older one is of no use to anybody.
        current.kept.retain(|id| self.store.manifest(id).is_ok());
        self.store.set_current(&current)?;
        summary.removed = self.store.collect_garbage(&current)?;
        Ok(summary)
    }

    /// Makes sure that the directory is of no other tenant: every tenant has a stream `all`, whose
    /// sequences have nothing to do with each other.
    fn check_tenant(&self, current: Option<&Current>, verified: &VerifiedManifest) -> Result<()> {
        let served = current.and_then(|current| self.store.manifest(&current.snapshot_id).ok());
        let Some(other) = served.filter(|it| it.tenant_id != verified.manifest.tenant_id) else {
            return Ok(());
        };
        Err(CliError::Usage(format!(
            "`tenant_id` and `directory` contradict each other: {} has the snapshots of {}, not of {}; each tenant needs a directory of its own",
            self.store.root().display(),
            other.tenant_id,
            verified.manifest.tenant_id
        )))
    }

    /// Removes what syncs that did not end have left and nobody needs: before anything is fetched,
    /// as it may be what the disk is full of.
    fn sweep(&self, current: Option<&Current>, artifacts: &[BundleArtifact]) {
        let removed = self.store.sweep(current, artifacts);
        if removed > 0 && self.verbosity == Verbosity::Progress {
            eprintln!("removed what an earlier sync has left: {removed} files and directories");
        }
    }

    /// The bundle: the one that is served already, where it is whole, else the origin's.
    async fn bundle(
        &self,
        verified: &VerifiedManifest,
        step: SyncDecision,
    ) -> Result<Bundle<Value>> {
        match self.kept_bundle(verified).filter(|_| step == SyncDecision::AlreadyCurrent) {
            Some(bundle) => Ok(bundle),
            None => verify_bundle(
                self.client.bundle(self.config, &verified.manifest.snapshot_id).await?,
                verified,
            ),
        }
    }

    fn kept_bundle(&self, verified: &VerifiedManifest) -> Option<Bundle<Value>> {
        let bytes =
            self.store.document(&verified.manifest.snapshot_id, StoredDocument::Bundle).ok()?;
        verify_bundle(parse_document(&bytes).ok()?, verified).ok()
    }

    /// Fetches what is missing. One that fails does not keep the others from coming; a disk that
    /// fails does.
    async fn artifacts(
        &self,
        verified: &VerifiedManifest,
        artifacts: &[BundleArtifact],
    ) -> Result<Summary> {
        let sources = verified.manifest.artifact_sources();
        let absent: Vec<_> = artifacts
            .iter()
            .zip(&sources)
            .filter(|(_, sources)| !is_intact(self.store, sources, self.depth))
            .collect();
        let size = absent.iter().map(|(artifact, _)| artifact.size_bytes).sum();
        let progress = Progress::new(self.verbosity, size);
        let hosts = HostFaults::default();
        let (progress_bars, hosts) = (&progress, &hosts);
        let downloads =
            absent.into_iter().enumerate().map(|(index, (artifact, sources))| async move {
                (index, artifact, self.fetch(sources, progress_bars, hosts).await)
            });
        let mut outcomes = stream::iter(downloads).buffer_unordered(self.config.parallel);
        let (mut summary, mut missing) = (summary(verified, artifacts), Vec::new());
        while let Some((index, artifact, outcome)) = outcomes.next().await {
            match outcome {
                Ok(fetched) => {
                    summary.artifacts_fetched += 1;
                    summary.bytes_fetched += fetched.bytes;
                }
                Err(failure @ CliError::Disk { .. }) => return Err(failure),
                Err(cause) => {
                    let manifest = &verified.manifest;
                    missing.push((index, MissingArtifact::new(artifact, manifest, &cause)));
                }
            }
        }
        progress.finish();
        missing.sort_by_key(|(index, _)| *index);
        let list: Vec<_> = missing.into_iter().map(|(_, artifact)| artifact).collect();
        let total = summary.artifacts_total;
        summary.missing = (!list.is_empty()).then_some(MissingArtifacts { list, total });
        Ok(summary)
    }

    /// Fetches an artifact from the first of its sources that has it: what the others claim of these
    /// bytes may be wrong. Where none has, why the first one has not.
    async fn fetch(
        &self,
        artifact: &ArtifactSources,
        progress: &Progress,
        hosts: &HostFaults,
    ) -> Result<Fetched> {
        let (client, store) = (self.client, self.store);
        let mut first_failure = None;
        for artifact in &artifact.sources {
            match (Download { client, store, artifact, progress, hosts }).run().await {
                Err(failure) if !matches!(failure, CliError::Disk { .. }) => {
                    first_failure.get_or_insert(failure);
                }
                outcome => return outcome,
            }
        }
        Err(first_failure.unwrap_or_else(|| CliError::Other("an artifact without a source".into())))
    }

    fn keep(
        &self,
        verified: &VerifiedManifest,
        bundle: &Bundle<Value>,
        keys: &KeySet,
    ) -> Result<()> {
        let json = |value: serde_json::Result<Vec<u8>>| {
            value.map_err(|error| CliError::Other(error.to_string()))
        };
        let (manifest, bundle, keys) = (
            json(serde_json::to_vec(&verified.document))?,
            json(serde_json::to_vec(bundle))?,
            json(serde_json::to_vec(keys))?,
        );
        let documents = [
            (StoredDocument::Manifest, &*manifest),
            (StoredDocument::Bundle, &*bundle),
            (StoredDocument::Keys, &*keys),
        ];
        self.store.store_snapshot(&verified.manifest.snapshot_id, &documents)
    }
}

/// What a sync of a snapshot with these artifacts has done before it begins.
fn summary(verified: &VerifiedManifest, artifacts: &[BundleArtifact]) -> Summary {
    let manifest = &verified.manifest;
    Summary {
        snapshot_id: manifest.snapshot_id.clone(),
        stream: manifest.stream.clone(),
        sequence: manifest.sequence,
        artifacts_total: artifacts.len(),
        artifacts_fetched: 0,
        bytes_total: artifacts.iter().map(|one| one.size_bytes).sum(),
        bytes_fetched: 0,
        removed: 0,
        missing: None,
    }
}
