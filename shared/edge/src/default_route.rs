//! The function behind API Gateway's `$default` route. It gets the requests that no operation
//! takes, and says what would be right: another method, another path, or the OpenAPI document.

use std::collections::{BTreeMap, BTreeSet};

use http::HeaderValue;
use http::header::ALLOW;
use serde::Deserialize;
use serde_json::value::RawValue;
use slipway_aws::Meter;
use slipway_domain::{Error, Principal, Result};

use crate::clock::Clock;
use crate::endpoint::Operation;
use crate::error::{HttpCode, RequestError};
use crate::frame::{Handled, reject};
use crate::request::Request;
use crate::route::match_template;
use crate::telemetry::Stopwatch;

/// The one name of the function.
pub const OP: &str = "default-route";

/// Which methods each path of the API takes.
#[derive(Debug, PartialEq, Eq)]
pub struct RouteTable(BTreeMap<String, BTreeSet<String>>);

/// What the table needs of an OpenAPI document.
#[derive(Deserialize)]
struct OpenApiPaths {
    paths: BTreeMap<String, BTreeMap<String, Box<RawValue>>>,
}

impl RouteTable {
    /// The routes of `operations`.
    #[must_use]
    pub fn of(operations: &[Box<dyn Operation>]) -> Self {
        let routes = operations.iter().map(|operation| operation.route());
        Self::collect(routes.map(|route| (route.path.to_owned(), route.verb.as_str().to_owned())))
    }

    /// The routes of an OpenAPI document: the function links no operation.
    ///
    /// # Errors
    /// `internal` if it is none.
    pub fn from_openapi(document: &str) -> Result<Self> {
        let document: OpenApiPaths = serde_json::from_str(document).map_err(Error::internal)?;
        Ok(Self::collect(document.paths.into_iter().flat_map(|(path, methods)| {
            methods.into_keys().map(move |method| (path.clone(), method.to_uppercase()))
        })))
    }

    /// GET brings HEAD along.
    fn collect(routes: impl Iterator<Item = (String, String)>) -> Self {
        let mut table = BTreeMap::<_, BTreeSet<String>>::new();
        for (path, method) in routes {
            let methods = table.entry(path).or_default();
            if method == "GET" {
                methods.insert("HEAD".to_owned());
            }
            methods.insert(method);
        }
        Self(table)
    }

    /// The methods that `path` takes, each once; none, where it is no path of the API.
    fn allowed(&self, path: &str) -> Vec<&str> {
        let matching =
            self.0.iter().filter(|(template, _)| match_template(template, path).is_some());
        let methods: BTreeSet<_> = matching.flat_map(|(_, methods)| methods).collect();
        methods.into_iter().map(String::as_str).collect()
    }

    /// Why there is no route for `request`, whose path takes the methods `allowed`.
    fn refusal(&self, Request { method, path, .. }: &Request, allowed: &str) -> Error<HttpCode> {
        if !allowed.is_empty() {
            let message = format!("{path} takes {allowed}, not {method}");
            return Error::new(HttpCode::MethodNotAllowed, message);
        }
        let without_slash = path.trim_end_matches('/');
        let hint = if without_slash != path && !self.allowed(without_slash).is_empty() {
            format!("a path has no slash at its end, so it is {without_slash}")
        } else {
            "see /openapi.json".to_owned()
        };
        Error::new(HttpCode::NoSuchRoute, format!("there is nothing at {path}; {hint}"))
    }
}

/// Answers `request`, which no route of `routes` has taken: 405 with `Allow` where its path takes
/// other methods, else 404.
#[must_use]
pub fn answer(routes: &RouteTable, clock: &Clock, request: &Request) -> Handled {
    let watch = Stopwatch::start(clock.now());
    let allowed = routes.allowed(&request.path).join(", ");
    let error = RequestError::from(routes.refusal(request, &allowed));
    let mut response = reject(request, &error);
    if let (false, Ok(methods)) = (allowed.is_empty(), HeaderValue::from_str(&allowed)) {
        response.headers_mut().insert(ALLOW, methods);
    }
    let (anonymous, failure) = (Principal::anonymous(), Some((error.code(), &error as _)));
    let mut record =
        watch.record(OP, &request.request_id, anonymous.actor(), &Meter::default(), failure);
    record.status = Some(response.status().as_u16());
    Handled { response, record }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    /// Status, `Allow` and message of the answer to `method` `path`.
    fn answered(method: &str, path: &str) -> (u16, Option<String>, String) {
        let document = r#"{ "openapi": "3.1.0", "paths": {
            "/v1/things": { "get": {}, "post": {} },
            "/v1/things/{id}": { "get": {}, "delete": {} },
            "/v1/things/latest": { "get": {} } } }"#;
        let routes = RouteTable::from_openapi(document).unwrap();
        let request = Request { method: method.to_owned(), ..Request::for_test(path, "") };
        let Handled { response, record } = answer(&routes, &Clock::system(), &request);
        assert_eq!((record.op, record.status), (OP, Some(response.status().as_u16())));
        let allow = response.headers().get(ALLOW).map(|value| value.to_str().unwrap().to_owned());
        let body: Value = serde_json::from_slice(response.body()).unwrap_or_default();
        let message = body["error"]["message"].as_str().unwrap_or_default().to_owned();
        (response.status().as_u16(), allow, message)
    }

    #[test]
    fn another_method_is_told_which_ones_there_are_each_once() {
        let (status, allow, message) = answered("PUT", "/v1/things");
        assert_eq!((status, allow.as_deref()), (405, Some("GET, HEAD, POST")));
        assert_eq!(message, "/v1/things takes GET, HEAD, POST, not PUT");
        // Two templates match, and both take GET.
        let (_, allow, _) = answered("PUT", "/v1/things/latest");
        assert_eq!(allow.as_deref(), Some("DELETE, GET, HEAD"));
    }

    #[test]
    fn a_slash_at_the_end_is_no_path_and_the_message_says_which_one_is() {
        let (status, allow, message) = answered("GET", "/v1/things/");
        assert_eq!((status, allow), (404, None));
        assert!(message.ends_with("so it is /v1/things"), "{message}");
        for nothing in ["/v1/nothing", "/v1/nothing/", "/", ""] {
            let (status, _, message) = answered("GET", nothing);
            assert!(status == 404 && message.ends_with("see /openapi.json"), "{message}");
        }
    }

    #[test]
    fn head_gets_no_body_here_either() {
        let (status, allow, message) = answered("HEAD", "/v1/nothing");
        assert_eq!((status, allow, message.as_str()), (404, None, ""));
    }

    #[test]
    fn what_is_no_openapi_document_is_refused() {
        assert!(RouteTable::from_openapi("{}").is_err());
    }
}
