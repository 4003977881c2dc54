//! The steps, in their order. Nothing that is served changes before the last one, which is one
//! rename.

use futures::stream::{self, StreamExt, TryStreamExt};
use serde_json::Value;
use slipway_signing::KeySet;
use slipway_snapshot::{Bundle, BundleArtifact};
use url::Url;

use super::download::{Download, Fetched};
use super::progress::{Progress, Verbosity};
use super::report::{Summary, record_outcome};
use crate::clock;
use crate::config::Config;
use crate::error::{CliError, Result};
use crate::origin::{Client, fetch_policy};
use crate::status::{CheckDepth, is_intact};
use crate::store::{Current, Store, StoredDocument, SyncDecision};
use crate::verification::{VerifiedManifest, verify_bundle, verify_manifest};

/// Syncs once, keeps how it ended, and reports it upward.
pub async fn sync(config: &Config, depth: CheckDepth, verbosity: Verbosity) -> Result<Summary> {
    let (origin, token) = config.sync_credentials()?;
    let allowed = fetch_policy(origin.clone(), config.insecure_http, config.allow_hosts.clone());
    let client = Client::new(allowed, Some(&token), config.ca_file.as_deref(), config.timeout)?;
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
        // 3: is it newer?
        let step = current
            .as_ref()
            .map_or(Ok(SyncDecision::Replace), |current| current.evaluate(&verified.manifest))?;
        // 4, 5: its bundle, and what that refers to.
        let bundle = self.bundle(&verified, step).await?;
        // 6, 7: artifacts, each verified before it gets its name.
        let mut summary = self.artifacts(&verified, &bundle.artifacts).await?;
        self.keep(&verified, &bundle, &keys)?;
        // 8: from here on it is what is served.
        let mut current =
            Current::successor(current, &verified.manifest, self.config.keep, clock::now());
        // What is damaged of an older one is of no use to anybody.
        current.kept.retain(|id| self.store.manifest(id).is_ok());
        self.store.set_current(&current)?;
        summary.removed = self.store.collect_garbage(&current)?;
        Ok(summary)
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
        verify_bundle(serde_json::from_slice(&bytes).ok()?, verified).ok()
    }

    async fn artifacts(
        &self,
        verified: &VerifiedManifest,
        artifacts: &[BundleArtifact],
    ) -> Result<Summary> {
        let missing: Vec<&BundleArtifact> =
            artifacts.iter().filter(|one| !is_intact(self.store, one, self.depth)).collect();
        let progress =
            Progress::new(self.verbosity, missing.iter().map(|one| one.size_bytes).sum());
        let downloads = missing.iter().map(|artifact| {
            Download { client: self.client, store: self.store, artifact, progress: &progress }.run()
        });
        // The first that fails ends them all; what has come of the others goes on next time.
        let fetched: Vec<Fetched> =
            stream::iter(downloads).buffer_unordered(self.config.parallel).try_collect().await?;
        progress.finish();
        Ok(Summary {
            snapshot_id: verified.manifest.snapshot_id.clone(),
            stream: verified.manifest.stream.clone(),
            sequence: verified.manifest.sequence,
            artifacts_total: artifacts.len(),
            artifacts_fetched: fetched.len(),
            bytes_total: artifacts.iter().map(|one| one.size_bytes).sum(),
            bytes_fetched: fetched.iter().map(|one| one.bytes).sum(),
            removed: 0,
        })
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
