//! Query strings. A name that the operation does not know is refused: a filter that is misspelt
//! must not be ignored.

mod parameters;

use schemars::{JsonSchema, SchemaGenerator};
use serde::de::DeserializeOwned;
use slipway_domain::{Code, Error, Result as DomainResult};

use self::parameters::Parameters;

use crate::decode;
use crate::describe::OperationDoc;
use crate::error::RequestError;
use crate::input::{Input, RoutedRequest};
use crate::paging::{PageParameters, Paging};

/// The query string. `T` is a struct with a field for each parameter and
/// `#[serde(deny_unknown_fields)]`.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned + JsonSchema + Send> Input for Query<T> {
    fn read(routed: &RoutedRequest<'_>) -> Result<Self, RequestError> {
        Ok(Self(read(&pairs(&routed.request.query))?))
    }

    fn describe(operation: &mut OperationDoc, schemas: &mut SchemaGenerator) {
        operation.query_parameters(T::json_schema(schemas));
    }
}

/// The query string of a list with filters: those of `F`, a struct as in [`Query`], and which page
/// of what they leave.
///
/// The two are told apart by name before serde sees them: `#[serde(flatten)]` reads no numbers from
/// a query string, and loses the name of a parameter that is wrong.
#[derive(Debug)]
pub struct Filtered<F, P = Paging> {
    /// Which items.
    pub filter: F,
    /// Which page of them.
    pub paging: P,
}

impl<F: DeserializeOwned + JsonSchema + Send, P: PageParameters> Input for Filtered<F, P> {
    fn read(routed: &RoutedRequest<'_>) -> Result<Self, RequestError> {
        let (paging, filter): (Vec<_>, Vec<_>) = pairs(&routed.request.query)
            .into_iter()
            .partition(|(name, _)| P::PARAMETERS.contains(&name.as_str()));
        Ok(Self { filter: read(&filter).map_err(naming_paging::<P>)?, paging: read(&paging)? })
    }

    fn describe(operation: &mut OperationDoc, schemas: &mut SchemaGenerator) {
        operation.query_parameters(F::json_schema(schemas));
        operation.query_parameters(P::json_schema(schemas));
    }
}

/// The refusal of an unknown parameter lists the filters; the parameters of paging are as right.
fn naming_paging<P: PageParameters>(error: Error) -> Error {
    if error.code() != Code::UnknownField {
        return error;
    }
    let [one, other] = P::PARAMETERS;
    let message = format!("{}; `{one}` and `{other}` are known too", error.message());
    let field = error.field().unwrap_or_default().to_owned();
    Error::new(Code::UnknownField, message).at(field)
}

/// Reads parameters that are each given once, but for lists.
fn read<T: DeserializeOwned + JsonSchema>(pairs: &[Parameter]) -> DomainResult<T> {
    for (name, values) in pairs.iter().filter(|(_, values)| values.len() > 1) {
        Parameters::of::<T>().require_list(name, values.len())?;
    }
    decode::query(&encoded(pairs)).map_err(|error| Parameters::of::<T>().explain(error))
}

/// A parameter, and each value that it is given.
type Parameter = (String, Vec<String>);

/// The values that `query` gives the parameter `name`.
pub(crate) fn values_of(query: &str, name: &str) -> Vec<String> {
    let named = pairs(query).into_iter().filter(|(own, _)| own == name);
    named.flat_map(|(_, values)| values).collect()
}

/// Names and values of `query`. A `+` is a `+`, as RFC 3986 has it and as versions need it; only
/// forms write blanks so.
fn pairs(query: &str) -> Vec<Parameter> {
    let mut pairs: Vec<Parameter> = Vec::new();
    let query = query.replace('+', "%2B");
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()).into_owned() {
        match pairs.iter_mut().find(|(known, _)| *known == name) {
            Some((_, values)) => values.push(value),
            None => pairs.push((name, vec![value])),
        }
    }
    pairs
}

/// The query string in which each name stands once: the values of a list are separated by commas.
fn encoded(pairs: &[Parameter]) -> String {
    let joined = pairs.iter().map(|(name, values)| (name, values.join(",")));
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(joined).finish()
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::error::ErrorCode;
    use crate::request::Request;
    use crate::route::{Route, get};

    const ROUTE: Route = get("release-list", "/v1/releases");

    #[derive(Debug, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    struct Filter {
        channel: Option<String>,
    }

    #[derive(Debug, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    struct Lists {
        #[schemars(extend("x-slipway-separator" = ","))]
        channels: Option<String>,
    }

    fn read<I: Input>(query: &str) -> Result<I, RequestError> {
        I::read(&RoutedRequest::of(&Request::for_test("/v1/releases", query), ROUTE))
    }

    #[test]
    fn a_parameter_that_is_given_several_times_is_a_list() {
        let joined = |query| encoded(&pairs(query));
        assert_eq!(joined("channels=a&limit=1&channels=b%2Cc"), "channels=a%2Cb%2Cc&limit=1");
        assert_eq!(joined(""), "");
    }

    #[test]
    fn a_parameter_of_one_value_is_given_once_and_its_values_are_not_joined() {
        for (query, field) in [
            ("channel=a&channel=b", "channel"),
            ("channel=a&limit=1&channel=a", "channel"),
            ("limit=1&limit=2", "limit"),
            ("cursor=a&cursor=b", "cursor"),
        ] {
            let error = read::<Filtered<Filter>>(query).unwrap_err();
            assert_eq!(error.field(), Some(field), "{query}: {error}");
            assert!(error.message().contains("2 times; give it once"), "{query}: {error}");
        }
        let error = read::<Filtered<Filter>>("chanel=a&chanel=b").unwrap_err();
        assert_eq!(error.code(), ErrorCode::Domain(Code::UnknownField));
        let lists = read::<Query<Lists>>("channels=a&channels=b,c").unwrap();
        assert_eq!(lists.0.channels.as_deref(), Some("a,b,c"));
    }

    #[test]
    fn a_wrong_value_is_refused_with_what_would_be_right() {
        for (query, right) in [
            ("limit=0", "an integer from 1 to 200"),
            ("limit=x", "an integer from 1 to 200"),
            ("limit=", "an integer from 1 to 200"),
            ("limit=99999999999", "an integer from 1 to 200"),
        ] {
            let error = read::<Filtered<Filter>>(query).unwrap_err();
            assert!(error.message().contains(right), "{query}: {error}");
        }
    }

    #[test]
    fn filters_and_paging_are_read_from_one_query_string() {
        let read: Filtered<Filter> = read("limit=7&channel=beta&cursor=abc").unwrap();
        assert_eq!(read.filter.channel.as_deref(), Some("beta"));
        assert_eq!(read.paging.limit.map(|limit| limit.get()), Some(7));
        assert_eq!(read.paging.cursor.as_deref(), Some("abc"));
    }

    #[test]
    fn a_wrong_parameter_is_named_whichever_half_it_belongs_to() {
        for (query, code, field) in [
            ("limit=0", ErrorCode::Domain(Code::InvalidField), "limit"),
            ("limit=x&channel=beta", ErrorCode::Domain(Code::InvalidField), "limit"),
            ("chanel=beta", ErrorCode::Domain(Code::UnknownField), "chanel"),
        ] {
            let error = read::<Filtered<Filter>>(query).unwrap_err();
            assert_eq!((error.code(), error.field()), (code, Some(field)), "{query}: {error}");
        }
        let error = read::<Filtered<Filter>>("chanel=beta").unwrap_err();
        for known in ["`channel`", "`limit`", "`cursor`"] {
            assert!(error.message().contains(known), "{error}");
        }
    }
}
