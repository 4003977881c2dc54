//! Generation of a snapshot, triggered by a request, a change, or the schedule.

use bytes::Bytes;
use serde_json::value::RawValue;
use slipway_catalog::{AppendOutcome, AuditContext, RecordOutcome, Stored, retry_contention};
use slipway_domain::tenant::Tenant;
use slipway_domain::{Code, Error, GenerationId, Result, TenantId};
use slipway_edge::capabilities::{SnapshotSigner, SnapshotWriter, Writer};
use slipway_edge::{Capabilities, Ctx};
use slipway_signing::{Signed, canonical_digest};
use slipway_snapshot::{
    Bundle, ChannelSet, Contents, GenerationMode, Manifest, Snapshot, SnapshotConfig,
    SnapshotStream, StreamSelector, StreamUse, WorkItem,
};

use crate::fan_out::{Recipients, fan_out};
use crate::unused_streams::{end_unused, use_of};

/// What generating snapshots may touch.
pub type Generate = Capabilities<Writer, SnapshotWriter, SnapshotSigner>;

/// Parameters of a generation.
#[derive(Debug, Clone, Copy)]
pub struct GenerationRequest<'a> {
    /// When a new snapshot is generated.
    pub demand: GenerationMode,
    /// Id of the generation if a work item triggered it, so that a work item that is delivered
    /// twice has one effect.
    pub generation_id: Option<&'a GenerationId>,
    /// What the snapshot is recorded with.
    pub audit: fn(&Ctx<Generate>, &Snapshot) -> Result<AuditContext>,
}

/// Outcome of a generation.
#[derive(Debug, Clone, PartialEq)]
pub enum GenerationOutcome {
    /// A new snapshot was created.
    Created(Snapshot),
    /// The latest snapshot is current.
    Unchanged(Snapshot),
}

/// Generates a snapshot of `channels` for `tenant`. The first one creates the stream.
///
/// # Errors
/// `not_found`; `stale_state` for a suspended tenant, or one with too many streams;
/// `unknown_channel`.
pub async fn generate(
    ctx: &Ctx<Generate>,
    tenant: &TenantId,
    channels: ChannelSet,
    request: GenerationRequest<'_>,
) -> Result<GenerationOutcome> {
    let tenant = ctx.catalog().get_tenant(tenant).await?.value;
    if tenant.suspended {
        return Err(Error::new(
            Code::StaleState,
            format!("{} is suspended and gets no snapshots; restore it first", tenant.tenant_id),
        ));
    }
    SnapshotGenerator::new(ctx, &tenant, request).await?.stream(channels).await
}

/// Processes a work item. A tenant that is suspended or deleted meanwhile gets no snapshot.
pub async fn work(ctx: &Ctx<Generate>, work: &WorkItem) -> Result<()> {
    let Some(tenant) = &work.tenant_id else {
        return fan_out(ctx, &Recipients::Everyone, work).await;
    };
    let tenant = match ctx.catalog().get_tenant(tenant).await {
        Ok(tenant) if !tenant.value.suspended => tenant.value,
        Ok(_) => return Ok(()),
        Err(error) if error.code() == Code::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    let request = GenerationRequest {
        demand: work.demand,
        generation_id: Some(&work.generation_id),
        audit: |ctx, _| ctx.audit(),
    };
    let run = SnapshotGenerator::new(ctx, &tenant, request).await?;
    match &work.selection {
        StreamSelector::EveryStream => run.every_stream().await,
        StreamSelector::Stream(channels) => match run.stream(channels.clone()).await {
            // Asked for all tenants at once: to this one it means nothing.
            Err(error) if matches!(error.code(), Code::UnknownChannel | Code::StaleState) => Ok(()),
            outcome => outcome.map(|_| ()),
        },
    }
}

/// One generation for one tenant.
struct SnapshotGenerator<'a> {
    ctx: &'a Ctx<Generate>,
    tenant: &'a Tenant,
    request: GenerationRequest<'a>,
    config: SnapshotConfig,
}

