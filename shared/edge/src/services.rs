//! What a function instance has: made once, at its start.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::SignedDuration;
use slipway_aws::{Clients, LazyClient, Meter};
use slipway_catalog::{AdoptionTally, DecisionCache, Table};
use slipway_domain::url_form::{self, WebScheme};
use slipway_domain::{Error, Result, Sha256, Timestamp};
use slipway_signing_kms::{KeyStore, SealingKey};
use slipway_storage::Bucket;

use crate::artifact_store::ArtifactStore;
use crate::clock::Clock;
use crate::deployment_setting::WEBHOOK_HOSTS;
use crate::external::ExternalAccess;
use crate::function_size::FunctionSize;
use crate::integration_secrets::SecretStore;
use crate::operators::{OperatorSettings, Operators};
use crate::presign_lifetime::presign_lifetime;
use crate::registry_access::{RegistryAccess, internal_host};
use crate::signing_keys::SigningKeys;
use crate::trusted_issuers::{TrustedIssuerSettings, TrustedIssuers};

/// How many outcomes of a release are taken from one network in an hour, where no setting says it.
pub const OUTCOMES_PER_HOUR: u32 = 100;

/// How long audit events are kept, in days, where no setting says it.
pub const AUDIT_RETENTION_DAYS: u16 = 400;

/// How long audit events are kept by a setting of so many days; 0 is for ever.
#[must_use]
pub fn audit_retention(days: u16) -> Option<SignedDuration> {
    (days > 0).then(|| SignedDuration::from_hours(24 * i64::from(days)))
}

/// Access to the hosts that webhooks send to.
#[must_use]
pub fn webhooks(hosts: Vec<String>) -> ExternalAccess {
    ExternalAccess::to_hosts(hosts).named(WEBHOOK_HOSTS)
}

