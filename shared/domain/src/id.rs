//! Typed ids: a prefix that names the kind of resource, and a UUID version 7 in lower-case hex.

use jiff::Timestamp;

use crate::string_newtype;
use crate::text::is_slug;

/// An id that can be generated. Time and entropy are arguments, so that the domain stays pure.
pub trait GenerateId: Sized {
    /// The id for `now` and 80 bits of entropy (RFC 9562, UUID version 7). Later ids sort after
    /// earlier ones.
    fn generate(now: Timestamp, entropy: [u8; 10]) -> Self;
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal, $example:literal, $what:literal, $rule:literal, $pattern:literal) => {
        string_newtype! {
            $(#[$doc])*
            #[schemars(extend("examples" = [concat!($prefix, $example)]))]
            $name, what = $what, rule = $rule, pattern = $pattern,
            check = |text| text.strip_prefix($prefix).is_some_and(|rest| is_slug(rest, 57))
        }

        impl GenerateId for $name {
            fn generate(now: Timestamp, entropy: [u8; 10]) -> Self {
                let millis = u64::try_from(now.as_millisecond()).unwrap_or_default();
                let uuid = uuid::Builder::from_unix_timestamp_millis(millis, &entropy).into_uuid();
                Self(format!("{}{}", $prefix, uuid.as_simple()))
            }
        }
    };
}

id! {
    /// Id of a product: `prod_` and 1 to 57 characters of `a-z`, `0-9` and `-`. Chosen by the
    /// creator or generated.
    ProductId, "prod_", "xyz789", "a product id", "`prod_` and 1 to 57 characters of a-z, 0-9 and -, as in `prod_xyz789`", "^prod_[a-z0-9][a-z0-9-]{0,56}$"
}
id! {
    /// Id of a release, generated.
    ReleaseId, "rel_", "0199c2f0a1b27c3d8e4f5a6b7c8d9e0f", "a release id", "`rel_` and what release-create answered", "^rel_[a-z0-9][a-z0-9-]{0,56}$"
}
id! {
    /// Id of an artifact, generated.
    ArtifactId, "art_", "0199c2f0a1b27c3d8e4f5a6b7c8d9e10", "an artifact id", "`art_` and what artifact-register or upload-complete answered", "^art_[a-z0-9][a-z0-9-]{0,56}$"
}
id! {
    /// Id of an upload, generated.
    UploadId, "upl_", "0199c2f0a1b27c3d8e4f5a6b7c8d9e11", "an upload id", "`upl_` and what upload-initiate answered", "^upl_[a-z0-9][a-z0-9-]{0,56}$"
}
id! {
    /// Id of a tenant: `tenant_` and 1 to 57 characters of `a-z`, `0-9` and `-`. Chosen by the
    /// creator or generated.
    TenantId, "tenant_", "abc123", "a tenant id", "`tenant_` and 1 to 57 characters of a-z, 0-9 and -, as in `tenant_abc123`", "^tenant_[a-z0-9][a-z0-9-]{0,56}$"
}
id! {
    /// Id of an API token, generated. Not secret.
    TokenId, "tok_", "0199c2f0a1b27c3d8e4f5a6b7c8d9e12", "a token id", "`tok_` and what token-create answered", "^tok_[a-z0-9][a-z0-9-]{0,56}$"
}
id! {
    /// Id of an audit event, generated.
    EventId, "evt_", "0199c2f0a1b27c3d8e4f5a6b7c8d9e13", "an event id", "`evt_` and what the audit log shows", "^evt_[a-z0-9][a-z0-9-]{0,56}$"
}
id! {
    /// Id of a snapshot, generated.
    SnapshotId, "snapshot_", "0199c2f0a1b27c3d8e4f5a6b7c8d9e14", "a snapshot id", "`snapshot_` and what snapshot-generate answered", "^snapshot_[a-z0-9][a-z0-9-]{0,56}$"
}
id! {
    /// Id of a mirror, generated.
    MirrorId, "mir_", "0199c2f0a1b27c3d8e4f5a6b7c8d9e15", "a mirror id", "`mir_` and what mirror-create answered", "^mir_[a-z0-9][a-z0-9-]{0,56}$"
}
id! {
    /// Id of a snapshot generation, which covers one tenant or all tenants.
    GenerationId, "gen_", "0199c2f0a1b27c3d8e4f5a6b7c8d9e16", "a generation id", "`gen_` and what snapshot-generate answered", "^gen_[a-z0-9][a-z0-9-]{0,56}$"
}

id! {
    /// Id of an approval, generated.
    ApprovalId, "apr_", "0199c2f0a1b27c3d8e4f5a6b7c8d9e17", "an approval id", "`apr_` and what the request of the change answered", "^apr_[a-z0-9][a-z0-9-]{0,56}$"
}

id! {
    /// Id of a trust rule, generated. Not secret.
    TrustRuleId, "trust_", "0199c2f0a1b27c3d8e4f5a6b7c8d9e18", "a trust rule id", "`trust_` and what trust-create answered", "^trust_[a-z0-9][a-z0-9-]{0,56}$"
}
id! {
    /// Id of a webhook, generated.
    WebhookId, "whk_", "0199c2f0a1b27c3d8e4f5a6b7c8d9e19", "a webhook id", "`whk_` and what webhook-create answered", "^whk_[a-z0-9][a-z0-9-]{0,56}$"
}

impl GenerationId {
    /// The id for the generation that `cause` triggers. Equal causes give equal ids, so that an
    /// event that is delivered twice enqueues the same work item.
    #[must_use]
    pub fn of(cause: &str) -> Self {
        let digest = crate::Sha256::of(cause.as_bytes()).to_string();
        Self(format!("gen_{}", digest.get(..32).unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_made_later_sort_later() {
        let early = ReleaseId::generate(Timestamp::from_millisecond(1_000).unwrap(), [0xff; 10]);
        let late = ReleaseId::generate(Timestamp::from_millisecond(1_001).unwrap(), [0; 10]);
        assert!(early < late, "{early} {late}");
    }

    #[test]
    fn an_id_of_another_kind_is_refused_with_the_rule() {
        let error = "prod_1".parse::<ReleaseId>().unwrap_err().to_string();
        assert!(error.contains("not a release id") && error.contains("rel_"), "{error}");
    }
}
