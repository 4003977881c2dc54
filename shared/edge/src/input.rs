//! What endpoints take, read at the border: what gets through is legal in form.

use std::fmt::Display;
use std::str::FromStr;

use schemars::{JsonSchema, SchemaGenerator};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use slipway_domain::{Code, Error, Result};

use crate::openapi::{OperationDoc, ParameterLocation};
use crate::request::Request;
use crate::route::Route;

/// The deepest nesting of a JSON body.
const MAX_DEPTH: usize = 64;

/// A request on its way in.
#[derive(Debug)]
pub struct RoutedRequest<'a> {
    request: &'a Request,
    route: Route,
    parameters: Vec<String>,
}

impl<'a> RoutedRequest<'a> {
    pub(crate) fn of(request: &'a Request, route: Route) -> Self {
        Self { request, route, parameters: route.match_path(&request.path).unwrap_or_default() }
    }
}

/// Something that can be read from a request.
pub trait Input: Sized + Send {
    /// Reads it.
    ///
    /// # Errors
    /// What the caller is refused with: what is wrong, where, and what would be right.
    fn read(routed: &RoutedRequest<'_>) -> Result<Self>;

    /// Adds it to the description of an operation.
    fn describe(operation: &mut OperationDoc, schemas: &mut SchemaGenerator);
}

impl Input for () {
    fn read(_: &RoutedRequest<'_>) -> Result<Self> {
        Ok(())
    }

    fn describe(_: &mut OperationDoc, _: &mut SchemaGenerator) {}
}

impl<A: Input, B: Input> Input for (A, B) {
    fn read(routed: &RoutedRequest<'_>) -> Result<Self> {
        Ok((A::read(routed)?, B::read(routed)?))
    }

    fn describe(operation: &mut OperationDoc, schemas: &mut SchemaGenerator) {
        A::describe(operation, schemas);
        B::describe(operation, schemas);
    }
}

/// The route's path parameter.
#[derive(Debug)]
pub struct Path<T>(pub T);

impl<T> Input for Path<T>
where
    T: FromStr<Err: Display> + JsonSchema + Send,
{
    fn read(routed: &RoutedRequest<'_>) -> Result<Self> {
        let name = routed.route.parameters().next().unwrap_or_default();
        let text = routed.parameters.first().map_or("", String::as_str);
        text.parse().map(Self).map_err(|error: T::Err| Error::invalid(name, error.to_string()))
    }

    fn describe(operation: &mut OperationDoc, schemas: &mut SchemaGenerator) {
        let schema = schemas.subschema_for::<T>();
        for name in operation.route.parameters() {
            operation.parameter(ParameterLocation::Path, name, &schema);
        }
    }
}

/// The query string. A name that the operation does not know is refused: a filter that is misspelt
/// must not be ignored.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned + JsonSchema + Send> Input for Query<T> {
    fn read(routed: &RoutedRequest<'_>) -> Result<Self> {
        let joined = joined(&routed.request.query);
        let pairs = url::form_urlencoded::parse(joined.as_bytes());
        let read = serde_path_to_error::deserialize(serde_urlencoded::Deserializer::new(pairs));
        read.map(Self).map_err(|error| {
            let path = error.path().to_string();
            refuse(&path, &error.into_inner().to_string())
        })
    }

    fn describe(operation: &mut OperationDoc, schemas: &mut SchemaGenerator) {
        operation.query(schemas.root_schema_for::<T>(), schemas);
    }
}

/// `query` with the values of each parameter that is given several times in one, separated by
/// commas, as API Gateway has it.
fn joined(query: &str) -> String {
    let mut pairs: Vec<(String, String)> = Vec::new();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()).into_owned() {
        match pairs.iter_mut().find(|(known, _)| *known == name) {
            Some((_, values)) => *values = format!("{values},{value}"),
            None => pairs.push((name, value)),
        }
    }
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// A JSON body.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned + JsonSchema + Send> Input for Json<T> {
    fn read(routed: &RoutedRequest<'_>) -> Result<Self> {
        let body = &routed.request.body;
        if body.is_empty() {
            return Err(Error::new(
                Code::MalformedJson,
                "the body is empty; this operation takes a JSON object",
            ));
        }
        require_json(routed.request)?;
        parse(body).map(Self)
    }

    fn describe(operation: &mut OperationDoc, schemas: &mut SchemaGenerator) {
        operation.body(&schemas.subschema_for::<T>(), true);
    }
}

/// A JSON body that may be left out.
impl<T: DeserializeOwned + JsonSchema + Send> Input for Option<Json<T>> {
    fn read(routed: &RoutedRequest<'_>) -> Result<Self> {
        if routed.request.body.is_empty() { Ok(None) } else { Json::read(routed).map(Some) }
    }

    fn describe(operation: &mut OperationDoc, schemas: &mut SchemaGenerator) {
        operation.body(&schemas.subschema_for::<T>(), false);
    }
}

