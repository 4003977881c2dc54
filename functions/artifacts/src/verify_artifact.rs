//! Fetches an external artifact, and compares it with what was registered.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::Digest;
use slipway_domain::artifact::{ArtifactCheck, ExternalUrl};
use slipway_domain::{ArtifactId, Code, Sha256};
use slipway_edge::capabilities::{Entity, Writer};
use slipway_edge::{
    Capabilities, Ctx, ExternalAccess, FunctionSize, InvocableJob, Job, Result, Trigger,
};
use slipway_outbound::{Error as FetchError, Limits, MinThroughput};

/// How long fetching may take: most of the function's time.
const TIME: Duration = Duration::from_mins(13);
/// The slowest host that is borne.
const SLOWEST: MinThroughput = MinThroughput { bytes: 1 << 20, per: Duration::from_secs(30) };

/// Has `artifact-verify` done: fetches the bytes of an external artifact, and records what was
/// found. A host that can't be reached is a result too.
pub struct VerifyArtifact;

/// The message that has an artifact checked.
#[derive(Debug, Serialize, Deserialize)]
pub struct ArtifactMessage {
    /// Id of the artifact.
    pub(crate) artifact_id: ArtifactId,
}

impl Job for VerifyArtifact {
    const NAME: &'static str = "verify-artifact";
    const TRIGGER: Trigger = Trigger::Message;
    const WRITES: &[Entity] = &[Entity::Artifact];
    const SIZE: FunctionSize = FunctionSize::LONGEST_JOB;
    type Capabilities = Capabilities<Writer>;
    type Event = ArtifactMessage;

    async fn handle(ctx: &Ctx<Self::Capabilities>, message: Self::Event) -> Result<()> {
        let artifact = match ctx.catalog().get_artifact(&message.artifact_id).await {
            Ok(artifact) => artifact,
            // Asking again would not find it either.
            Err(error) if error.code() == Code::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        let Some(url) = &artifact.external_url else { return Ok(()) };
        let found = fetch(ctx.external(), url, artifact.size_bytes).await;
        let check = match found {
            Ok((size, sha256)) => {
                ArtifactCheck::of_bytes(&artifact, size, sha256, ctx.clock().now())
            }
            Err(detail) => ArtifactCheck::unreachable(detail, ctx.clock().now()),
        };
        ctx.catalog().record_artifact_check(&artifact.artifact_id, &check, &ctx.audit()?).await
    }
}

impl InvocableJob for VerifyArtifact {
    type Message = ArtifactMessage;
}

fn limits() -> Limits {
    Limits { total: Some(TIME), throughput: Some(SLOWEST), ..Limits::default() }
}

/// Size and digest of the bytes at `url`, of which no more are read than tell that there are more
/// than `size`; or why there are none.
async fn fetch(
    external: &ExternalAccess,
    url: &ExternalUrl,
    size: u64,
) -> Result<(u64, Sha256), String> {
    let told = |error: FetchError| error.to_string();
    let client = external.require_allowed(url.as_url()).and_then(|()| external.client(limits()));
    let client = client.map_err(|error| error.to_string())?;
    let mut response = client.get(url.as_url(), None).await.map_err(told)?;
    if response.status.as_u16() != 200 {
        return Err(format!("the host answers {}", response.status));
    }
    let (mut hasher, mut read) = (sha2::Sha256::new(), 0);
    while let Some(bytes) = response.chunk().await.map_err(told)? {
        read += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if read > size {
            break;
        }
        hasher.update(&bytes);
    }
    let digest: [u8; 32] = hasher.finalize().into();
    Ok((read, digest.into()))
}
