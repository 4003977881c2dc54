//! What a tag or digest stands for.

use std::fmt;

use data_encoding::HEXLOWER;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderName};
use http::{HeaderValue, StatusCode};
use serde::Deserialize;
use sha2::{Digest, Sha256, Sha512};
use slipway_composition::{ImageDigest, ImageRepository, ImageTag};
use slipway_outbound::{Fetch, Response};
use tokio::time::Instant;

use crate::error::{Error, Result};
use crate::registry::{Registry, place_of};

/// The digest of a manifest, by Docker's registries first and by OCI's distribution API since.
const DOCKER_CONTENT_DIGEST: HeaderName = HeaderName::from_static("docker-content-digest");

/// The media types of an image and of an index of images, OCI's and Docker's.
const MEDIA_TYPES: &str = "application/vnd.oci.image.index.v1+json, \
     application/vnd.oci.image.manifest.v1+json, \
     application/vnd.docker.distribution.manifest.list.v2+json, \
     application/vnd.docker.distribution.manifest.v2+json";

/// By what a manifest is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ManifestReference {
    /// By a tag.
    Tag(ImageTag),
    /// By its digest.
    Digest(ImageDigest),
}

impl fmt::Display for ManifestReference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tag(tag) => tag.fmt(formatter),
            Self::Digest(digest) => digest.fmt(formatter),
        }
    }
}

/// A manifest: of an image, or an index of the images of several platforms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// The digest of its bytes.
    pub digest: ImageDigest,
    /// Its media type, as the registry says it.
    pub media_type: String,
    /// When the request was sent that was answered with it: then, or later, it stood there.
    pub asked_at: Instant,
}

/// One of the images of an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlatformManifest {
    /// The digest of the image's manifest.
    pub digest: ImageDigest,
    /// Operating system and architecture, as in `linux/arm64/v8`; `unknown/unknown` where the
    /// index says so, as for attestations; none, where it says nothing.
    pub platform: Option<String>,
}

#[derive(Deserialize)]
struct Index {
    manifests: Option<Vec<IndexEntry>>,
}

#[derive(Deserialize)]
struct IndexEntry {
    digest: ImageDigest,
    platform: Option<Platform>,
}

#[derive(Deserialize)]
struct Platform {
    os: String,
    architecture: String,
    variant: Option<String>,
}

impl fmt::Display for Platform {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.os, self.architecture)?;
        self.variant.iter().try_for_each(|variant| write!(formatter, "/{variant}"))
    }
}

impl Registry {
    /// What `reference` stands for now; none, if there is nothing.
    ///
    /// Asked by HEAD, for the header `Docker-Content-Digest`. Where a registry sends none, or takes
    /// no HEAD, the manifest is fetched and hashed.
    ///
    /// # Errors
    /// All of [`Error`].
    pub async fn resolve(
        &self,
        repository: &ImageRepository,
        reference: &ManifestReference,
    ) -> Result<Option<Manifest>> {
        let head = self.manifest_request(Fetch::head, repository, reference)?;
        let response = self.send(Some(repository), &head).await?;
        match response.status {
            StatusCode::OK => match response.header(DOCKER_CONTENT_DIGEST) {
                Some(digest) => self.by_header(digest, &response, reference).map(Some),
                None => self.hashed(repository, reference).await,
            },
            StatusCode::NOT_FOUND => Ok(None),
            StatusCode::METHOD_NOT_ALLOWED => self.hashed(repository, reference).await,
            status => Err(Error::Status { host: self.host().to_owned(), status }),
        }
    }

