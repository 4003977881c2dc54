//! A response that is held in memory while its client takes it, and what it holds up.

use std::convert::Infallible;

use axum::body::{Body, Bytes};
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use futures::stream;

use super::decision_limits::Leave;

/// What is handed over at once.
const PIECE: usize = 64 << 10;

/// JSON that was made for one client.
pub struct JsonResponse {
    /// The text.
    pub json: Vec<u8>,
    /// Given back when the last piece was handed over, or the client is gone.
    pub leave: Leave,
}

impl IntoResponse for JsonResponse {
    fn into_response(self) -> Response {
        let length = self.json.len();
        let rest = (Bytes::from(self.json), self.leave);
        let pieces = stream::unfold(rest, |(mut rest, leave)| async move {
            let piece = rest.split_to(rest.len().min(PIECE));
            (!piece.is_empty()).then_some((Ok::<_, Infallible>(piece), (rest, leave)))
        });
        let mut response = Body::from_stream(pieces).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_LENGTH, length.into());
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
        response
    }
}