/// How a deployment is set up.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `SLIPWAY_TABLE`: name of the DynamoDB table.
    pub table: String,
    /// `SLIPWAY_BUCKET`: name of the artifact bucket; blank in a deployment that stores no
    /// artifacts.
    pub bucket: String,
    /// The object store that the bucket is in, with these variables:
    /// `SLIPWAY_STORE`: its kind, `aws` by default, `s3-compatible` or `gcs`.
    /// `SLIPWAY_STORE_ENDPOINT`: its base URL; not for Amazon S3, nor are those that follow.
    /// `SLIPWAY_STORE_REGION`: the region that requests are signed for; `us-east-1` by default.
    /// `SLIPWAY_STORE_ADDRESSING`: `path` by default, or `virtual-hosted`.
    /// `SLIPWAY_STORE_ACCESS_KEY_ID`: who asks. Functions that touch no object are not told.
    /// `SLIPWAY_STORE_SECRET_ACCESS_KEY`: the secret that requests are signed with.
    pub store: ArtifactStore,
    /// `SLIPWAY_ADMIN_TOKEN_SHA256`: SHA-256 of the bootstrap key.
    pub admin_token: Sha256,
    /// `SLIPWAY_DECISION_CACHE_SECONDS`: how long decisions may rest on what was read before; 5 by
    /// default, and at the most the 900 that a decision is good for.
    pub decision_cache: SignedDuration,
    /// `SLIPWAY_ADOPTION_SECONDS`: how often an instance stores how many decisions it has counted,
    /// at the most; 60 by default. 0 is never, and nothing is counted then.
    pub adoption_interval: Option<SignedDuration>,
    /// `SLIPWAY_OUTCOMES_PER_HOUR`: how many outcomes of a release are taken from one network in an
    /// hour; 100 by default, and at the most a million.
    pub outcomes_per_hour: u32,
    /// `SLIPWAY_PRESIGN_EXPIRES_SECONDS`: how long a URL of release-artifact-presign works; 900 by
    /// default, from 1 to 3600 seconds in a function.
    pub presign_lifetime: SignedDuration,
    /// `SLIPWAY_AUDIT_RETENTION_DAYS`: how long audit events are kept, in days; 400 by default. 0
    /// is for ever, which is `None`.
    pub audit_retention: Option<SignedDuration>,
    /// `SLIPWAY_KEY_DIRECTORY`: where private keys are files; with KMS, where it is not set.
    pub key_directory: Option<PathBuf>,
    /// `SLIPWAY_PUBLIC_URL`: where clients reach the API; where it is not set, at the gateway that
    /// a request came to. Jobs have no request and need it.
    pub public_url: Option<String>,
    /// `SLIPWAY_BATCH_WINDOW_SECONDS`: how long the table's stream collects changes; 300 by default
    /// and at the most.
    pub batch_window: SignedDuration,
    /// `SLIPWAY_STACK`: name of the stack, with which the names of those functions begin that
    /// others start.
    pub stack: Option<String>,
    /// `SLIPWAY_METRICS_STACK`: name of the stack as a dimension of metrics. Without it none are
    /// published, each of which costs money.
    pub metrics_stack: Option<String>,
    /// `SLIPWAY_STACK_ID`: ARN of the stack. The secrets of integrations are of its account and
    /// region.
    pub stack_id: Option<String>,
    /// `SLIPWAY_CHECKED_HOSTS`: from which hosts external artifacts are fetched to be checked, with
    /// commas between them; from none by default.
    pub external: ExternalAccess,
    /// `SLIPWAY_WEBHOOK_HOSTS`: to which hosts webhooks send, with commas between them; to none by
    /// default.
    pub webhooks: ExternalAccess,
    /// `SLIPWAY_INTERNAL_REGISTRY_HOSTS`: which hosts of its own network integrations may be with,
    /// with commas between them; with none by default.
    pub registries: RegistryAccess,
    /// `SLIPWAY_SECRET_DIRECTORY`: where the secrets of integrations are files; where it is not
    /// set, they are in SSM and Secrets Manager.
    pub secret_directory: Option<PathBuf>,
    /// `SLIPWAY_ENVELOPE_KEY`: the KMS key that seals what is kept secret of webhooks. Not needed
    /// where private keys are files.
    pub envelope_key: Option<String>,
    /// `SLIPWAY_OIDC_ISSUER`, `SLIPWAY_OIDC_AUDIENCE` and `SLIPWAY_OIDC_ROLES_RESOURCE`: whose JWTs
    /// are credentials of operators; nobody's by default.
    pub operators: Option<OperatorSettings>,
    /// `SLIPWAY_TRUSTED_ISSUERS`: which issuers trust rules may name, with commas between them;
    /// none by default.
    pub trusted_issuers: TrustedIssuerSettings,
}

/// What a function instance has.
#[derive(Debug)]
pub struct Services {
    pub(crate) table: Table,
    pub(crate) bucket: Bucket,
    pub(crate) decisions: Arc<DecisionCache>,
    pub(crate) adoption: Arc<AdoptionTally>,
    pub(crate) outcomes_per_hour: u32,
    pub(crate) presign_lifetime: SignedDuration,
    pub(crate) audit_retention: Option<SignedDuration>,
    pub(crate) clock: Clock,
    pub(crate) admin_token: Sha256,
    pub(crate) public_url: Option<String>,
    pub(crate) batch_window: SignedDuration,
    pub(crate) signing_keys: SigningKeys,
    pub(crate) lambda: LazyClient<aws_sdk_lambda::Client>,
    pub(crate) stack: Option<String>,
    pub(crate) metrics_stack: Option<String>,
    pub(crate) external: ExternalAccess,
    pub(crate) webhooks: ExternalAccess,
    pub(crate) registries: RegistryAccess,
    pub(crate) secret_store: SecretStore,
    pub(crate) parameters: LazyClient<aws_sdk_ssm::Client>,
    pub(crate) sealing_key: SealingKey,
    pub(crate) operators: Option<Operators>,
    pub(crate) trusted_issuers: TrustedIssuers,
}

