//! Who asks: credentials become principals.

use http::HeaderMap;
use slipway_aws::Meter;
use slipway_catalog::Reader;
use slipway_domain::token::Token;
use slipway_domain::{Code, Error, Principal, Result, Sha256};
use slipway_oidc::is_jwt;
use subtle::ConstantTimeEq;

use crate::request::Request;
use crate::route::Authorization;
use crate::services::Services;

/// The header that Releasy's clients send the bootstrap key in.
const ADMIN_KEY: &str = "x-releasy-admin-key";

/// The caller, if it may use what `access` guards.
///
/// # Errors
/// `unauthenticated` without a valid credential, `forbidden` without the scope.
pub async fn admit(
    access: Authorization,
    services: &Services,
    request: &Request,
    meter: &Meter,
) -> Result<Principal> {
    match access {
        Authorization::Public => Ok(Principal::anonymous()),
        Authorization::Optional => optional(services, request, meter).await,
        Authorization::Credential => authenticated(services, request, meter).await,
        Authorization::Scope(scope) => {
            let principal = authenticated(services, request, meter).await?;
            principal.require(scope)?;
            Ok(principal)
        }
    }
}

/// The caller of an operation that needs a credential.
async fn authenticated(services: &Services, request: &Request, meter: &Meter) -> Result<Principal> {
    let secret = credential(&request.headers)?
        .ok_or_else(|| unauthenticated("no credential; send Authorization: Bearer <token>"))?;
    authenticate(services, secret, meter).await
}

/// The caller of an operation that takes a credential and needs none. A credential opens more than
/// none does, never less: one that is not valid, or no longer, is as none.
async fn optional(services: &Services, request: &Request, meter: &Meter) -> Result<Principal> {
    let caller = match credential(&request.headers) {
        Ok(Some(secret)) => authenticate(services, secret, meter).await,
        Ok(None) => Ok(Principal::anonymous()),
        Err(error) => Err(error),
    };
    match caller {
        Err(error) if error.code().is_unauthenticated() || error.code() == Code::Forbidden => {
            Ok(Principal::anonymous())
        }
        caller => caller,
    }
}

/// The secret that a request brings. A blank one is none.
fn credential(headers: &HeaderMap) -> Result<Option<&str>> {
    if let Some(key) = headers.get(ADMIN_KEY) {
        let key = key.to_str().map_err(|_| unauthenticated("the credential is not ASCII"))?;
        if !key.trim().is_empty() {
            return Ok(Some(key));
        }
    }
    let Some(value) = headers.get(http::header::AUTHORIZATION) else { return Ok(None) };
    let value = value.to_str().map_err(|_| unauthenticated("the credential is not ASCII"))?;
    let (scheme, secret) = value.split_once(' ').unwrap_or((value, ""));
    if scheme.eq_ignore_ascii_case("bearer") && !secret.trim().is_empty() {
        return Ok(Some(secret.trim()));
    }
    Err(unauthenticated("the Authorization header is not `Bearer <token>`"))
}

/// Secrets are 256 random bits, so a look-up by their digest tells nothing about them; the
/// bootstrap key's digest is compared in constant time.
async fn authenticate(services: &Services, secret: &str, meter: &Meter) -> Result<Principal> {
    let digest = Sha256::of(secret.as_bytes());
    if bool::from(digest.as_bytes().ct_eq(services.admin_token.as_bytes())) {
        return Ok(Principal::bootstrap());
    }
    let reader = Reader::new(services.table.metered(meter), Principal::system().into());
    let unknown = || unauthenticated("the credential is unknown, expired or revoked");
    if !secret.starts_with(slipway_domain::token::PREFIX) {
        return match &services.operators {
            Some(operators) if is_jwt(secret) => {
                operators.authenticate(secret, services.clock.now()).await
            }
            _ => Err(unknown()),
        };
    }
    let now = services.clock.now();
    let token = reader.find_token(&digest).await?;
    let token = token.filter(|token| token.is_valid_at(now)).ok_or_else(unknown)?;
    if let Some(rule) = token.trust_rule() {
        let rule = reader.find_trust_rule(&rule).await?;
        rule.filter(|rule| rule.value.is_valid_at(now)).ok_or_else(unknown)?;
    }
    holder(&reader, token).await
}

async fn holder(reader: &Reader, token: Token) -> Result<Principal> {
    let Some(tenant) = token.tenant_id.clone() else { return Principal::holder(token, None) };
    let tenant = reader.get_tenant(&tenant).await?.value;
    Principal::holder(token, Some(&tenant))
}

fn unauthenticated(message: &str) -> Error {
    Error::new(Code::Unauthenticated, message)
}