fn require_json(request: &Request) -> Result<()> {
    let media_type = request
        .header("content-type")
        .and_then(|value| value.split(';').next())
        .map(|value| value.trim().to_ascii_lowercase());
    match media_type.as_deref() {
        Some("application/json") => Ok(()),
        Some(other) if other.starts_with("application/") && other.ends_with("+json") => Ok(()),
        other => {
            let message = format!(
                "the body is `{}`; send it with Content-Type: application/json",
                other.unwrap_or("without a type")
            );
            Err(Error::new(Code::UnsupportedMediaType, message).at("Content-Type"))
        }
    }
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T> {
    if depth(body) > MAX_DEPTH {
        return Err(Error::new(
            Code::MalformedJson,
            format!("the body is nested deeper than {MAX_DEPTH} levels"),
        ));
    }
    let mut reader = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        unreadable(&path, &error.into_inner())
    })?;
    reader.end().map_err(|error| unreadable(".", &error))?;
    Ok(value)
}

fn unreadable(path: &str, error: &serde_json::Error) -> Error {
    if error.is_data() {
        let text = error.to_string();
        let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
        return refuse(path, text);
    }
    let error = Error::new(Code::MalformedJson, format!("the body is not JSON: {error}"));
    // Where a name was not read to its end, serde_path_to_error writes `?` for it.
    let path = path.trim_end_matches('?').trim_end_matches('.');
    if path.is_empty() { error } else { error.at(path) }
}

/// Turns serde's message about the value at `path` into a refusal that names the very field.
fn refuse(path: &str, message: &str) -> Error {
    let named = |prefix: &str| message.strip_prefix(prefix)?.split('`').next();
    let parent = if path == "." { "" } else { path };
    if let Some(field) = named("unknown field `") {
        // serde_path_to_error counts the unknown field into the path, or not, by where it was met.
        let parent = parent.strip_suffix(field).map_or(parent, |rest| rest.trim_end_matches('.'));
        return Error::new(Code::UnknownField, message).at(join(parent, field));
    }
    match named("missing field `") {
        Some(field) => Error::invalid(join(parent, field), "this field is needed"),
        None if parent.is_empty() => Error::new(Code::InvalidField, message),
        None => Error::invalid(parent, message),
    }
}

fn join(parent: &str, field: &str) -> String {
    if parent.is_empty() { field.to_owned() } else { format!("{parent}.{field}") }
}

/// How deep brackets are nested outside of strings.
fn depth(body: &[u8]) -> usize {
    let (mut depth, mut deepest, mut in_string, mut escaped) = (0_usize, 0, false, false);
    for byte in body {
        match (in_string, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => in_string = !in_string,
            (false, b'[' | b'{') => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            (false, b']' | b'}') => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// How many things a page of a list has: 1 to 200, 50 where nothing is said.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "u16")]
#[schemars(inline, extend("minimum" = 1, "maximum" = 200, "default" = 50))]
pub struct Limit(u16);

impl Limit {
    /// The number.
    #[must_use]
    pub fn get(self) -> usize {
        usize::from(self.0)
    }
}

impl Default for Limit {
    fn default() -> Self {
        Self(50)
    }
}

impl TryFrom<u16> for Limit {
    type Error = String;

    fn try_from(limit: u16) -> Result<Self, String> {
        if (1..=200).contains(&limit) {
            Ok(Self(limit))
        } else {
            Err(format!("{limit} is not between 1 and 200"))
        }
    }
}

/// Which page of a list that knows no filters.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Paging {
    /// How many.
    pub limit: Option<Limit>,
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only errors are looked at")]
    struct Outer {
        name: String,
        inner: Vec<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only errors are looked at")]
    struct Inner {
        size: u64,
    }

    #[test]
    fn every_refusal_names_its_field() {
        for (body, code, field) in [
            (
                r#"{"name":"a","inner":[{"size":1,"colour":2}]}"#,
                Code::UnknownField,
                Some("inner[0].colour"),
            ),
            (r#"{"name":"a","inner":[],"x":1}"#, Code::UnknownField, Some("x")),
            (r#"{"name":"a","inner":[{}]}"#, Code::InvalidField, Some("inner[0].size")),
            (r#"{"inner":[]}"#, Code::InvalidField, Some("name")),
            (r#"{"name":1,"inner":[]}"#, Code::InvalidField, Some("name")),
            (r#"{"name":"a","inner":[{"size":-1}]}"#, Code::InvalidField, Some("inner[0].size")),
            (r"[]", Code::InvalidField, None),
            (r#"{"name":"a","inner":[{"size":1]}"#, Code::MalformedJson, Some("inner[0]")),
            (r#"{"name":"a","inner":[]} x"#, Code::MalformedJson, None),
            (r"{", Code::MalformedJson, None),
            (r#"{"name":"a","inner":[{"#, Code::MalformedJson, Some("inner[0]")),
        ] {
            let error = parse::<Outer>(body.as_bytes()).unwrap_err();
            assert_eq!((error.code(), error.field()), (code, field), "{body}: {error}");
        }
    }

    #[test]
    fn a_parameter_that_is_given_several_times_is_a_list() {
        assert_eq!(joined("channels=a&limit=1&channels=b%2Cc"), "channels=a%2Cb%2Cc&limit=1");
        assert_eq!(joined(""), "");
    }

    #[test]
    fn nesting_ends_at_64_and_brackets_in_strings_do_not_count() {
        let nested = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(parse::<serde_json::Value>(nested(64).as_bytes()).is_ok());
        assert_eq!(
            parse::<serde_json::Value>(nested(65).as_bytes()).unwrap_err().code(),
            Code::MalformedJson
        );
        assert_eq!(depth(br#"["[[[\"[[", {}]"#), 2);
    }
}
