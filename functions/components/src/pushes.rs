//! Tags that a registry says were pushed. The events are a hint and no more: what a tag stands for
//! is asked of the registry itself, so that nobody can make up a digest who can make up an event.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::{StreamExt, stream};
use slipway_catalog::{AdditionsEvent, AuditContext, VERSION_MAPS_AT_ONCE};
use slipway_composition::{
    Component, ComponentId, ImageDigest, ImageTag, IntegrationId, PushedTag, PushedTags, VersionMap,
};
use slipway_domain::{Code, Result, Timestamp};
use slipway_edge::Ctx;
use slipway_oci::{Error as RegistryError, ManifestReference, Registry};

use crate::asking_clock::AskingClock;
use crate::component_registry::{RegistryCapabilities, failure};

/// How long the registry is asked for the tags of one delivery: its webhook waits meanwhile.
const TIME: Duration = Duration::from_secs(15);
/// How many tags are asked about at once.
const TAGS_AT_ONCE: usize = 8;
/// How long to wait before the registry is asked once more about tags that do not stand yet for
/// what was pushed: distribution sends its event before it moves the tag.
const WAITS: [Duration; 2] = [Duration::from_millis(250), Duration::from_secs(1)];
/// How many tags of components one delivery may have looked at. Registries send one or two.
const MOST: usize = 100;

/// What has come of a delivery.
#[derive(Debug, Default)]
pub(crate) struct PushOutcome {
    /// How many version maps were added.
    pub(crate) added: usize,
    /// How many tags of components were not looked at, or found no room.
    pub(crate) left: usize,
}

/// A pushed tag of a component.
type PushedTo = (PushedTag, Component);

/// What a tag stands for, and when the registry was asked.
#[derive(Clone)]
struct Observation {
    digest: ImageDigest,
    asked_at: Timestamp,
}

/// What the tags of a component stand for.
struct Found<'a> {
    component: &'a Component,
    tags: Vec<(ImageTag, Observation)>,
}

/// Adds what the tags of `pushed` stand for now to the components of the integration that have
/// their repositories. Other repositories are nobody's.
///
/// # Errors
/// `registry_unavailable`, after what the registry did tell was stored; what
/// [`Registries::registry`](slipway_edge::capabilities::Registries::registry) fails with.
pub(crate) async fn sync_pushed_tags(
    ctx: &Ctx<RegistryCapabilities>,
    integration: &IntegrationId,
    mut pushed: PushedTags,
) -> Result<PushOutcome> {
    let (wanted, left) = tags_of_components(ctx, integration, &pushed).await?;
    let mut outcome = PushOutcome { added: 0, left };
    if wanted.is_empty() {
        return Ok(outcome);
    }
    let integration = ctx.catalog().get_integration(integration).await?.value;
    let registry = ctx.registries().registry(&integration, TIME).await?;
    pushed.retain(|tag, _| wanted.iter().any(|(wanted, _)| wanted == tag));
    let clock = AskingClock::start(ctx.clock());
    let Answers { observed, failed, .. } = Answers::of(&registry, &pushed, clock).await;
    for Found { component, tags } in found(&wanted, &observed).into_values() {
        let mut stored = StoredTags::default();
        let end = store(ctx, component, &tags, &mut stored).await;
        outcome.added += stored.added;
        match end {
            Ok(()) => {}
            // It is deleted, or has another repository, since it was read.
            Err(error) if matches!(error.code(), Code::NotFound | Code::StaleState) => {}
            // Nor would there be room if the registry told of it again.
            Err(error) if error.code() == Code::LimitReached => {
                outcome.left += tags.len() - stored.seen;
            }
            Err(error) => return Err(error),
        }
    }
    let failed = failed.and_then(|(tag, error)| {
        let (_, component) = wanted.iter().find(|(wanted, _)| *wanted == tag)?;
        Some(failure(component, error))
    });
    failed.map_or(Ok(outcome), Err)
}

/// The tags that concern components, each with its component, in the order of tags: as many as are
/// looked at, and how many there are besides.
async fn tags_of_components(
    ctx: &Ctx<RegistryCapabilities>,
    integration: &IntegrationId,
    pushed: &PushedTags,
) -> Result<(Vec<PushedTo>, usize)> {
    if pushed.is_empty() {
        return Ok((Vec::new(), 0));
    }
    let mut components = ctx.catalog().list_components().await?;
    components.retain(|component| component.registry_integration_id == *integration);
    let (mut wanted, mut left) = (Vec::new(), 0);
    for tag in pushed.keys() {
        for component in components.iter().filter(|it| it.image_repository == tag.repository) {
            match wanted.len() {
                MOST => left += 1,
                _ => wanted.push((tag.clone(), component.clone())),
            }
        }
    }
    Ok((wanted, left))
}