impl Settings {
    /// `metrics_stack` alone, of a function that needs no other setting.
    pub(crate) fn metrics_stack_from_environment() -> Option<String> {
        non_blank("SLIPWAY_METRICS_STACK")
    }

    /// Reads the settings from environment variables.
    ///
    /// # Errors
    /// `internal`, naming the variable that is missing or wrong.
    pub fn from_environment() -> Result<Self> {
        Ok(Self {
            table: required("SLIPWAY_TABLE")?,
            bucket: required("SLIPWAY_BUCKET")?.trim().to_owned(),
            store: ArtifactStore::from_variables(variable)?,
            admin_token: admin_token(&required("SLIPWAY_ADMIN_TOKEN_SHA256")?)?,
            decision_cache: seconds("SLIPWAY_DECISION_CACHE_SECONDS", 5, 900)?,
            adoption_interval: Some(seconds("SLIPWAY_ADOPTION_SECONDS", 60, 3600)?)
                .filter(SignedDuration::is_positive),
            outcomes_per_hour: outcomes_per_hour()?,
            presign_lifetime: presign_lifetime_setting()?,
            audit_retention: audit_retention(days("SLIPWAY_AUDIT_RETENTION_DAYS")?),
            key_directory: variable_os("SLIPWAY_KEY_DIRECTORY").map(PathBuf::from),
            public_url: public_url()?,
            batch_window: seconds("SLIPWAY_BATCH_WINDOW_SECONDS", 300, 300)?,
            stack: variable("SLIPWAY_STACK"),
            metrics_stack: Self::metrics_stack_from_environment(),
            stack_id: variable("SLIPWAY_STACK_ID"),
            external: ExternalAccess::to_hosts(list("SLIPWAY_CHECKED_HOSTS")),
            webhooks: webhooks(list("SLIPWAY_WEBHOOK_HOSTS")),
            registries: registries()?,
            secret_directory: variable_os("SLIPWAY_SECRET_DIRECTORY").map(PathBuf::from),
            envelope_key: non_blank("SLIPWAY_ENVELOPE_KEY"),
            operators: operators()?,
            trusted_issuers: trusted_issuers()?,
        })
    }
}

/// The digest of the bootstrap token. That of a blank one is refused: it is what the usual command
/// makes of a variable that is not set.
fn admin_token(digest: &str) -> Result<Sha256> {
    let digest: Sha256 = digest
        .parse()
        .map_err(|_| Error::internal("SLIPWAY_ADMIN_TOKEN_SHA256 is not a SHA-256"))?;
    if ["", "\n"].iter().any(|blank| Sha256::of(blank.as_bytes()) == digest) {
        let message = "SLIPWAY_ADMIN_TOKEN_SHA256 is the digest of an empty token";
        return Err(Error::internal(message));
    }
    Ok(digest)
}

fn public_url() -> Result<Option<String>> {
    variable("SLIPWAY_PUBLIC_URL").map(checked_public_url).transpose()
}

/// What the template's parameter `PublicUrl` takes: download paths are added to it as it is.
fn checked_public_url(url: String) -> Result<String> {
    let host = url.strip_prefix("https://");
    let is_host = host.is_some_and(|host| !host.contains(['/', '?', '#']));
    if is_host && url_form::parse(&url, WebScheme::Https, "https://releases.example.com").is_ok() {
        return Ok(url);
    }
    Err(Error::internal(format!(
        "SLIPWAY_PUBLIC_URL is `{url}`, not https:// and a host without a slash at its end"
    )))
}

/// The texts between commas; a blank one, where the variable is not set.
fn list(name: &str) -> Vec<String> {
    let text = variable(name).unwrap_or_default();
    text.split(',').map(str::to_owned).collect()
}

