//! Text of the domain as rows keep it: taken as it is, since it was checked when it was written.

use std::borrow::Cow;
use std::collections::BTreeSet;

use slipway_composition::{
    BundleName, CommitSha, ComponentId, Endpoint, EnvironmentId, ImageDigest, ImagePlatform,
    ImageRegistry, ImageRepository, ImageTag, IntegrationId, PromotionId, ReleaseBundleId,
    SecretReference, ShortName, SourceName, VersionMapId,
};
use slipway_domain::artifact::{ExternalUrl, Filename};
use slipway_domain::outcome::ErrorClass;
use slipway_domain::policy::{BlockedVersion, VersionRange};
use slipway_domain::release_upload::{ObjectKey, PlatformName};
use slipway_domain::text::{Description, Name, Reason, Slug};
use slipway_domain::trust_rule::{Audience, ClaimName, ClaimPattern};
use slipway_domain::{
    ApprovalId, ArtifactId, Channel, Error, EventId, GenerationId, IssuerUrl, MirrorId, ProductId,
    ReleaseId, Result, Sha256, SnapshotId, TenantId, TokenId, TrustRuleId, UploadId, Version,
    WebhookId,
};
use slipway_snapshot::mirror::{Agent, ReportedError};
use slipway_snapshot::{Cron, Span, StreamId};

/// A type of the domain that a row keeps as text.
pub(super) trait StoredText: Sized {
    /// The text to write.
    fn to_text(&self) -> Cow<'_, str>;

    /// The value that a row's text stands for.
    ///
    /// # Errors
    /// `internal` for text that no released version wrote.
    fn from_text(text: Cow<'_, str>) -> Result<Self>;
}

/// Types whose rules are not applied to what was stored.
macro_rules! trusted {
    ($($name:ty),* $(,)?) => {$(
        impl StoredText for $name {
            fn to_text(&self) -> Cow<'_, str> {
                Cow::Borrowed(self.as_str())
            }

            fn from_text(text: Cow<'_, str>) -> Result<Self> {
                Ok(Self::from_stored(text))
            }
        }
    )*};
}

trusted! {
    ApprovalId, ArtifactId, EventId, GenerationId, MirrorId, ProductId, ReleaseId, SnapshotId, StreamId,
    TenantId, TokenId, TrustRuleId, UploadId, WebhookId, Agent, Audience, Channel, ClaimName,
    ClaimPattern, Description, ErrorClass, Filename, IssuerUrl, Name, ObjectKey, PlatformName, Reason,
    ReportedError, Slug, Span, EnvironmentId, IntegrationId, Endpoint, SecretReference, ShortName, ComponentId, ImageDigest, ImageRegistry, ImageRepository, ImageTag, VersionMapId,
    BundleName, CommitSha, ImagePlatform, PromotionId, ReleaseBundleId, SourceName,
}

/// Types that are more than their text: what was stored has to be parsed, by the standard alone.
macro_rules! parsed {
    ($($name:ty: $to_text:expr, $from_text:expr;)*) => {$(
        impl StoredText for $name {
            fn to_text(&self) -> Cow<'_, str> {
                let to_text: fn(&Self) -> Cow<'_, str> = $to_text;
                to_text(self)
            }

            fn from_text(text: Cow<'_, str>) -> Result<Self> {
                $from_text(&*text).map_err(Error::internal)
            }
        }
    )*};
}

parsed! {
    BlockedVersion: |blocked| blocked.to_string().into(), Self::from_stored;
    Cron: |cron| cron.as_str().into(), Self::from_stored;
    ExternalUrl: |url| url.as_str().into(), Self::from_stored;
    Sha256: |digest| digest.to_string().into(), str::parse::<Self>;
    Version: |version| version.to_string().into(), Self::from_stored;
    VersionRange: |range| range.to_string().into(), Self::from_stored;
}

/// Text that may be absent.
pub(super) fn optional<T: StoredText>(value: Option<&T>) -> Option<Cow<'_, str>> {
    value.map(StoredText::to_text)
}

/// What text that may be absent stands for.
pub(super) fn from_optional<T: StoredText>(text: Option<Cow<'_, str>>) -> Result<Option<T>> {
    text.map(T::from_text).transpose()
}

/// A list of texts, in the order of `values`.
pub(super) fn list<'a, T: StoredText + 'a>(
    values: impl IntoIterator<Item = &'a T>,
) -> Vec<Cow<'a, str>> {
    values.into_iter().map(StoredText::to_text).collect()
}

/// What a list of texts stands for.
pub(super) fn from_list<T: StoredText>(texts: Vec<Cow<'_, str>>) -> Result<Vec<T>> {
    texts.into_iter().map(T::from_text).collect()
}

/// The set that a list of texts stands for.
pub(super) fn from_set<T: StoredText + Ord>(texts: Vec<Cow<'_, str>>) -> Result<BTreeSet<T>> {
    texts.into_iter().map(T::from_text).collect()
}