impl<'a> SnapshotGenerator<'a> {
    async fn new(
        ctx: &'a Ctx<Generate>,
        tenant: &'a Tenant,
        request: GenerationRequest<'a>,
    ) -> Result<Self> {
        let stored = ctx.catalog().find_snapshot_config().await?;
        let config =
            SnapshotConfig::effective(stored.map(|stored| stored.value), ctx.batch_window());
        Ok(Self { ctx, tenant, request, config })
    }

    /// Generates all streams of the tenant from one read of the catalog, and ends those that nobody
    /// uses. Creates the stream of all channels if it does not exist.
    async fn every_stream(&self) -> Result<()> {
        let mut streams = self.ctx.catalog().list_streams(&self.tenant.tenant_id).await?;
        streams.retain(|stream| stream.value.is_active());
        let streams = end_unused(self.ctx, &self.config, streams).await?;
        let mut streams = streams.into_iter().map(Some).collect::<Vec<_>>();
        if !streams.iter().flatten().any(|stream| stream.value.channels == ChannelSet::All) {
            streams.push(None);
        }
        // Read after the streams: whoever gives a stream a newer snapshot meanwhile makes us start
        // over.
        let contents = self.contents().await?;
        for stream in streams {
            let channels =
                stream.as_ref().map_or(ChannelSet::All, |stored| stored.value.channels.clone());
            if self.attempt(stream, &channels, contents.clone(), None).await?.is_none() {
                self.renew(&channels).await?;
            }
        }
        Ok(())
    }

    /// Generates a stream after a concurrent change, unless that was its deletion: nobody has asked
    /// for it again.
    async fn renew(&self, channels: &ChannelSet) -> Result<()> {
        let (catalog, tenant) = (self.ctx.catalog(), &self.tenant.tenant_id);
        retry_contention(|| async move {
            let stream = catalog.find_stream(tenant, &channels.stream_id()).await?;
            if stream.as_ref().is_some_and(|stream| !stream.value.is_active()) {
                return Ok(Some(()));
            }
            let outcome = self.attempt(stream, channels, self.contents().await?, None).await?;
            Ok(outcome.map(|_| ()))
        })
        .await
    }

    /// Generates one stream that was asked for, which is a use of it, and retries after a concurrent
    /// generation.
    async fn stream(&self, channels: ChannelSet) -> Result<GenerationOutcome> {
        let (catalog, tenant) = (self.ctx.catalog(), &self.tenant.tenant_id);
        let channels = &channels;
        let used = &use_of(tenant, channels, self.ctx.now());
        retry_contention(|| async move {
            let stream = catalog.find_stream(tenant, &channels.stream_id()).await?;
            let was_active = stream.as_ref().is_some_and(|stream| stream.value.is_active());
            let contents = self.contents().await?;
            if stream.is_none() {
                self.check_new(channels, &contents)?;
            }
            match self.attempt(stream, channels, contents, used.as_ref()).await? {
                Some(GenerationOutcome::Unchanged(latest)) if was_active => {
                    self.confirm(latest, used.as_ref()).await
                }
                outcome => Ok(outcome),
            }
        })
        .await
    }

    /// The snapshot that stands, unless its stream has ended meanwhile: then it does not stand.
    async fn confirm(
        &self,
        latest: Snapshot,
        used: Option<&StreamUse>,
    ) -> Result<Option<GenerationOutcome>> {
        if let Some(used) = used {
            let recorded =
                self.ctx.catalog().record_stream_use(&used.tenant_id, &used.stream, used.used_at);
            if recorded.await? == RecordOutcome::Ended {
                return Ok(None);
            }
        }
        Ok(Some(GenerationOutcome::Unchanged(latest)))
    }

    async fn contents(&self) -> Result<Contents> {
        let public_url = self.ctx.public_url()?;
        let channel_releases = self
            .ctx
            .catalog()
            .list_channel_releases(self.tenant, self.config.history_limit)
            .await?;
        Ok(Contents::of(
            channel_releases,
            &self.tenant.products,
            self.config.history_limit,
            |artifact| artifact.download_url_for(public_url),
        ))
    }

