//! Which partitions the rows of an entity are in: what a function that changes the entity may
//! write, as IAM's condition key `dynamodb:LeadingKeys` says it.

/// An entity that functions change. Signing keys are none: only the deployer writes them, so no
/// function can declare that it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Entity {
    /// Products and their slugs.
    Product,
    /// Artifacts.
    Artifact,
    /// Uploads.
    Upload,
    /// Releases, their history and the due times of their rollouts, the channel heads and release
    /// index that follow from them, the use rows of their artifacts, and the channels that products
    /// get with them.
    Release,
    /// Tenants.
    Tenant,
    /// Policies of every level.
    Policy,
    /// Approvals, and which is the last one for a change.
    Approval,
    /// API tokens.
    Token,
    /// Tokens of workloads, and the uses of the JWTs that they were exchanged for.
    ExchangedToken,
    /// Trust rules.
    TrustRule,
    /// Snapshots and their streams.
    Snapshot,
    /// When streams of snapshots were last used.
    StreamUse,
    /// The configuration of snapshots.
    SnapshotConfig,
    /// When scheduled tasks last ran.
    ScheduleState,
    /// Mirrors.
    Mirror,
    /// Webhooks.
    Webhook,
    /// Events that wait for webhooks, and what came of them.
    WebhookDelivery,
    /// Environments and their names.
    Environment,
    /// Integrations and their names.
    Integration,
    /// Components and their names.
    Component,
    /// Version maps of components, and what leads to them.
    VersionMap,
    /// Release bundles, their names, their list, and which components they have.
    ReleaseBundle,
    /// Promotions of release bundles, and their list.
    Promotion,
    /// What is deployed in environments.
    Deployment,
    /// Work items that the stream hands to functions.
    WorkItem,
    /// Counts of decisions, and of clients that were offered a release.
    Adoption,
    /// What clients report of releases, its counts, and what bounds it.
    Outcome,
    /// What has the reports of a release looked at.
    HaltCheck,
    /// Responses to requests with an `Idempotency-Key`.
    IdempotencyRecord,
}

impl Entity {
    /// Every entity.
    pub const ALL: [Self; 29] = [
        Self::Product,
        Self::Artifact,
        Self::Upload,
        Self::Release,
        Self::Tenant,
        Self::Policy,
        Self::Approval,
        Self::Token,
        Self::ExchangedToken,
        Self::TrustRule,
        Self::Snapshot,
        Self::StreamUse,
        Self::SnapshotConfig,
        Self::ScheduleState,
        Self::Mirror,
        Self::Webhook,
        Self::WebhookDelivery,
        Self::Environment,
        Self::Integration,
        Self::Component,
        Self::VersionMap,
        Self::ReleaseBundle,
        Self::Promotion,
        Self::Deployment,
        Self::WorkItem,
        Self::Adoption,
        Self::Outcome,
        Self::HaltCheck,
        Self::IdempotencyRecord,
    ];

