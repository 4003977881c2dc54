//! The steps, in their order. Nothing that is served changes before the last one, which is one
//! rename.

use futures::stream::{self, StreamExt, TryStreamExt};
use serde_json::Value;
use slipway_domain::Timestamp;
use slipway_signing::KeySet;
use slipway_snapshot::{Bundle, BundleArtifact};
use url::Url;

use super::download::{Download, Fetched};
use super::progress::{Progress, Verbosity};
use super::report::{Summary, conclude};
use crate::acceptance::{AcceptedManifest, accept, accept_bundle};
use crate::config::Config;
use crate::failure::{Failure, Result};
use crate::origin::{Client, FetchPolicy};
use crate::status::{CheckDepth, is_whole};
use crate::store::{Current, Store, StoredDocument, SyncStep};

/// Syncs once, keeps how it ended, and reports it upward.
pub async fn sync(config: &Config, depth: CheckDepth, telling: Verbosity) -> Result<Summary> {
    let (origin, token) = config.ready_to_sync()?;
    let allowed = FetchPolicy::new(origin.clone(), config.plain, config.allow_hosts.clone());
    let client = Client::new(allowed, Some(token), config.ca_file.as_deref(), config.timeout)?;
    let store = Store::new(config.directory.clone());
    let held = store.lock()?;
    let outcome =
        SyncRun { config, client: &client, store: &store, depth, telling }.run(origin).await;
    drop(held);
    conclude(config, &client, &store, origin, outcome, telling).await
}

/// The keys to trust: those that were pinned, else those that the origin publishes.
async fn trusted_keys(config: &Config, client: &Client, origin: &Url) -> Result<KeySet> {
    let Some(path) = &config.keys else { return client.keys(origin).await };
    let bytes = std::fs::read(path).map_err(Failure::disk(path))?;
    serde_json::from_slice(&bytes)
        .map_err(|error| Failure::Usage(format!("{}: {error}", path.display())))
}

/// One sync.
struct SyncRun<'a> {
    config: &'a Config,
    client: &'a Client,
    store: &'a Store,
    depth: CheckDepth,
    telling: Verbosity,
}

impl SyncRun<'_> {
    async fn run(&self, origin: &Url) -> Result<Summary> {
        let current = self.store.current()?;
        // 1, 2: the latest snapshot, verified.
        let keys = trusted_keys(self.config, self.client, origin).await?;
        let accepted = accept(
            self.client.latest(self.config).await?,
            &keys,
            self.config.tenant_id.as_ref(),
            Timestamp::now(),
        )?;
        // 3: is it newer?
        let step = current
            .as_ref()
            .map_or(Ok(SyncStep::Switch), |current| current.judge(&accepted.manifest))?;
        // 4, 5: its bundle, and what that refers to.
        let bundle = self.bundle(&accepted, step).await?;
        // 6, 7: artifacts, each verified before it gets its name.
        let mut summary = self.artifacts(&accepted, &bundle.artifacts).await?;
        self.keep(&accepted, &bundle, &keys)?;
        // 8: from here on it is what is served.
        let mut current =
            Current::after(current, &accepted.manifest, self.config.keep, Timestamp::now());
        // What is damaged of an older one is of no use to anybody.
        current.kept.retain(|id| self.store.manifest(id).is_ok());
        self.store.switch(&current)?;
        summary.removed = self.store.collect_garbage(&current)?;
        Ok(summary)
    }

    /// The bundle: the one that is served already, where it is whole, else the origin's.
    async fn bundle(&self, accepted: &AcceptedManifest, step: SyncStep) -> Result<Bundle<Value>> {
        match self.kept_bundle(accepted).filter(|_| step == SyncStep::Stay) {
            Some(bundle) => Ok(bundle),
            None => accept_bundle(
                self.client.bundle(self.config, &accepted.manifest.snapshot_id).await?,
                accepted,
            ),
        }
    }

    fn kept_bundle(&self, accepted: &AcceptedManifest) -> Option<Bundle<Value>> {
        let bytes =
            self.store.document(&accepted.manifest.snapshot_id, StoredDocument::Bundle).ok()?;
        accept_bundle(serde_json::from_slice(&bytes).ok()?, accepted).ok()
    }

    async fn artifacts(
        &self,
        accepted: &AcceptedManifest,
        artifacts: &[BundleArtifact],
    ) -> Result<Summary> {
        let missing: Vec<&BundleArtifact> =
            artifacts.iter().filter(|one| !is_whole(self.store, one, self.depth)).collect();
        let progress = Progress::new(self.telling, missing.iter().map(|one| one.size_bytes).sum());
        let downloads = missing.iter().map(|artifact| {
            Download { client: self.client, store: self.store, artifact, progress: &progress }.run()
        });
        // The first that fails ends them all; what has come of the others goes on next time.
        let fetched: Vec<Fetched> =
            stream::iter(downloads).buffer_unordered(self.config.parallel).try_collect().await?;
        progress.finish();
        Ok(Summary {
            snapshot_id: accepted.manifest.snapshot_id.clone(),
            stream: accepted.manifest.stream.clone(),
            sequence: accepted.manifest.sequence,
            artifacts_total: artifacts.len(),
            artifacts_fetched: fetched.len(),
            bytes_total: artifacts.iter().map(|one| one.size_bytes).sum(),
            bytes_fetched: fetched.iter().map(|one| one.bytes).sum(),
            removed: 0,
        })
    }

    fn keep(
        &self,
        accepted: &AcceptedManifest,
        bundle: &Bundle<Value>,
        keys: &KeySet,
    ) -> Result<()> {
        let json = |value: serde_json::Result<Vec<u8>>| {
            value.map_err(|error| Failure::Other(error.to_string()))
        };
        let (manifest, bundle, keys) = (
            json(serde_json::to_vec(&accepted.document))?,
            json(serde_json::to_vec(bundle))?,
            json(serde_json::to_vec(keys))?,
        );
        let documents = [
            (StoredDocument::Manifest, &*manifest),
            (StoredDocument::Bundle, &*bundle),
            (StoredDocument::Keys, &*keys),
        ];
        self.store.keep_snapshot(&accepted.manifest.snapshot_id, &documents)
    }
}