/// Where integrations lead, of the own network.
fn registries() -> Result<RegistryAccess> {
    let name = "SLIPWAY_INTERNAL_REGISTRY_HOSTS";
    let hosts = list(name).into_iter().map(|host| internal_host(&host));
    let hosts = hosts.collect::<Result<_, _>>();
    let hosts = hosts.map_err(|error| Error::internal(format!("{name}: {error}")))?;
    Ok(RegistryAccess::with_internal_hosts(hosts))
}

/// None without an issuer, which needs an audience.
fn operators() -> Result<Option<OperatorSettings>> {
    let Some(issuer) = non_blank("SLIPWAY_OIDC_ISSUER") else { return Ok(None) };
    let issuer =
        issuer.parse().map_err(|error| Error::internal(format!("SLIPWAY_OIDC_ISSUER: {error}")))?;
    let audience = non_blank("SLIPWAY_OIDC_AUDIENCE").ok_or_else(|| {
        Error::internal("SLIPWAY_OIDC_ISSUER is set, and SLIPWAY_OIDC_AUDIENCE is not")
    })?;
    let resource = non_blank("SLIPWAY_OIDC_ROLES_RESOURCE");
    Ok(Some(OperatorSettings::new(issuer, audience, resource)))
}

/// The issuers that trust rules may name.
fn trusted_issuers() -> Result<TrustedIssuerSettings> {
    let name = "SLIPWAY_TRUSTED_ISSUERS";
    let issuers = list(name).into_iter().filter(|issuer| !issuer.trim().is_empty());
    let parsed = issuers.map(|issuer| issuer.trim().parse());
    let issuers = parsed.collect::<Result<Vec<_>, _>>();
    let issuers = issuers.map_err(|error| Error::internal(format!("{name}: {error}")))?;
    Ok(TrustedIssuerSettings::new(issuers))
}

/// A number of outcomes from 1 to a million.
fn outcomes_per_hour() -> Result<u32> {
    let name = "SLIPWAY_OUTCOMES_PER_HOUR";
    let Some(text) = variable(name) else { return Ok(OUTCOMES_PER_HOUR) };
    let limit = text.parse().ok().filter(|limit| (1..=1_000_000).contains(limit));
    limit.ok_or_else(|| {
        Error::internal(format!("{name} is `{text}`, not a number from 1 to 1000000"))
    })
}

fn presign_lifetime_setting() -> Result<SignedDuration> {
    let name = "SLIPWAY_PRESIGN_EXPIRES_SECONDS";
    presign_lifetime(name, variable(name).as_deref())
}

/// A number of days from 0 to 36500.
fn days(name: &str) -> Result<u16> {
    let Some(text) = variable(name) else { return Ok(AUDIT_RETENTION_DAYS) };
    let days = text.parse().ok().filter(|days| (0..=36_500).contains(days));
    days.ok_or_else(|| Error::internal(format!("{name} is `{text}`, not a number from 0 to 36500")))
}

/// A number of seconds from 0 to `most`.
fn seconds(name: &str, default: i64, most: i64) -> Result<SignedDuration> {
    let Some(text) = variable(name) else { return Ok(SignedDuration::from_secs(default)) };
    let seconds = text.parse().ok().filter(|seconds| (0..=most).contains(seconds));
    seconds.map(SignedDuration::from_secs).ok_or_else(|| {
        Error::internal(format!("{name} is `{text}`, not a number from 0 to {most}"))
    })
}

fn required(name: &str) -> Result<String> {
    variable(name)
        .ok_or_else(|| Error::internal(format!("the environment variable {name} is not set")))
}

/// The environment variable `name`, if it is set and is text.
fn variable(name: &str) -> Option<String> {
    variable_os(name)?.into_string().ok()
}

/// The variable `name`, unless it is empty, as the parameters of a stack are by default.
fn non_blank(name: &str) -> Option<String> {
    variable(name).filter(|text| !text.trim().is_empty())
}

