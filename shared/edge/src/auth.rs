//! Who asks: credentials become principals.

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue};
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
/// `unauthenticated` without a valid credential, `forbidden` without the scope, `invalid_field` for
/// several credentials that differ.
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
        Authorization::IntegrationWebhook => {
            Err(Error::internal("a route for webhooks has an authenticator of its own"))
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

/// The secret that a request brings, once or several times. A blank one is none.
///
/// # Errors
/// `unauthenticated` for what is no credential; `invalid_field` for several that differ: who passed
/// the request on may have looked at another one than the one that would count here.
fn credential(headers: &HeaderMap) -> Result<Option<&str>> {
    let mut secrets = Vec::new();
    for key in headers.get_all(ADMIN_KEY) {
        secrets.extend(Some(ascii(key)?).filter(|key| !key.trim().is_empty()));
    }
    for value in headers.get_all(AUTHORIZATION) {
        let value = ascii(value)?;
        // Beside the key, the header may be for somebody in between.
        if !secrets.is_empty() && !names_bearer(value) {
            continue;
        }
        for credential in joined(value) {
            secrets.push(bearer(credential)?);
        }
    }
    if secrets.windows(2).any(|pair| pair.first() != pair.last()) {
        let message = "the request brings several credentials that differ; send one, in one header";
        return Err(Error::invalid("Authorization", message));
    }
    Ok(secrets.first().copied())
}

fn ascii(value: &HeaderValue) -> Result<&str> {
    value.to_str().map_err(|_| unauthenticated("the credential is not ASCII"))
}

/// The credentials in a value of `Authorization`: of a header that comes several times, API Gateway
/// makes one, with commas. What follows on a comma and names no scheme is part of a credential.
fn joined(value: &str) -> impl Iterator<Item = &str> {
    let commas = value.match_indices(',').map(|(at, _)| at);
    let begins = |at: &usize| value.get(at + 1..).is_some_and(names_bearer);
    let ends: Vec<usize> = commas.filter(begins).chain([value.len()]).collect();
    let starts = std::iter::once(0).chain(ends.clone().into_iter().map(|end| end + 1));
    starts.zip(ends).filter_map(|(start, end)| value.get(start..end)).map(str::trim)
}

fn bearer(value: &str) -> Result<&str> {
    let (scheme, secret) = value.split_once(' ').unwrap_or((value, ""));
    if is_bearer(scheme) && !secret.trim().is_empty() {
        return Ok(secret.trim());
    }
    Err(unauthenticated("the Authorization header is not `Bearer <token>`"))
}

/// Whether a value of `Authorization` begins with the scheme `Bearer`.
fn names_bearer(value: &str) -> bool {
    is_bearer(value.trim_start().split(' ').next().unwrap_or_default())
}

fn is_bearer(scheme: &str) -> bool {
    scheme.eq_ignore_ascii_case("bearer")
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

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderName;

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        let line = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        lines.iter().map(line).collect()
    }

    #[test]
    fn a_credential_may_come_twice() {
        for lines in [
            &[("authorization", "Bearer a")][..],
            &[("x-releasy-admin-key", "a")],
            &[("x-releasy-admin-key", "a"), ("authorization", "bearer  a")],
            &[("x-releasy-admin-key", "a"), ("authorization", "")],
            &[("x-releasy-admin-key", " "), ("authorization", "Bearer a")],
            &[("authorization", "Bearer a"), ("authorization", "Bearer a")],
            &[("authorization", "Bearer a,Bearer a")],
            &[("authorization", "Bearer a, BEARER a ")],
        ] {
            assert_eq!(credential(&headers(lines)).unwrap(), Some("a"), "{lines:?}");
        }
        let key = headers(&[("authorization", "Bearer a,b, c")]);
        assert_eq!(credential(&key).unwrap(), Some("a,b, c"));
        assert_eq!(credential(&headers(&[("x-releasy-admin-key", "")])).unwrap(), None);
    }

    #[test]
    fn beside_the_key_another_scheme_is_for_somebody_else() {
        for other in ["Basic YTpi", "Negotiate x", "", " "] {
            let lines = [("x-releasy-admin-key", "a"), ("authorization", other)];
            assert_eq!(credential(&headers(&lines)).unwrap(), Some("a"), "{other}");
        }
    }

    #[test]
    fn credentials_that_differ_are_refused_wherever_they_stand() {
        for lines in [
            &[("x-releasy-admin-key", "a"), ("authorization", "Bearer b")][..],
            &[("x-releasy-admin-key", "a"), ("x-releasy-admin-key", "b")],
            &[("authorization", "Bearer a"), ("authorization", "Bearer b")],
            &[
                ("authorization", "Bearer a"),
                ("authorization", "Bearer a"),
                ("authorization", "Bearer A"),
            ],
            &[("authorization", "Bearer a,Bearer b")],
            &[("authorization", "Bearer a, bearer a,Bearer b")],
        ] {
            let error = credential(&headers(lines)).unwrap_err();
            assert_eq!((error.code(), error.field()), (Code::InvalidField, Some("Authorization")));
        }
        for lines in [
            &[("authorization", "Basic YTpi")][..],
            &[("authorization", "Bearer ")],
            &[("authorization", "Bearer a,Bearer ")],
        ] {
            assert_eq!(credential(&headers(lines)).unwrap_err().code(), Code::Unauthenticated);
        }
    }
}
