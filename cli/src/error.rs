//! What can go wrong, each with a code for programs and an exit code for scripts.

use std::path::Path;

use slipway_composition::ReleaseBundleId;
use slipway_domain::{Sha256, TenantId, Timestamp};
use slipway_signing::VerifyError;
use slipway_snapshot::StreamId;

use crate::sync::MissingArtifacts;

/// What the commands fail with.
pub type Result<T, E = CliError> = std::result::Result<T, E>;

/// Why a command failed. `docs/MIRROR.md` lists them all.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// Anything else.
    #[error("{0}")]
    Other(String),
    /// The command line or the configuration is wrong.
    #[error("{0}")]
    Usage(String),
    /// Signed by a key that is not trusted, or not for snapshots, or not now.
    #[error("wrong key: the manifest is {0}")]
    WrongKey(String),
    /// The signature does not fit the manifest.
    #[error("the manifest was edited, or signed by somebody else: its signature is wrong")]
    EditedManifest,
    /// The bundle is not what its manifest says.
    #[error("the bundle was edited: its {0} is not what the signed manifest says")]
    EditedBundle(&'static str),
    /// The snapshot's time is over.
    #[error("the snapshot expired at {0}")]
    Expired(Timestamp),
    /// The origin offers an older snapshot than it did before.
    #[error(
        "rollback: the origin offers sequence {offered} of the stream {stream}, where {seen} was seen before"
    )]
    LowerSequence {
        /// The stream.
        stream: StreamId,
        /// What is offered.
        offered: u64,
        /// What was seen.
        seen: u64,
    },
    /// Two snapshots with one sequence number.
    #[error("the origin offers another snapshot as sequence {0} than the one that was seen before")]
    Equivocation(u64),
    /// Made for somebody else.
    #[error("the snapshot is of another tenant: of {found}, not of {wanted}")]
    OtherTenant {
        /// Whose it is.
        found: TenantId,
        /// Whose it should be.
        wanted: TenantId,
    },
    /// The manifest of another release bundle.
    #[error("the manifest is of another release: of {found}, not of {wanted}")]
    OtherRelease {
        /// Which release it is of.
        found: ReleaseBundleId,
        /// Which it should be of.
        wanted: ReleaseBundleId,
    },
    /// The bytes are not the ones.
    #[error("wrong hash: the bytes of {expected} have the hash {actual}")]
    WrongHash {
        /// What they should have.
        expected: Sha256,
        /// What they have.
        actual: Sha256,
    },
    /// The server announces another length.
    #[error(
        "wrong length: the server announces {announced} bytes for {sha256}, which has {expected}"
    )]
    WrongLength {
        /// The artifact.
        sha256: Sha256,
        /// Its length.
        expected: u64,
        /// What the server says.
        announced: u64,
    },
    /// Fewer bytes than there should be.
    #[error("truncated: {received} of {expected} bytes of {sha256} came")]
    Truncated {
        /// The artifact.
        sha256: Sha256,
        /// Its length.
        expected: u64,
        /// What came.
        received: u64,
    },
    /// More bytes than there should be.
    #[error("endless: more than the {expected} bytes of {sha256} came")]
    Endless {
        /// The artifact.
        sha256: Sha256,
        /// Its length.
        expected: u64,
    },
    /// A way from https to http.
    #[error("redirect to http refused: {0}")]
    RedirectToHttp(String),
    /// The releases are not those that were signed for.
    #[error("the manifest's releases do not have the digest that it says")]
    WrongContents,
    /// From the future.
    #[error("the snapshot was made at {0}, which is in the future: look at this machine's clock")]
    NotYetValid(Timestamp),
    /// An address that is not fetched from.
    #[error("refused to fetch {url}: {why}")]
    RefusedUrl {
        /// The address.
        url: String,
        /// Why.
        why: &'static str,
    },
    /// Not what the API answers.
    #[error("not a snapshot: {0}")]
    Malformed(String),
    /// Not the manifest of a release bundle.
    #[error("not the manifest of a release: {0}")]
    NotAReleaseManifest(String),
    /// No answer, or one that asks to come again.
    #[error("{0}")]
    Unreachable(String),
    /// The token does not do.
    #[error("the origin refuses the token: {0}")]
    Unauthorized(String),
    /// What was asked for is not there.
    #[error("the origin does not have it: {0}")]
    NotThere(String),
    /// Another sync is at work.
    #[error("another sync is at work in {0}")]
    Locked(String),
    /// The disk does not do.
    #[error("{path}: {error}")]
    Disk {
        /// Where.
        path: String,
        /// What the system says.
        error: std::io::Error,
    },
    /// There is nothing to serve.
    #[error("nothing is served: {0}")]
    NotServing(String),
    /// Artifacts of a snapshot did not come, so that it does not take the place of what is served.
    #[error("{0}; what is served stays, and what came is kept for the next sync")]
    NotFetched(MissingArtifacts),
    /// A snapshot is served although artifacts of it did not come.
    #[error("the new snapshot is served, but not whole: {0}")]
    Partial(MissingArtifacts),
    /// So many artifacts of what is served are not as they should be.
    #[error("what is served is not whole: artifacts missing or damaged: {0}; sync with --deep")]
    Damaged(usize),
}

