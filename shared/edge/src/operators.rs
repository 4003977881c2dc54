//! Operators: JWTs of the deployment's issuer become principals.

use slipway_domain::principal::OperatorIdentity;
use slipway_domain::text::Name;
use slipway_domain::{Code, Error, Principal, Result, Timestamp};
use slipway_oidc::{Claims, IssuerKeys, IssuerUrl, Jwt};

use crate::external::ExternalAccess;

/// Whose JWTs are credentials of operators.
#[derive(Debug, Clone)]
pub struct OperatorSettings {
    issuer: IssuerUrl,
    audience: String,
    roles_resource: Option<String>,
    access: ExternalAccess,
}

impl OperatorSettings {
    /// JWTs of `issuer` for `audience`, with roles in `resource_access.<roles_resource>.roles` too.
    /// The issuer's keys are fetched from public hosts, over https.
    #[must_use]
    pub fn new(issuer: IssuerUrl, audience: String, roles_resource: Option<String>) -> Self {
        let access = ExternalAccess::to_hosts(vec!["*".to_owned()]);
        Self { issuer, audience, roles_resource, access }
    }

    /// The same in another network.
    #[must_use]
    pub fn in_network(self, access: ExternalAccess) -> Self {
        Self { access, ..self }
    }
}

/// The operators of a deployment, and the keys of their issuer.
#[derive(Debug)]
pub(crate) struct Operators {
    settings: OperatorSettings,
    keys: IssuerKeys,
}

impl Operators {
    pub(crate) fn new(settings: OperatorSettings) -> Self {
        Self { keys: IssuerKeys::new(settings.issuer.clone()), settings }
    }

    /// The operator whom `token` names, at `now`.
    ///
    /// # Errors
    /// The codes `jwt_...`, `issuer_unavailable`, and `forbidden` without a role.
    pub(crate) async fn authenticate(&self, token: &str, now: Timestamp) -> Result<Principal> {
        let jwt = Jwt::parse(token)?;
        let issuer = self.settings.issuer.as_str();
        // Nothing is fetched for a token of another issuer.
        if jwt.claimed_issuer() != Some(issuer) {
            let message = "the issuer of the JWT is not trusted here";
            return Err(Error::new(Code::JwtIssuerRefused, message));
        }
        let client = || self.settings.access.client(IssuerKeys::limits());
        let keys = self.keys.current(jwt.kid(), now, client).await?;
        let claims = jwt.verify(&keys)?;
        claims.require(issuer, &self.settings.audience, now)?;
        Principal::operator(OperatorIdentity {
            issuer,
            subject: claims.text("sub").unwrap_or_default(),
            name: name(&claims),
            roles: claims.roles(self.settings.roles_resource.as_deref()),
            expires_at: claims.expires_at()?,
        })
    }
}

/// The first of the usual claims that is a legal name.
fn name(claims: &Claims) -> Option<Name> {
    let names = ["name", "preferred_username", "email"];
    names.into_iter().find_map(|claim| claims.text(claim)?.parse().ok())
}