    /// Partition keys in which rows of the entity are put, changed and deleted. `*` stands for any
    /// text, as in IAM's `StringLike`.
    #[must_use]
    pub const fn partitions(self) -> &'static [&'static str] {
        match self {
            Self::Product => &["PRODUCT#*", "SLUG#*", "INDEX"],
            Self::Artifact => &["ARTIFACT#*"],
            Self::Upload => &["UPLOAD#*"],
            Self::Release => &["PRODUCT#*", "RELEASE#*", "ARTIFACT#*", "INDEX", "DUEROLLOUTS"],
            Self::Tenant => &["TENANT#*"],
            Self::Policy => &["POLICY", "PRODUCT#*", "TENANT#*"],
            Self::Approval => &["APPROVAL#*", "APPROVALCHANGE#*"],
            Self::Token => &["TOKEN#*", "TOKENID#*"],
            Self::TrustRule => TRUST_RULES,
            Self::Snapshot => &["SNAPSHOT#*", "STREAMS#*", "STREAMCOUNT#*"],
            Self::StreamUse => &["STREAMUSES#*"],
            Self::SnapshotConfig => &["SNAPSHOTCONFIG"],
            Self::ScheduleState => &["LASTTIME#*"],
            Self::Mirror => &["MIRROR#*"],
            Self::Webhook => &["WEBHOOKS"],
            Self::WebhookDelivery => &["WEBHOOKQUEUE#*", "WEBHOOKDELIVERY#*"],
            Self::Environment => &["ENVIRONMENTS", "ENVIRONMENTNAME#*"],
            Self::Integration => &["INTEGRATIONS", "INTEGRATIONNAME#*"],
            Self::Component => &["COMPONENTS", "COMPONENTNAME#*", "COMPONENTUSES"],
            Self::VersionMap => &["VERSIONS#*"],
            Self::ReleaseBundle => &[
                "BUNDLE#*",
                "BUNDLENAME#*",
                "BUNDLESEGMENTS",
                "BUNDLELIST#*",
                "BUNDLESOF#*",
                "COMPONENTUSES",
            ],
            Self::Promotion => &[
                "PROMOTION#*",
                "PROMOTIONSEGMENTS",
                "PROMOTIONLIST#*",
                "PROMOTIONSOF#*",
                "PROMOTIONSTO#*",
                "OPENPROMOTIONS",
            ],
            Self::Deployment => &["DEPLOYMENTS"],
            Self::WorkItem | Self::HaltCheck | Self::ExchangedToken => &[],
            Self::Adoption => ADOPTION,
            Self::Outcome => OUTCOMES,
            Self::IdempotencyRecord => &["IDEMPOTENCY#*"],
        }
    }

    /// Partition keys to which a change of the entity appends rows that nobody deletes but
    /// DynamoDB's TTL: audit events, what was done to approvals and to uploads for releases, outbox
    /// rows and work items.
    #[must_use]
    pub const fn appends(self) -> &'static [&'static str] {
        match self {
            Self::Release | Self::Product => &["AUDIT#*", "OUTBOX#*"],
            Self::Approval => &["AUDIT#*", "RELEASEAPPROVALS#*"],
            Self::Upload => &["AUDIT#*", "RELEASEUPLOADS#*"],
            Self::WorkItem => &["AUDIT#*", "WORK#*"],
            Self::HaltCheck => &["HALTCHECK#*"],
            Self::ExchangedToken => &["AUDIT#*", "TOKEN#*", "TOKENID#*", "JWTUSE#*"],
            Self::StreamUse
            | Self::ScheduleState
            | Self::Adoption
            | Self::Outcome
            | Self::WebhookDelivery
            | Self::IdempotencyRecord => &[],
            _ => &["AUDIT#*"],
        }
    }
}

/// Partition keys of the counts of decisions, and of clients that were offered a release.
pub const ADOPTION: &[&str] = &["ADOPTION#*", "OFFERED#*"];
/// Partition keys of what clients report of releases.
pub const OUTCOMES: &[&str] = &["OUTCOME#*", "OUTCOMECOUNT#*", "OUTCOMERATE#*", "OUTCOMESALT#*"];
/// Partition keys that are read for a report: those of releases and of reports.
pub const REPORTED_RELEASES: &[&str] =
    &["PRODUCT#*", "RELEASE#*", "OUTCOME#*", "OUTCOMECOUNT#*", "OUTCOMESALT#*"];
/// The partition of the signing keys.
pub const KEY_RING: &[&str] = &["KEYRING"];
/// Partition keys of trust rules.
pub const TRUST_RULES: &[&str] = &["TRUSTRULE#*"];
/// Partition keys of what tells who a caller is: tokens, the tenants that they are bound to, and
/// the trust rules by which they were exchanged.
pub const CREDENTIALS: &[&str] = &["TOKEN#*", "TENANT#*", "TRUSTRULE#*"];
/// Partition keys of what decisions depend on: products with their heads and releases, tenants, and
/// policies.
pub const DECISION_FACTS: &[&str] = &["PRODUCT#*", "TENANT#*", "POLICY"];

/// Whether `key` is one of those that `pattern` stands for: a text, or its beginning and `*`.
#[must_use]
pub fn matches(pattern: &str, key: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == key, |beginning| key.starts_with(beginning))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema;

    #[test]
    fn no_entity_reaches_the_signing_keys() {
        let ring = schema::key_ring();
        for entity in Entity::ALL {
            let all = [entity.partitions(), entity.appends()].concat();
            assert!(all.iter().all(|pattern| !matches(pattern, &ring)), "{entity:?}");
        }
        assert!(matches(KEY_RING[0], &ring));
    }

    #[test]
    fn only_tokens_reach_tokens() {
        let (token, pointer) = ("TOKEN#0123", "TOKENID#tok_1");
        for entity in Entity::ALL {
            let reaches = |key| entity.partitions().iter().any(|pattern| matches(pattern, key));
            assert_eq!(reaches(token) && reaches(pointer), entity == Entity::Token, "{entity:?}");
            assert_eq!(reaches(token) || reaches(pointer), entity == Entity::Token, "{entity:?}");
        }
    }

    #[test]
    fn a_star_stands_for_any_end() {
        assert!(matches("PRODUCT#*", "PRODUCT#prod_1") && !matches("PRODUCT#*", "PRODUCTS"));
        assert!(matches("INDEX", "INDEX") && !matches("INDEX", "INDEX#"));
    }
}
