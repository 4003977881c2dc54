//! Issuers whose JWTs are exchanged for tokens, by trust rules.

use slipway_domain::trust_rule::{JwtUse, TrustRule, Workload};
use slipway_domain::{Code, Error, IssuerUrl, Result, Timestamp};
use slipway_oidc::{Claims, IssuerKeys, Jwt};

use crate::deployment_setting::TRUSTED_ISSUERS;
use crate::external::ExternalAccess;

/// Which issuers trust rules may name.
#[derive(Debug, Clone)]
pub struct TrustedIssuerSettings {
    issuers: Vec<IssuerUrl>,
    access: ExternalAccess,
}

impl TrustedIssuerSettings {
    /// These. Their keys are fetched from public hosts, over https.
    #[must_use]
    pub fn new(issuers: Vec<IssuerUrl>) -> Self {
        Self { issuers, access: ExternalAccess::to_hosts(vec!["*".to_owned()]) }
    }

    /// The same in another network.
    #[must_use]
    pub fn in_network(self, access: ExternalAccess) -> Self {
        Self { access, ..self }
    }
}

impl Default for TrustedIssuerSettings {
    fn default() -> Self {
        Self::new(Vec::new())
    }
}

/// The issuers that trust rules may name, and their keys.
#[derive(Debug)]
pub struct TrustedIssuers {
    keys: Vec<IssuerKeys>,
    access: ExternalAccess,
}

/// A JWT that its issuer, a trusted one, has signed. Whom it is for and when it is valid is not
/// looked at yet: that is for a trust rule to say.
#[derive(Debug)]
pub struct VerifiedJwt<'a> {
    issuer: &'a IssuerUrl,
    claims: Claims,
    workload: Workload,
}

impl TrustedIssuers {
    /// Those of `settings`. No keys are fetched yet.
    pub(crate) fn new(settings: &TrustedIssuerSettings) -> Self {
        let keys = settings.issuers.iter().cloned().map(IssuerKeys::new).collect();
        Self { keys, access: settings.access.clone() }
    }

    /// Makes sure that trust rules may name `issuer`.
    ///
    /// # Errors
    /// `invalid_field`, with those that they may name.
    pub fn require(&self, issuer: &IssuerUrl) -> Result<()> {
        if self.keys.iter().any(|keys| keys.issuer() == issuer) {
            return Ok(());
        }
        let names: Vec<_> = self.keys.iter().map(|keys| keys.issuer().as_str()).collect();
        let names = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        let message = format!(
            "an issuer that the deployment trusts, which are {names}; a setting of the deployment names them: {TRUSTED_ISSUERS}"
        );
        Err(Error::invalid("issuer", message))
    }

    /// The JWT `token`, once its signature is verified. Nothing is fetched for a JWT of an issuer
    /// that is not trusted.
    ///
    /// # Errors
    /// The codes `jwt_...` of its form, issuer, key and signature; `issuer_unavailable`.
    pub async fn verify(&self, token: &str, now: Timestamp) -> Result<VerifiedJwt<'_>> {
        let jwt = Jwt::parse(token)?;
        let claimed = jwt.claimed_issuer();
        let issuer = self.keys.iter().find(|keys| claimed == Some(keys.issuer().as_str()));
        let issuer = issuer.ok_or_else(|| {
            Error::new(Code::JwtIssuerRefused, "the issuer of the JWT is not trusted here")
        })?;
        let client = || self.access.client(IssuerKeys::limits());
        let claims = jwt.verify(&*issuer.current(jwt.kid(), now, client).await?)?;
        let url = issuer.issuer();
        let used = JwtUse::new(url.as_str(), claims.id()?, jwt.signed(), claims.expires_at()?);
        let workload = Workload::new(claims.text("sub"), used)?;
        Ok(VerifiedJwt { issuer: url, claims, workload })
    }
}

impl VerifiedJwt<'_> {
    /// Makes sure that the JWT is one that `rule` is for, and valid at `now`.
    ///
    /// # Errors
    /// `jwt_issuer_refused`, `jwt_audience_refused`, `jwt_expired`, `jwt_not_yet_valid`, and as for
    /// [`TrustRule::require_claims`].
    pub fn require(&self, rule: &TrustRule, now: Timestamp) -> Result<()> {
        rule.require_issuer(self.issuer)?;
        self.claims.require(self.issuer.as_str(), rule.audience.as_str(), now)?;
        rule.require_claims(|name| self.claims.scalar(name))
    }

    /// Whom the JWT is about.
    #[must_use]
    pub fn workload(&self) -> &Workload {
        &self.workload
    }
}