impl CliError {
    /// Its code for programs, and the exit code of a process that ends with it.
    #[must_use]
    pub fn codes(&self) -> (&'static str, u8) {
        match self {
            Self::Other(_) => ("other", 1),
            Self::Usage(_) => ("usage", 2),
            Self::WrongKey(_) => ("wrong_key", 10),
            Self::EditedManifest => ("edited_manifest", 11),
            Self::EditedBundle(_) => ("edited_bundle", 12),
            Self::Expired(_) => ("expired", 13),
            Self::LowerSequence { .. } => ("lower_sequence", 14),
            Self::Equivocation(_) => ("equivocation", 15),
            Self::OtherTenant { .. } => ("other_tenant", 16),
            Self::WrongHash { .. } => ("wrong_hash", 17),
            Self::WrongLength { .. } => ("wrong_length", 18),
            Self::Truncated { .. } => ("truncated", 19),
            Self::Endless { .. } => ("endless", 20),
            Self::RedirectToHttp(_) => ("redirect_to_http", 21),
            Self::WrongContents => ("wrong_contents", 22),
            Self::NotYetValid(_) => ("not_yet_valid", 23),
            Self::RefusedUrl { .. } => ("refused_url", 24),
            Self::Malformed(_) | Self::NotAReleaseManifest(_) => ("malformed", 25),
            Self::OtherRelease { .. } => ("other_release", 26),
            Self::Unreachable(_) => ("unreachable", 30),
            Self::Unauthorized(_) => ("unauthorized", 31),
            Self::NotThere(_) => ("not_there", 32),
            Self::Locked(_) => ("locked", 33),
            Self::Disk { .. } => ("disk", 34),
            Self::NotServing(_) | Self::Damaged(_) => ("not_serving", 35),
            Self::NotFetched(missing) => missing.codes(),
            Self::Partial(_) => ("incomplete", 36),
        }
    }

    /// The artifacts that it is about, where it is about those that did not come.
    #[must_use]
    pub fn missing(&self) -> Option<&MissingArtifacts> {
        match self {
            Self::NotFetched(missing) | Self::Partial(missing) => Some(missing),
            _ => None,
        }
    }

    /// The disk's failure at `path`.
    pub fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.display().to_string();
        move |error| Self::Disk { path, error }
    }
}

impl From<VerifyError> for CliError {
    fn from(refused: VerifyError) -> Self {
        match refused {
            VerifyError::Expired(at) => Self::Expired(at),
            VerifyError::NotYetValid(at) => Self::NotYetValid(at),
            VerifyError::WrongSignature => Self::EditedManifest,
            VerifyError::NotSigned | VerifyError::NotIJson(_) => {
                Self::Malformed(refused.to_string())
            }
            VerifyError::UnknownKey(_)
            | VerifyError::WrongPurpose(_)
            | VerifyError::KeyNotValid(_) => Self::WrongKey(refused.to_string()),
        }
    }
}