#[expect(clippy::disallowed_methods, reason = "the one place that reads settings")]
fn variable_os(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

impl Services {
    /// What `settings` and `clients` make.
    #[must_use]
    pub fn new(settings: &Settings, clients: &Clients, clock: Clock) -> Arc<Self> {
        let key_store = match &settings.key_directory {
            Some(directory) => KeyStore::Directory(directory.clone()),
            None => KeyStore::Kms(clients.kms.clone()),
        };
        let sealing_key = match &settings.key_directory {
            Some(directory) => SealingKey::Directory(directory.clone()),
            None => SealingKey::Kms(clients.kms.clone(), settings.envelope_key.clone()),
        };
        let meter = Meter::default();
        let table = Table::new(clients.dynamodb.clone(), &settings.table, meter.clone());
        Arc::new(Self {
            signing_keys: SigningKeys::new(&table, key_store),
            table,
            bucket: Bucket::new(clients.s3.clone(), &settings.bucket, meter)
                .with_traits(settings.store.traits),
            decisions: Arc::new(DecisionCache::new(settings.decision_cache)),
            adoption: Arc::new(AdoptionTally::new(settings.adoption_interval)),
            outcomes_per_hour: settings.outcomes_per_hour,
            presign_lifetime: settings.presign_lifetime,
            audit_retention: settings.audit_retention,
            clock,
            admin_token: settings.admin_token,
            public_url: settings.public_url.clone(),
            batch_window: settings.batch_window,
            lambda: clients.lambda.clone(),
            stack: settings.stack.clone(),
            metrics_stack: settings.metrics_stack.clone(),
            external: settings.external.clone(),
            webhooks: settings.webhooks.clone(),
            registries: settings.registries.clone(),
            secret_store: SecretStore::of(
                settings.secret_directory.clone(),
                settings.stack.as_deref(),
                settings.stack_id.as_deref(),
            ),
            parameters: clients.parameters.clone(),
            sealing_key,
            operators: settings.operators.clone().map(Operators::new),
            trusted_issuers: TrustedIssuers::new(&settings.trusted_issuers),
        })
    }

    /// When Lambda would end an invocation of a function of `size` that begins now.
    #[must_use]
    pub fn end_of(&self, size: FunctionSize) -> Timestamp {
        let time = SignedDuration::from_secs(size.timeout_seconds.into());
        self.clock.now().saturating_add(time).unwrap_or(Timestamp::MAX)
    }

    /// The name of the function of the job `name`, as the template gives it.
    pub(crate) fn function_name(&self, name: &str) -> Result<String> {
        let stack = self.stack.as_deref();
        let stack = stack.ok_or_else(|| Error::internal("SLIPWAY_STACK is not set"))?;
        Ok(format!("{stack}-{name}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_of_a_blank_bootstrap_token_is_refused() {
        let digest = |token: &str| Sha256::of(token.as_bytes()).to_string();
        assert!(admin_token(&digest("a token")).is_ok());
        for blank in ["", "\n"] {
            let refused = format!("{:?}", admin_token(&digest(blank)).unwrap_err());
            assert!(refused.contains("the digest of an empty token"), "{refused}");
        }
        assert!(admin_token("no digest").is_err());
    }
    #[test]
    fn a_public_url_is_https_and_a_host() {
        for right in ["https://a.example", "https://a.example:8443", "https://[2001:db8::1]"] {
            assert_eq!(checked_public_url(right.to_owned()).unwrap(), right);
        }
        for wrong in [
            "http://a.example",
            "https://",
            "https://a.example/",
            "https://a.example/slipway",
            "https://u@a.example",
            "https://a b",
            "https://a..example",
            "https://a.example:0",
        ] {
            let refused = format!("{:?}", checked_public_url(wrong.to_owned()).unwrap_err());
            assert!(refused.contains("SLIPWAY_PUBLIC_URL"), "{wrong}: {refused}");
        }
    }
}