    /// The images of an index, in its order; empty, where the digest is that of an image.
    ///
    /// # Errors
    /// [`Error::Malformed`], where the bytes don't have this digest, and all others.
    pub async fn platforms(
        &self,
        repository: &ImageRepository,
        digest: &ImageDigest,
    ) -> Result<Option<Vec<PlatformManifest>>> {
        let reference = ManifestReference::Digest(digest.clone());
        let Some((_, bytes)) = self.fetch_manifest(repository, &reference).await? else {
            return Ok(None);
        };
        let index: Index = serde_json::from_slice(&bytes).map_err(|error| {
            self.malformed(format!("what is no manifest: {}", place_of(&error)))
        })?;
        let entries = index.manifests.unwrap_or_default().into_iter();
        let platforms = entries.map(|entry| PlatformManifest {
            digest: entry.digest,
            platform: entry.platform.map(|platform| platform.to_string()),
        });
        Ok(Some(platforms.collect()))
    }

    pub(crate) fn manifest_request(
        &self,
        method: fn(url::Url) -> Fetch,
        repository: &ImageRepository,
        reference: &ManifestReference,
    ) -> Result<Fetch> {
        let url = self.own_url(&format!("/v2/{repository}/manifests/{reference}"))?;
        Ok(method(url).header(ACCEPT, HeaderValue::from_static(MEDIA_TYPES)))
    }

    /// The manifest of which the registry tells the digest in a header.
    fn by_header(
        &self,
        digest: &str,
        response: &Response,
        reference: &ManifestReference,
    ) -> Result<Manifest> {
        let digest: ImageDigest = digest
            .parse()
            .map_err(|error| self.malformed(format!("a Docker-Content-Digest: {error}")))?;
        self.require_asked(reference, &digest)?;
        Ok(Manifest { digest, media_type: media_type(response), asked_at: response.sent_at })
    }

    /// The manifest of which nobody tells the digest.
    async fn hashed(
        &self,
        repository: &ImageRepository,
        reference: &ManifestReference,
    ) -> Result<Option<Manifest>> {
        let Some((manifest, _)) = self.fetch_manifest(repository, reference).await? else {
            return Ok(None);
        };
        // Whatever is at that place has a digest, a web page too.
        if MEDIA_TYPES.split(',').all(|known| known.trim() != manifest.media_type) {
            return Err(self.malformed("what is no manifest by its Content-Type".to_owned()));
        }
        Ok(Some(manifest))
    }

    /// A manifest and its bytes, of which the digest is made.
    async fn fetch_manifest(
        &self,
        repository: &ImageRepository,
        reference: &ManifestReference,
    ) -> Result<Option<(Manifest, bytes::Bytes)>> {
        let get = self.manifest_request(Fetch::get, repository, reference)?;
        let response = self.send(Some(repository), &get).await?;
        match response.status {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND => return Ok(None),
            status => return Err(Error::Status { host: self.host().to_owned(), status }),
        }
        let (media_type, asked_at) = (media_type(&response), response.sent_at);
        let bytes = self.body(response).await?;
        let digest = self.digest_of(&bytes, reference)?;
        self.require_asked(reference, &digest)?;
        Ok(Some((Manifest { digest, media_type, asked_at }, bytes)))
    }

    /// The digest of `bytes`, by the algorithm of the digest that was asked for; SHA-256, where a
    /// tag was.
    fn digest_of(&self, bytes: &[u8], reference: &ManifestReference) -> Result<ImageDigest> {
        let text = match reference {
            ManifestReference::Digest(asked) if asked.as_str().starts_with("sha512:") => {
                format!("sha512:{}", HEXLOWER.encode(&Sha512::digest(bytes)))
            }
            _ => format!("sha256:{}", HEXLOWER.encode(&Sha256::digest(bytes))),
        };
        text.parse().map_err(|error| self.malformed(format!("a digest: {error}")))
    }

    /// Who asks by digest gets what has that digest, and nothing else.
    fn require_asked(&self, reference: &ManifestReference, digest: &ImageDigest) -> Result<()> {
        match reference {
            ManifestReference::Digest(asked) if asked != digest => {
                Err(self.malformed(format!("{digest} where {asked} was asked for")))
            }
            _ => Ok(()),
        }
    }
}

fn media_type(response: &Response) -> String {
    let value = response.header(CONTENT_TYPE).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().to_owned()
}
