//! What API Gateway sends for a request: payload format 2.0.

use serde_json::{Map, Value, json};

use super::{body, sample};
use crate::failure::Result;

/// The host of the API in the events.
const HOST: &str = "a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com";

/// The request `method` `path` to `op`, with a value for each path parameter, and with a body where
/// `openapi` has one.
pub fn event(op: &str, method: &str, path: &str, openapi: &Value) -> Result<Value> {
    let body = sample::body(op)
        .map_or_else(|| body::of(method, path, openapi), |body| Ok(Some(body)))?
        .map(|body| body.to_string());
    let values = parameters(path)
        .map(|name| Ok((name, body::parameter(name, method, path, openapi)?)))
        .collect::<Result<Vec<_>>>()?;
    let route_key = format!("{method} {path}");
    let mut event = bare(&route_key, method, &filled(path, &values), body.as_deref());
    let mut add = |key: &str, value: Value| event.insert(key.to_owned(), value);
    if !values.is_empty() {
        let values = values.into_iter().map(|(name, value)| (name.to_owned(), json!(value)));
        add("pathParameters", values.collect());
    }
    if let Some(body) = &body {
        add("body", json!(body));
    }
    add("isBase64Encoded", json!(false));
    Ok(Value::Object(event))
}

/// The request `method` `raw_path`, which no route takes.
pub fn unrouted(method: &str, raw_path: &str) -> Value {
    let mut event = bare("$default", method, raw_path, None);
    event.insert("isBase64Encoded".to_owned(), json!(false));
    Value::Object(event)
}

/// What every request has.
fn bare(route_key: &str, method: &str, raw_path: &str, body: Option<&str>) -> Map<String, Value> {
    let mut event = Map::new();
    let mut add = |key: &str, value: Value| event.insert(key.to_owned(), value);
    add("version", json!("2.0"));
    add("routeKey", json!(route_key));
    add("rawPath", json!(raw_path));
    add("rawQueryString", json!(""));
    add("headers", headers(body));
    add("requestContext", context(route_key, method, raw_path));
    event
}

/// The headers that every client sends, and those of a body.
fn headers(body: Option<&str>) -> Value {
    let mut headers = json!({
        "accept": "*/*",
        "authorization": format!("Bearer {}", sample::TOKEN),
        "host": HOST,
        "user-agent": "curl/8.14.1",
        "x-amzn-trace-id": "Root=1-6968b2e8-0123456789abcdef01234567",
        "x-forwarded-for": "192.0.2.1",
        "x-forwarded-port": "443",
        "x-forwarded-proto": "https",
    });
    if let (Some(body), Some(headers)) = (body, headers.as_object_mut()) {
        headers.insert("content-length".to_owned(), json!(body.len().to_string()));
        headers.insert("content-type".to_owned(), json!("application/json"));
    }
    headers
}

/// What API Gateway knows of the request.
fn context(route_key: &str, method: &str, raw_path: &str) -> Value {
    json!({
        "accountId": "123456789012",
        "apiId": "a1b2c3d4e5",
        "domainName": HOST,
        "domainPrefix": "a1b2c3d4e5",
        "http": { "method": method, "path": raw_path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "curl/8.14.1" },
        "requestId": "XkpWsg0ZliAEJ3w=",
        "routeKey": route_key,
        "stage": "$default",
        "time": "15/Jan/2026:09:30:00 +0000",
        "timeEpoch": 1_768_469_400_000_u64,
    })
}

/// The names in braces.
fn parameters(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
}

/// `path` with its value in the place of each parameter.
fn filled(path: &str, values: &[(&str, String)]) -> String {
    values
        .iter()
        .fold(path.to_owned(), |path, (name, value)| path.replace(&format!("{{{name}}}"), value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_parameter_is_filled_in_the_path_and_named_beside_it() {
        let path = "/v1/tenants/{tenant_id}/policies/{product_id}";
        let parameter = |name: &str, example: &str| json!({ "name": name, "in": "path", "schema": { "type": "string", "examples": [example] } });
        let openapi = json!({ "paths": { path: { "get": {
            "parameters": [parameter("tenant_id", "tenant_abc"), parameter("product_id", "prod_xyz")],
        } } } });
        let event = event("tenant-policy-get", "GET", path, &openapi).unwrap();
        assert_eq!(event["rawPath"], "/v1/tenants/tenant_abc/policies/prod_xyz");
        assert_eq!(
            event["pathParameters"],
            json!({ "tenant_id": "tenant_abc", "product_id": "prod_xyz" })
        );
    }
}
