//! Requests as API Gateway's events (payload format 2.0), and functions' answers as responses.

use std::net::IpAddr;

use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use aws_lambda_events::encodings::Body;
use bytes::Bytes;
use data_encoding::BASE64;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode};
use slipway_edge::Response;

use super::refusal::Refusal;

/// The event for a request with this head and body. It names no domain: the local stack's settings
/// say where the API is.
pub(super) fn of(head: &Parts, body: &Bytes, request_id: &str) -> ApiGatewayV2httpRequest {
    let mut event = ApiGatewayV2httpRequest::default();
    event.version = Some("2.0".to_owned());
    event.raw_path = Some(head.uri.path().to_owned());
    event.raw_query_string = Some(head.uri.query().unwrap_or_default().to_owned());
    event.request_context.http.method = head.method.clone();
    event.request_context.http.path = Some(head.uri.path().to_owned());
    let address = head.extensions.get::<IpAddr>();
    event.request_context.http.source_ip = address.map(IpAddr::to_string);
    event.request_context.request_id = Some(request_id.to_owned());
    event.headers = headers(&head.headers);
    (event.body, event.is_base64_encoded) = event_body(&head.headers, body);
    event
}

/// A header that came several times comes once, with a comma between its values.
fn headers(headers: &HeaderMap) -> HeaderMap {
    let joined = headers.keys().filter_map(|name| {
        let values = headers.get_all(name).iter();
        let values: Vec<_> =
            values.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).collect();
        Some((name.clone(), HeaderValue::from_bytes(values.join(",").as_bytes()).ok()?))
    });
    joined.collect()
}

/// A text as it is, everything else as base64; nothing, where there is no body.
fn event_body(headers: &HeaderMap, body: &Bytes) -> (Option<String>, bool) {
    if body.is_empty() {
        return (None, false);
    }
    match std::str::from_utf8(body) {
        Ok(text) if is_text(headers) => (Some(text.to_owned()), false),
        _ => (Some(BASE64.encode(body)), true),
    }
}

/// Whether API Gateway takes the body for a text.
fn is_text(headers: &HeaderMap) -> bool {
    let media_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let Some(media_type) = media_type else { return true };
    let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence.starts_with("text/")
        || ["application/json", "application/javascript", "application/xml"]
            .contains(&essence.as_str())
}

/// The response that a function has answered.
pub(super) fn response(answer: ApiGatewayV2httpResponse) -> Result<Response, Refusal> {
    let body = match answer.body {
        Some(Body::Text(text)) if answer.is_base64_encoded => {
            BASE64.decode(text.as_bytes()).map_err(|_| Refusal::Malformed)?.into()
        }
        Some(Body::Text(text)) => text.into(),
        Some(Body::Binary(bytes)) => bytes.into(),
        _ => Bytes::new(),
    };
    let mut response = Response::new(body);
    let status = u16::try_from(answer.status_code).ok();
    *response.status_mut() =
        status.and_then(|code| StatusCode::from_u16(code).ok()).ok_or(Refusal::Malformed)?;
    *response.headers_mut() = answer.headers;
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(request: http::request::Builder, body: &'static [u8]) -> ApiGatewayV2httpRequest {
        let (head, ()) = request.body(()).unwrap().into_parts();
        of(&head, &Bytes::from_static(body), "id")
    }

    #[test]
    fn a_text_is_a_text_and_anything_else_is_base64() {
        let post = |media_type| http::Request::post("/").header(CONTENT_TYPE, media_type);
        let json = event(post("application/json; charset=utf-8"), b"{}");
        assert_eq!((json.body.as_deref(), json.is_base64_encoded), (Some("{}"), false));
        for (media_type, body) in
            [("application/octet-stream", &b"{}"[..]), ("application/json", &[0xff][..])]
        {
            let event = event(post(media_type), body);
            assert_eq!((event.body, event.is_base64_encoded), (Some(BASE64.encode(body)), true));
        }
        assert_eq!(event(http::Request::post("/"), b"").body, None);
    }

    #[test]
    fn a_header_that_comes_twice_is_one() {
        let request = http::Request::get("/a?b=c").header("x-a", "1").header("x-a", "2");
        let event = event(request, b"");
        assert_eq!(event.headers["x-a"], "1,2");
        assert_eq!(event.raw_query_string.as_deref(), Some("b=c"));
    }
}