    /// Checks that a new stream is wanted: a stream is generated with every change from then on. The
    /// catalog counts them.
    fn check_new(&self, channels: &ChannelSet, contents: &Contents) -> Result<()> {
        if let Some(unknown) = contents.unknown(channels) {
            let message = format!(
                "nothing that {} may have was ever released on `{unknown}`",
                self.tenant.tenant_id
            );
            return Err(Error::new(Code::UnknownChannel, message).at("channels"));
        }
        Ok(())
    }

    /// Generates a snapshot if one is wanted; `None` if a concurrent generation was first.
    async fn attempt(
        &self,
        stored: Option<Stored<SnapshotStream>>,
        channels: &ChannelSet,
        contents: Contents,
        used: Option<&StreamUse>,
    ) -> Result<Option<GenerationOutcome>> {
        let stream = stored.as_ref().map_or_else(
            || SnapshotStream::new(self.tenant.tenant_id.clone(), channels.clone()),
            |stored| stored.value.clone(),
        );
        let contents = contents.within(channels);
        let digest = canonical_digest(&contents.releases)?;
        let ring = self.ctx.signer().key_ring(self.ctx.now()).await?;
        if let Some(standing) = stream.current_for(
            &digest,
            self.request.demand,
            self.request.generation_id,
            &ring,
            self.ctx.now(),
        ) {
            return Ok(Some(GenerationOutcome::Unchanged(standing.clone())));
        }
        let manifest = stream.next(
            self.ctx.generate_id()?,
            contents,
            digest,
            self.config.lifetime.duration(),
            self.ctx.now(),
        );
        let snapshot = self.store(manifest).await?;
        let stream = SnapshotStream {
            latest: Some(snapshot.clone()),
            generation_id: self.request.generation_id.cloned(),
            deleted_at: None,
            ..stream
        };
        let audit = (self.request.audit)(self.ctx, &snapshot)?;
        match self.ctx.catalog().append_snapshot(&stream, stored.as_ref(), used, &audit).await? {
            AppendOutcome::Appended => Ok(Some(GenerationOutcome::Created(snapshot))),
            // What was stored for it belongs to nobody: the job `retention` sweeps it away.
            AppendOutcome::Conflict => Ok(None),
        }
    }

    /// Signs `manifest` and stores its bundle: one call to KMS, one to S3.
    async fn store(&self, manifest: Manifest) -> Result<Snapshot> {
        let artifacts = manifest.distinct_artifacts();
        let signed = self.ctx.signer().sign(manifest, self.ctx.now()).await?;
        let json = serde_json::value::to_raw_value(&signed).map_err(Error::internal)?;
        let manifest_bytes = json.get().len() as u64;
        let artifact_count = artifacts.len();
        let bundle: Bundle<Box<RawValue>> = Bundle {
            snapshot_id: signed.body.snapshot_id.clone(),
            manifest: json,
            artifacts,
            signature: signed.signature.clone(),
        };
        let bundle = Bytes::from(serde_json::to_vec(&bundle).map_err(Error::internal)?);
        let snapshot = snapshot(&signed, artifact_count, manifest_bytes, bundle.len() as u64);
        self.ctx
            .storage()
            .store(&snapshot.tenant_id, &snapshot.snapshot_id, bundle, manifest_bytes)
            .await?;
        Ok(snapshot)
    }
}

fn snapshot(
    signed: &Signed<Manifest>,
    artifact_count: usize,
    manifest_bytes: u64,
    bundle_bytes: u64,
) -> Snapshot {
    let manifest = &signed.body;
    Snapshot {
        snapshot_id: manifest.snapshot_id.clone(),
        tenant_id: manifest.tenant_id.clone(),
        created_at: manifest.created_at,
        expires_at: manifest.expires_at,
        stream: manifest.stream.clone(),
        channels: manifest.channels.clone(),
        sequence: manifest.sequence,
        release_count: manifest.releases.len(),
        artifact_count,
        content_digest: manifest.content_digest,
        key_id: signed.key_id.clone(),
        manifest_bytes,
        bundle_bytes,
    }
}
