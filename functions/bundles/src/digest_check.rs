//! Whether the images of release bundles are still at their registries, each asked for once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::time::Duration;

use futures::{StreamExt, stream};
use slipway_catalog::{CheckedImage, ImageChecks};
use slipway_composition::{
    BundleComponent, Endpoint, ImageCheck, ImageDigest, ImagePlatform, ImageRepository,
    Integration, IntegrationId, ReleaseBundle,
};
use slipway_domain::Result;
use slipway_edge::Ctx;
use slipway_oci::{Error as RegistryError, Registry};
use tokio::time::Instant;

use crate::check_digests::CheckCapabilities;
use crate::registry_failures::{GivenUp, RegistryFailures};

/// How many images are asked for at once.
const IMAGES_AT_ONCE: usize = 8;
/// How many images of an index are looked for. One that has more is a registry's that makes them
/// up.
const MOST_PLATFORMS: usize = 100;
/// The media types of a single image, OCI's and Docker's.
const IMAGES: [&str; 2] = [
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
];
/// What an index says of what is for no platform, such as attestations. Nobody pulls it.
const NO_PLATFORM: &str = "unknown/unknown";

/// A registry, as an integration is with it: the endpoint may change in the middle of a run.
pub(crate) type RegistryPlace = (IntegrationId, Endpoint);

/// An image, where it has to be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct ImagePlace {
    registry: RegistryPlace,
    repository: ImageRepository,
    digest: ImageDigest,
}

/// What one run of the job has learnt.
pub(crate) struct DigestCheck<'a> {
    ctx: &'a Ctx<CheckCapabilities>,
    /// Until when registries are asked.
    deadline: Instant,
    /// Those that were needed; none for one that can't be asked.
    registries: BTreeMap<RegistryPlace, Option<Registry>>,
    known: BTreeMap<ImagePlace, ImageCheck>,
    failures: Mutex<RegistryFailures>,
}

impl<'a> DigestCheck<'a> {
    /// A run that asks registries for as long as `time`.
    pub(crate) fn new(ctx: &'a Ctx<CheckCapabilities>, time: Duration) -> Self {
        let (registries, known) = (BTreeMap::new(), BTreeMap::new());
        let deadline = Instant::now() + time;
        Self { ctx, deadline, registries, known, failures: Mutex::default() }
    }

    /// What registries tell of the images of `bundles`.
    ///
    /// # Errors
    /// Those of reading components and integrations. What a registry does is no error.
    pub(crate) async fn check(&mut self, bundles: &[ReleaseBundle]) -> Result<ImageChecks> {
        let ids: BTreeSet<_> =
            components_of(bundles).map(|(_, it)| it.component_id.clone()).collect();
        let integrations = self.ctx.catalog().integrations_of(ids).await?;
        let pinned: BTreeMap<_, _> = components_of(bundles)
            .filter_map(|(bundle, component)| {
                let integration = integrations.get(&component.component_id)?;
                let checked = CheckedImage::of(bundle, component);
                Some((checked, pinned(component, integration)?))
            })
            .collect();
        for integration in integrations.values() {
            self.open(integration).await;
        }
        self.ask(pinned.values()).await;
        let told = pinned
            .into_iter()
            .filter_map(|(checked, image)| Some((checked, self.known.get(&image)?.clone())));
        Ok(told.collect())
    }

    /// Opens the registry of `integration`, unless that was done. One whose secret can't be read,
    /// or that the deployment does not reach, is asked nothing.
    async fn open(&mut self, integration: &Integration) {
        let place = registry_of(integration);
        if !self.registries.contains_key(&place) {
            let time = self.deadline.saturating_duration_since(Instant::now());
            let registry = self.ctx.registries().registry(integration, time).await;
            if let Err(error) = &registry {
                self.with_failures(|failures| failures.give_up(&place, error));
            }
            self.registries.insert(place, registry.ok());
        }
    }

