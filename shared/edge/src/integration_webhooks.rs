//! Registries that call: they bring the secret of their integration's webhook.
//!
//! What they can send differs. distribution sends any header, Harbor its `auth_header` as
//! `Authorization`, with or without a scheme, and Docker Hub can be given nothing but a URL.

use std::sync::Arc;

use data_encoding::BASE64;
use futures::FutureExt;
use futures::future::BoxFuture;
use http::header::AUTHORIZATION;
use slipway_aws::Meter;
use slipway_catalog::Reader;
use slipway_composition::{Integration, IntegrationId};
use slipway_domain::{Code, Error, Principal, Result, Sha256};
use subtle::{Choice, ConstantTimeEq};

use crate::authenticator::Authenticator;
use crate::input::query::values_of;
use crate::permissions::Grant;
use crate::request::Request;
use crate::route::Route;
use crate::services::Services;

/// The query parameter that may have the secret.
const PARAMETER: &str = "secret";

/// Takes the webhook of the integration whose id is the one parameter of the path of `route`.
#[must_use]
pub fn integration_webhooks(route: Route) -> Box<dyn Authenticator> {
    Box::new(IntegrationWebhooks(route))
}

struct IntegrationWebhooks(Route);

impl Authenticator for IntegrationWebhooks {
    fn grants(&self) -> &'static [Grant] {
        &[Grant::ReadCatalog, Grant::ReadIntegrationSecrets]
    }

    fn authenticate<'a>(
        &'a self,
        services: &'a Arc<Services>,
        request: &'a Request,
        meter: &'a Meter,
    ) -> BoxFuture<'a, Result<Principal>> {
        self.sender(services, request, meter).boxed()
    }
}

impl IntegrationWebhooks {
    /// The integration whose secret the request brings. That there is no such integration, that it
    /// takes no events, that its secret can't be read, and that this is another one, is told alike;
    /// the log knows.
    async fn sender(
        &self,
        services: &Services,
        request: &Request,
        meter: &Meter,
    ) -> Result<Principal> {
        let brought = brought(request);
        if brought.is_empty() {
            return Err(refused().because("the request brings no secret"));
        }
        let integration = self.integration(services, request, meter).await?;
        let Some(integration) = integration else {
            return Err(refused().because("there is no such integration"));
        };
        let Some(reference) = &integration.webhook_secret_ref else {
            return Err(refused().because("the integration has no webhookSecretRef"));
        };
        let secret =
            services.webhook_secret(reference).await.map_err(|error| match error.code() {
                Code::SecretUnavailable | Code::InvalidField => refused().because(error),
                _ => error,
            })?;
        if is_among(&secret, &brought) {
            let name = integration.name.display_name(None)?;
            return Ok(Principal::registry_webhook(integration.id.as_str(), name));
        }
        Err(refused().because("the integration's webhook has another secret"))
    }

    /// The integration that the path names.
    async fn integration(
        &self,
        services: &Services,
        request: &Request,
        meter: &Meter,
    ) -> Result<Option<Integration>> {
        let values = self.0.match_path(&request.path).unwrap_or_default();
        let id = values.first().and_then(|id| id.parse::<IntegrationId>().ok());
        let Some(id) = id else { return Ok(None) };
        let reader = Reader::new(services.table.metered(meter), Principal::system().into());
        reader.find_integration(&id).await
    }
}

/// What may be the secret: what stands in `Authorization` as it is, behind `Bearer`, and as the
/// password of `Basic` (RFC 7617), and the query parameter.
fn brought(request: &Request) -> Vec<String> {
    let mut brought = values_of(&request.query, PARAMETER);
    for value in request.header_values(AUTHORIZATION).map(str::trim) {
        brought.push(value.to_owned());
        let Some((scheme, rest)) = value.split_once(' ') else { continue };
        match scheme.to_ascii_lowercase().as_str() {
            "bearer" => brought.push(rest.trim().to_owned()),
            "basic" => brought.extend(password(rest.trim())),
            _ => {}
        }
    }
    brought.retain(|text| !text.is_empty());
    brought
}

fn password(basic: &str) -> Option<String> {
    let pair = String::from_utf8(BASE64.decode(basic.as_bytes()).ok()?).ok()?;
    pair.split_once(':').map(|(_, password)| password.to_owned())
}

/// Whether `secret` is one of `brought`. How long that takes tells nothing about the secret.
fn is_among(secret: &str, brought: &[String]) -> bool {
    let digest = |text: &str| Sha256::of(text.as_bytes());
    let expected = digest(secret);
    let equal = brought.iter().map(|text| digest(text).as_bytes().ct_eq(expected.as_bytes()));
    equal.fold(Choice::from(0), |any, one| any | one).into()
}

fn refused() -> Error {
    let message = "the secret of this integration's webhook is needed: as Authorization: Bearer <secret>, as the password of Basic, or as the query parameter `secret`";
    Error::new(Code::Unauthenticated, message)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn request(query: &str, authorization: Option<&'static str>) -> Request {
        let mut request = Request::for_test("/", query);
        if let Some(value) = authorization {
            request.headers.insert(AUTHORIZATION, HeaderValue::from_static(value));
        }
        request
    }

    #[test]
    fn the_secret_stands_where_senders_can_put_it() {
        for (query, authorization) in [
            ("", Some("Bearer s3cret+of/it")),
            ("", Some("bearer  s3cret+of/it ")),
            ("", Some("s3cret+of/it")),
            ("", Some("Basic YW55Ym9keTpzM2NyZXQrb2YvaXQ=")),
            ("", Some("basic OnMzY3JldCtvZi9pdA==")),
            ("secret=s3cret%2Bof%2Fit", None),
            ("a=b&secret=s3cret+of/it", None),
            ("secret=s3cret%2Bof%2Fit", Some("Bearer of-somebody-in-between")),
        ] {
            let brought = brought(&request(query, authorization));
            assert!(is_among("s3cret+of/it", &brought), "{query} {authorization:?}");
        }
    }

    #[test]
    fn what_is_like_the_secret_is_another_one() {
        for (query, authorization) in [
            ("", None),
            ("secret=", Some("")),
            ("secret=s3cre", None),
            ("secret=s3crets", None),
            ("token=s3cret", None),
            ("", Some("Bearer S3CRET")),
            ("", Some("Digest s3cret")),
            ("", Some("Basic s3cret")),
            ("", Some("Basic czNjcmV0")),
            ("", Some("Basic czNjcmV0OmE=")),
        ] {
            let brought = brought(&request(query, authorization));
            assert!(!is_among("s3cret", &brought), "{query} {authorization:?}");
        }
    }
}
