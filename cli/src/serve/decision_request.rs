//! A request for decisions: read as the vendor's API reads it, in bounded time and memory.

use axum::body::{Body, to_bytes};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::request::Parts;
use slipway_domain::decision::DecisionRequest;
use slipway_domain::json::JsonCode;
use slipway_domain::{Sha256, json};
use tokio::time::timeout;

use super::error::ServeError;
use super::server::GRACE;

/// The longest body that is taken, as by the vendor's API.
pub const MAX_BODY: usize = 1 << 20;

/// A request, and the digest of its body as it came.
#[derive(Debug)]
pub struct ReceivedRequest {
    /// What it asks.
    pub request: DecisionRequest,
    /// SHA-256 of the body, byte for byte.
    pub sha256: Sha256,
}

impl ReceivedRequest {
    /// Reads a body that comes within [`GRACE`].
    pub async fn read(body: Body) -> Result<Self, ServeError> {
        let body = timeout(GRACE, to_bytes(body, MAX_BODY)).await;
        let body = body.map_err(|_| ServeError::TooSlow)?.map_err(|_| ServeError::BodyTooLarge)?;
        let request = parse(&body)?;
        request.check().map_err(|error| {
            let field = error.field().map(str::to_owned);
            ServeError::InvalidField { field, message: error.message().to_owned() }
        })?;
        Ok(Self { request, sha256: Sha256::of(&body) })
    }
}

/// How long a body of JSON is that will come, as far as its client says.
///
/// # Errors
/// `NotJson`, `BodyTooLarge`.
pub fn announced_length(head: &Parts) -> Result<Option<u64>, ServeError> {
    require_json(head)?;
    let announced = head.headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    let announced = announced.and_then(|length| length.parse().ok());
    if announced.is_some_and(|length| length > MAX_BODY as u64) {
        return Err(ServeError::BodyTooLarge);
    }
    Ok(announced)
}

fn require_json(head: &Parts) -> Result<(), ServeError> {
    let media_type = head.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = media_type.and_then(|value| value.split(';').next()).unwrap_or_default();
    let media_type = media_type.trim().to_ascii_lowercase();
    let is_json = media_type == "application/json"
        || (media_type.starts_with("application/") && media_type.ends_with("+json"));
    if is_json { Ok(()) } else { Err(ServeError::NotJson(media_type)) }
}

fn parse(body: &[u8]) -> Result<DecisionRequest, ServeError> {
    json::from_slice(body).map_err(|error| {
        let message = error.message().to_owned();
        match error.code() {
            JsonCode::Malformed => ServeError::MalformedJson(message),
            JsonCode::Domain(_) => {
                ServeError::InvalidField { field: error.field().map(str::to_owned), message }
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_api_takes_is_taken_and_an_array_is_no_object() {
        let taken = parse(
            b"\xef\xbb\xbf{\"products\":[{\"product_id\":\"prod_app\",\"later\":[1]}],\"more\":{}}",
        );
        assert_eq!(taken.unwrap().products[0].product_id, "prod_app");
        for (body, field) in [
            ("{}", Some("products")),
            ("[]", None),
            ("[[]]", None),
            (r#"{"products":{}}"#, Some("products")),
            (r#"{"products":[],"nonce":7}"#, Some("nonce")),
            (r#"{"products":[{},["prod_app","1.0.0"]]}"#, Some("products[1]")),
            (r#"{"products":[null]}"#, Some("products[0]")),
        ] {
            let Err(ServeError::InvalidField { field: named, .. }) = parse(body.as_bytes()) else {
                panic!("{body}")
            };
            assert_eq!(named.as_deref(), field, "{body}");
        }
        let deep = format!("{{\"products\":{}{}}}", "[".repeat(64), "]".repeat(64));
        for body in ["", "{", "{\"products\":[]}}", "\u{feff}\u{feff}{}", deep.as_str()] {
            let refused = parse(body.as_bytes());
            assert!(matches!(refused, Err(ServeError::MalformedJson(_))), "{body}: {refused:?}");
        }
    }
}
