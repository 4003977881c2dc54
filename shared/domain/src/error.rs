//! Errors without HTTP: what went wrong, in which field, and what would be valid.

use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// Result of every fallible operation.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Error code of the domain. The set is closed, and the meaning of a code never changes. What is
/// wrong with HTTP itself has codes in `slipway-edge`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// A value has the wrong type, form or range; `field` says which.
    InvalidField,
    /// The body or the query string has a field that the operation does not know; `field` says
    /// which.
    UnknownField,
    /// The cursor was not issued for this list, or was altered.
    InvalidCursor,
    /// No credential, or one that is unknown, expired or revoked.
    Unauthenticated,
    /// The JWT is longer than 16 KiB.
    JwtTooLarge,
    /// What was sent as a JWT is not one, or lacks what is needed: a `kid`, a `sub`, an `exp`.
    JwtMalformed,
    /// The JWT is signed with another algorithm than RS256, ES256 and `EdDSA`, or than its key is for.
    JwtAlgorithmRefused,
    /// The JWT is of an issuer that is not trusted here.
    JwtIssuerRefused,
    /// The issuer of the JWT has no key of its `kid`, or has it no longer.
    JwtKeyUnknown,
    /// The signature of the JWT is not that of its key.
    JwtSignatureInvalid,
    /// The JWT is meant for another audience.
    JwtAudienceRefused,
    /// The JWT has expired.
    JwtExpired,
    /// The JWT is not valid yet.
    JwtNotYetValid,
    /// The `sub` of the JWT is not one that the trust rule is for.
    JwtSubjectRefused,
    /// The JWT is of a repository or project that the trust rule is not for.
    JwtRepositoryRefused,
    /// The JWT is of a branch or tag that the trust rule is not for.
    JwtRefRefused,
    /// The JWT is of an environment that the trust rule is not for, or of none.
    JwtEnvironmentRefused,
    /// Another claim of the JWT is not what the trust rule asks for; `details` names it.
    JwtClaimRefused,
    /// The JWT was exchanged before: it is good for one exchange.
    JwtReplayed,
    /// The credential lacks the scope, or is bound to other products or channels.
    Forbidden,
    /// The resource does not exist, or the credential is not allowed to see it.
    NotFound,
    /// A product with this id or slug exists already.
    ProductExists,
    /// A tenant with this id exists already.
    TenantExists,
    /// Another of its kind has this name already.
    NameExists,
    /// There are as many of its kind as there may be.
    LimitReached,
    /// The secret of the integration can't be read, or is not what its mode needs.
    SecretUnavailable,
    /// The version exists on the channel with different content; `details` lists the differences.
    ReleaseExists,
    /// The release has another artifact for the same platform, architecture and installer type.
    ArtifactExists,
    /// An artifact is not verified yet, or failed its verification; `details` names it.
    ArtifactNotReady,
    /// There is no such product.
    UnknownProduct,
    /// The product has no such channel.
    UnknownChannel,
    /// A prerelease is to be published on `stable`, which neither the product nor the request
    /// allows.
    PrereleaseNotAllowed,
    /// There is no such integration of the type that is needed.
    UnknownIntegration,
    /// What a component's registry has does not tell what was asked; `details` names the component and
    /// why.
    UnresolvableComponent,
    /// The release bundle is a draft or deprecated, and is not promoted.
    ReleaseNotPromotable,
    /// The resource is in a state that does not allow the operation.
    StaleState,
    /// The uploaded bytes are not the announced ones; `details` has expected and actual size and
    /// hash.
    ChecksumMismatch,
    /// Nothing has arrived at the upload URL yet, or parts are missing.
    UploadIncomplete,
    /// The upload has expired; initiate a new one.
    UploadExpired,
    /// The same `Idempotency-Key` came with a different request.
    IdempotencyConflict,
    /// The first request with this `Idempotency-Key` is still running; retry later.
    IdempotencyInProgress,
    /// `If-Match` does not match the current `ETag` of the resource.
    PreconditionFailed,
    /// Too many requests of this kind in this hour; `Retry-After` says when the next one is taken.
    RateLimited,
    /// Too many concurrent writers; nothing was changed, and the request can be retried.
    Contention,
    /// The keys of the JWT's issuer can't be fetched; retry later.
    IssuerUnavailable,
    /// The registry of an integration does not answer, or not as registries do; retry later.
    RegistryUnavailable,
    /// A dependency of the service does not respond; retry later.
    Unavailable,
    /// Internal error. The request id leads to the log entry.
    Internal,
}