/// What the registry says that the tags stand for, as far as it does.
struct Answers {
    clock: AskingClock,
    observed: BTreeMap<PushedTag, Observation>,
    /// For which tag it failed, and is asked no more.
    failed: Option<(PushedTag, RegistryError)>,
}

impl Answers {
    /// Asks about `tags`, and once more about those that do not stand yet for what was pushed.
    async fn of(registry: &Registry, tags: &PushedTags, clock: AskingClock) -> Self {
        let mut answers = Self { clock, observed: BTreeMap::new(), failed: None };
        answers.ask(registry, tags.keys().cloned().collect()).await;
        for wait in WAITS {
            let is_early = |(tag, pushed): &(&PushedTag, &Option<ImageDigest>)| {
                let digest = answers.observed.get(tag).map(|observation| &observation.digest);
                pushed.is_some() && digest != pushed.as_ref()
            };
            let early: Vec<_> = tags.iter().filter(is_early).map(|(tag, _)| tag.clone()).collect();
            if early.is_empty() || answers.failed.is_some() {
                break;
            }
            tokio::time::sleep(wait).await;
            answers.ask(registry, early).await;
        }
        answers
    }

    async fn ask(&mut self, registry: &Registry, tags: Vec<PushedTag>) {
        let ask = async |pushed: PushedTag| {
            let reference = ManifestReference::Tag(pushed.tag.clone());
            let answer = registry.resolve(&pushed.repository, &reference).await;
            (pushed, answer)
        };
        let mut answers = Box::pin(stream::iter(tags).map(ask).buffered(TAGS_AT_ONCE));
        while let Some((pushed, answer)) = answers.next().await {
            match answer {
                Ok(Some(manifest)) => {
                    let (digest, asked_at) = (manifest.digest, self.clock.at(manifest.asked_at));
                    self.observed.insert(pushed, Observation { digest, asked_at });
                }
                // It is gone already, or kept back.
                Ok(None) => {}
                Err(RegistryError::Status { status, .. }) if status.is_client_error() => {}
                Err(error) => {
                    self.failed = Some((pushed, error));
                    return;
                }
            }
        }
    }
}

/// What was found, by component.
fn found<'a>(
    wanted: &'a [PushedTo],
    observed: &BTreeMap<PushedTag, Observation>,
) -> BTreeMap<&'a ComponentId, Found<'a>> {
    let mut all: BTreeMap<_, Found<'_>> = BTreeMap::new();
    for (pushed, component) in wanted {
        let Some(observation) = observed.get(pushed) else { continue };
        let found = all.entry(&component.id).or_insert(Found { component, tags: Vec::new() });
        found.tags.push((pushed.tag.clone(), observation.clone()));
    }
    all
}

/// What became of the tags of a component.
#[derive(Debug, Default)]
struct StoredTags {
    /// How many are as the registry says.
    seen: usize,
    /// How many version maps that took.
    added: usize,
}

impl StoredTags {
    /// The audit event of what is stored by now.
    fn event<'a>(&self, audit: &'a AuditContext) -> AdditionsEvent<'a> {
        AdditionsEvent { audit, untold: u64::try_from(self.added).unwrap_or(u64::MAX) }
    }
}

/// Stores what was found of a component, with one audit event, and notes in `stored` how far that
/// came.
async fn store(
    ctx: &Ctx<RegistryCapabilities>,
    component: &Component,
    tags: &[(ImageTag, Observation)],
    stored: &mut StoredTags,
) -> Result<()> {
    let audit = ctx.audit()?;
    let observed = |(tag, observation): &(ImageTag, Observation)| {
        let Observation { digest, asked_at } = observation.clone();
        let made = (ctx.generate_id()?, asked_at);
        Ok(VersionMap::observed(component, (tag.clone(), digest), made, &audit.actor))
    };
    let maps = tags.iter().map(observed).collect::<Result<Vec<_>>>()?;
    let end = add(ctx, component, &maps, (&audit, stored)).await;
    if end.is_err() {
        // What was added before is told of now, as at the end of a sync that fails.
        let event = stored.event(&audit);
        ctx.catalog().report_synced_tags(component, event).await.unwrap_or_default();
    }
    end
}

/// Adds `maps`, in as many transactions as they take.
async fn add(
    ctx: &Ctx<RegistryCapabilities>,
    component: &Component,
    maps: &[VersionMap],
    (audit, stored): (&AuditContext, &mut StoredTags),
) -> Result<()> {
    let chunks = maps.chunks(VERSION_MAPS_AT_ONCE);
    let last = chunks.len().saturating_sub(1);
    for (place, maps) in chunks.enumerate() {
        let end = (place == last).then(|| stored.event(audit));
        stored.added += ctx.catalog().add_pushed_tags(component, maps, end).await?.len();
        stored.seen += maps.len();
    }
    Ok(())
}
