//! Routes: what an endpoint is called, where it is, and who may use it.

use percent_encoding::percent_decode_str;
use slipway_domain::Scope;

/// An endpoint's place in the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// The one name of the endpoint, such as `release-create`.
    pub op: &'static str,
    /// The HTTP method.
    pub verb: HttpMethod,
    /// The path, with parameters in braces.
    pub path: &'static str,
    /// Who may use it.
    pub access: Authorization,
    /// Whether it takes `Idempotency-Key`.
    pub idempotent: bool,
    /// Whether it honours `If-Match`.
    pub conditional: bool,
}

/// An HTTP method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HttpMethod {
    /// GET
    Get,
    /// POST
    Post,
    /// PUT
    Put,
    /// PATCH
    Patch,
    /// DELETE
    Delete,
}

impl HttpMethod {
    /// The method as HTTP writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    /// The methods that lead to an endpoint of this one: whoever answers GET answers HEAD (RFC
    /// 9110, section 9.3.2).
    #[must_use]
    pub const fn routed(self) -> &'static [&'static str] {
        match self {
            Self::Get => &["GET", "HEAD"],
            Self::Post => &["POST"],
            Self::Put => &["PUT"],
            Self::Patch => &["PATCH"],
            Self::Delete => &["DELETE"],
        }
    }
}

/// Who may use an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Authorization {
    /// Anyone, without a credential.
    Public,
    /// Anyone; a credential, where one is given, is checked and may open more.
    Optional,
    /// Whoever has a valid credential, whatever its scopes.
    Credential,
    /// Whoever has this scope.
    Scope(Scope),
    /// The webhook of the integration that the path names, which brings the integration's secret.
    IntegrationWebhook,
}

/// A GET endpoint.
#[must_use]
pub const fn get(op: &'static str, path: &'static str) -> Route {
    route(op, HttpMethod::Get, path)
}

/// A POST endpoint.
#[must_use]
pub const fn post(op: &'static str, path: &'static str) -> Route {
    route(op, HttpMethod::Post, path)
}

/// A PUT endpoint.
#[must_use]
pub const fn put(op: &'static str, path: &'static str) -> Route {
    route(op, HttpMethod::Put, path)
}

/// A PATCH endpoint.
#[must_use]
pub const fn patch(op: &'static str, path: &'static str) -> Route {
    route(op, HttpMethod::Patch, path)
}

/// A DELETE endpoint.
#[must_use]
pub const fn delete(op: &'static str, path: &'static str) -> Route {
    route(op, HttpMethod::Delete, path)
}

const fn route(op: &'static str, verb: HttpMethod, path: &'static str) -> Route {
    Route { op, verb, path, access: Authorization::Public, idempotent: false, conditional: false }
}

impl Route {
    /// For whoever has `scope`.
    #[must_use]
    pub const fn scope(self, scope: Scope) -> Self {
        Self { access: Authorization::Scope(scope), ..self }
    }

    /// For whoever has a valid credential.
    #[must_use]
    pub const fn any_credential(self) -> Self {
        Self { access: Authorization::Credential, ..self }
    }

    /// For the webhook of the integration that the path names: its endpoint says so once more, by
    /// [`Endpoint::authenticator`](crate::Endpoint::authenticator).
    #[must_use]
    pub const fn integration_webhook(self) -> Self {
        Self { access: Authorization::IntegrationWebhook, ..self }
    }

    /// For anyone, with a look at the credential.
    #[must_use]
    pub const fn optional_credential(self) -> Self {
        Self { access: Authorization::Optional, ..self }
    }

    /// Takes `Idempotency-Key`.
    #[must_use]
    pub const fn idempotent(self) -> Self {
        Self { idempotent: true, ..self }
    }

    /// Honours `If-Match`: its handler asks [`Ctx::require_match`](crate::Ctx::require_match).
    #[must_use]
    pub const fn conditional(self) -> Self {
        Self { conditional: true, ..self }
    }

    /// The names of its path parameters, in order.
    pub fn parameters(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.path.split('/').filter_map(parameter)
    }

    /// The values of its parameters in `path`, percent-decoded; `None` where the path is another
    /// one.
    #[must_use]
    pub fn match_path(&self, path: &str) -> Option<Vec<String>> {
        match_template(self.path, path)
    }
}

/// The values of the parameters of `template` in `path`, percent-decoded; `None` where the path is
/// another one.
pub(crate) fn match_template(template: &str, path: &str) -> Option<Vec<String>> {
    let mut values = Vec::new();
    let (mut template, mut actual) = (template.split('/'), path.split('/'));
    loop {
        match (template.next(), actual.next()) {
            (None, None) => return Some(values),
            (Some(name), Some(value)) if parameter(name).is_some() && !value.is_empty() => {
                values.push(percent_decode_str(value).decode_utf8().ok()?.into_owned());
            }
            (Some(expected), Some(value)) if expected == value => {}
            _ => return None,
        }
    }
}

fn parameter(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROUTE: Route = post("release-revoke", "/v1/releases/{release_id}/revoke");

    #[test]
    fn a_path_gives_its_parameters_decoded_and_another_path_nothing() {
        assert_eq!(ROUTE.match_path("/v1/releases/rel_1/revoke"), Some(vec!["rel_1".to_owned()]));
        assert_eq!(ROUTE.match_path("/v1/releases/a%2Fb/revoke"), Some(vec!["a/b".to_owned()]));
        for other in [
            "/v1/releases//revoke",
            "/v1/releases/rel_1",
            "/v1/releases/rel_1/revoke/",
            "/v1/releases/%FF/revoke",
            "",
        ] {
            assert_eq!(ROUTE.match_path(other), None, "{other}");
        }
    }
}