impl Code {
    /// All codes, in the order of the documentation.
    pub const ALL: [Self; 48] = [
        Self::InvalidField,
        Self::UnknownField,
        Self::InvalidCursor,
        Self::Unauthenticated,
        Self::JwtTooLarge,
        Self::JwtMalformed,
        Self::JwtAlgorithmRefused,
        Self::JwtIssuerRefused,
        Self::JwtKeyUnknown,
        Self::JwtSignatureInvalid,
        Self::JwtAudienceRefused,
        Self::JwtExpired,
        Self::JwtNotYetValid,
        Self::JwtSubjectRefused,
        Self::JwtRepositoryRefused,
        Self::JwtRefRefused,
        Self::JwtEnvironmentRefused,
        Self::JwtClaimRefused,
        Self::JwtReplayed,
        Self::Forbidden,
        Self::NotFound,
        Self::ProductExists,
        Self::TenantExists,
        Self::NameExists,
        Self::LimitReached,
        Self::SecretUnavailable,
        Self::ReleaseExists,
        Self::ArtifactExists,
        Self::ArtifactNotReady,
        Self::UnknownProduct,
        Self::UnknownChannel,
        Self::PrereleaseNotAllowed,
        Self::UnknownIntegration,
        Self::UnresolvableComponent,
        Self::ReleaseNotPromotable,
        Self::StaleState,
        Self::ChecksumMismatch,
        Self::UploadIncomplete,
        Self::UploadExpired,
        Self::IdempotencyConflict,
        Self::IdempotencyInProgress,
        Self::PreconditionFailed,
        Self::RateLimited,
        Self::Contention,
        Self::IssuerUnavailable,
        Self::RegistryUnavailable,
        Self::Unavailable,
        Self::Internal,
    ];

    /// Whether the credential is at fault: the answer is 401, and where none is needed, it counts as
    /// none.
    #[must_use]
    pub const fn is_unauthenticated(self) -> bool {
        matches!(
            self,
            Self::Unauthenticated
                | Self::JwtTooLarge
                | Self::JwtMalformed
                | Self::JwtAlgorithmRefused
                | Self::JwtIssuerRefused
                | Self::JwtKeyUnknown
                | Self::JwtSignatureInvalid
                | Self::JwtAudienceRefused
                | Self::JwtExpired
                | Self::JwtNotYetValid
                | Self::JwtSubjectRefused
                | Self::JwtRepositoryRefused
                | Self::JwtRefRefused
                | Self::JwtEnvironmentRefused
                | Self::JwtClaimRefused
                | Self::JwtReplayed
        )
    }
}

type Source = Box<dyn std::error::Error + Send + Sync>;

#[derive(Debug)]
struct Inner<C> {
    code: C,
    message: String,
    field: Option<String>,
    details: Option<Value>,
    source: Option<Source>,
}

/// An error with two audiences: code, message, field and details for the caller; the source for the
/// log only. `C` is the set that its code is of.
#[derive(Debug)]
pub struct Error<C = Code>(Box<Inner<C>>);

impl Error {
    /// An internal failure. The caller gets the code `internal` only; `source` goes to the log.
    pub fn internal(source: impl Into<Source>) -> Self {
        Self::new(Code::Internal, "an internal fault; the request id leads to its log line")
            .because(source)
    }

    /// The resource of this kind and id does not exist, or the caller is not allowed to see it.
    pub fn not_found(kind: &str, id: impl fmt::Display) -> Self {
        Self::new(Code::NotFound, format!("there is no {kind} {id}"))
    }

    /// The value of `field` is invalid.
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(Code::InvalidField, message).at(field)
    }
}

impl<C: Copy> Error<C> {
    /// An error that the caller reads. `message` says what is wrong and what would be valid.
    pub fn new(code: C, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            code,
            message: message.into(),
            field: None,
            details: None,
            source: None,
        }))
    }

    /// Sets the field that is at fault, such as `artifacts[0].platform`.
    #[must_use]
    pub fn at(mut self, field: impl Into<String>) -> Self {
        self.0.field = Some(field.into());
        self
    }

    /// Adds `words` to the message.
    #[must_use]
    pub fn adding(mut self, words: &str) -> Self {
        self.0.message.push_str(words);
        self
    }

    /// Sets machine-readable details.
    #[must_use]
    pub fn with(mut self, details: Value) -> Self {
        self.0.details = Some(details);
        self
    }

    /// Sets the source, which the log gets and the caller does not.
    #[must_use]
    pub fn because(mut self, source: impl Into<Source>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// The same error with its code in a larger set.
    #[must_use]
    pub fn map_code<D>(self, widen: impl FnOnce(C) -> D) -> Error<D> {
        let Inner { code, message, field, details, source } = *self.0;
        Error(Box::new(Inner { code: widen(code), message, field, details, source }))
    }

    /// The error code.
    #[must_use]
    pub fn code(&self) -> C {
        self.0.code
    }

    /// The message for the caller.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The field that is at fault, as a path into the request.
    #[must_use]
    pub fn field(&self) -> Option<&str> {
        self.0.field.as_deref()
    }

    /// Machine-readable details.
    #[must_use]
    pub fn details(&self) -> Option<&Value> {
        self.0.details.as_ref()
    }
}

impl<C> fmt::Display for Error<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.field {
            Some(field) => write!(f, "{field}: {}", self.0.message),
            None => f.write_str(&self.0.message),
        }
    }
}

impl<C: fmt::Debug> std::error::Error for Error<C> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_ref().map(|source| &**source as &(dyn std::error::Error + 'static))
    }
}