    /// Asks for the images of which nothing is known, in the order of bundles: a registry may tell
    /// of the first ones alone.
    async fn ask(&mut self, images: impl Iterator<Item = &ImagePlace>) {
        let mut seen = BTreeSet::new();
        let unknown = images.filter(|image| !self.known.contains_key(image) && seen.insert(*image));
        let unknown: Vec<_> = unknown.cloned().collect();
        let this = &*self;
        let ask = |image: ImagePlace| async move {
            let check = this.look_for(&image).await;
            (image, check)
        };
        let told: Vec<_> =
            stream::iter(unknown).map(ask).buffer_unordered(IMAGES_AT_ONCE).collect().await;
        self.known.extend(told);
    }

    async fn look_for(&self, image: &ImagePlace) -> ImageCheck {
        let registry = self.registries.get(&image.registry).and_then(Option::as_ref);
        let Some(registry) = registry.filter(|_| !self.has_given_up(image)) else {
            return ImageCheck::Undetermined;
        };
        let told = look_for(registry, &image.repository, &image.digest).await;
        self.with_failures(|failures| match &told {
            Ok(_) => {
                failures.note_answer(&image.registry);
                None
            }
            Err(error) => failures.note_failure(&image.registry, &image.repository, error),
        });
        told.unwrap_or(ImageCheck::Undetermined)
    }

    fn has_given_up(&self, image: &ImagePlace) -> bool {
        let Ok(failures) = self.failures.lock() else { return true };
        failures.has_given_up(&image.registry, &image.repository)
    }

    /// Notes what a registry has done, and logs it if that is asked no more.
    fn with_failures(&self, note: impl FnOnce(&mut RegistryFailures) -> Option<GivenUp>) {
        let given_up = self.failures.lock().ok().and_then(|mut failures| note(&mut failures));
        if let Some(given_up) = given_up {
            let request_id = self.ctx.audit().map(|audit| audit.request_id);
            println!("{}", given_up.line(self.ctx.now(), &request_id.unwrap_or_default()));
        }
    }
}

/// Each component of `bundles`, with its bundle.
fn components_of(
    bundles: &[ReleaseBundle],
) -> impl Iterator<Item = (&ReleaseBundle, &BundleComponent)> {
    bundles.iter().flat_map(|bundle| bundle.components.iter().map(move |it| (bundle, it)))
}

fn registry_of(integration: &Integration) -> RegistryPlace {
    (integration.id.clone(), integration.endpoint.clone())
}

/// Where the image of `component` has to be; none, where its integration is with another registry
/// by now, of which nothing can be told.
fn pinned(component: &BundleComponent, integration: &Integration) -> Option<ImagePlace> {
    let now = integration.endpoint.image_registry().ok()?;
    let is_there = component.registry.as_ref().is_none_or(|registry| *registry == now);
    is_there.then(|| ImagePlace {
        registry: registry_of(integration),
        repository: component.repository.clone(),
        digest: component.digest.clone(),
    })
}

/// Whether an image is there, and the images of all its platforms.
async fn look_for(
    registry: &Registry,
    repository: &ImageRepository,
    digest: &ImageDigest,
) -> Result<ImageCheck, RegistryError> {
    let Some(manifest) = registry.find_manifest(repository, digest).await? else {
        return Ok(ImageCheck::Missing { digest: digest.clone(), platform: None });
    };
    if IMAGES.contains(&manifest.media_type.as_str()) {
        return Ok(ImageCheck::Whole);
    }
    let Some(platforms) = registry.platforms(repository, digest).await? else {
        return Ok(ImageCheck::Undetermined);
    };
    if platforms.len() > MOST_PLATFORMS {
        return Ok(ImageCheck::Undetermined);
    }
    let pulled = platforms.into_iter().filter(|it| it.platform.as_deref() != Some(NO_PLATFORM));
    for image in pulled {
        if registry.find_manifest(repository, &image.digest).await?.is_none() {
            let platform = image.platform.and_then(|it| it.parse::<ImagePlatform>().ok());
            return Ok(ImageCheck::Missing { digest: image.digest, platform });
        }
    }
    Ok(ImageCheck::Whole)
}
