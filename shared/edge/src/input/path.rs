//! Parameters of the path.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::value::{Error as ValueError, MapDeserializer, SeqDeserializer};
use serde::de::{DeserializeOwned, Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::Value;

use crate::decode;
use crate::describe::OperationDoc;
use crate::error::RequestError;
use crate::input::{Input, RoutedRequest};

/// The path's parameters. `T` is
/// - the value, where there is one parameter: `Path<ReleaseId>`;
/// - a tuple of the values in the order of the path: `Path<(TenantId, ProductId)>`;
/// - a struct whose fields are named as the route names the parameters.
///
/// The values are read from text: no numbers.
#[derive(Debug)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + JsonSchema + Send> Input for Path<T> {
    fn read(routed: &RoutedRequest<'_>) -> Result<Self, RequestError> {
        let parameters = routed.path_parameters();
        let read = decode::texts(Parameters(&parameters), |path| name(&parameters, path));
        Ok(Self(read?))
    }

    fn describe(operation: &mut OperationDoc, schemas: &mut SchemaGenerator) {
        let of_all = T::json_schema(schemas);
        for (index, name) in operation.route.parameters().enumerate() {
            let of_one = member(&of_all, name, index);
            operation.path_parameter(name, of_one.unwrap_or_else(|| schemas.subschema_for::<T>()));
        }
    }
}

/// The parameter that is at `path` of the type that was read.
fn name(parameters: &[(&'static str, &str)], path: &str) -> String {
    let index = path.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let index = if path == "." { Some(0) } else { index.and_then(|index| index.parse().ok()) };
    match index {
        Some(index) => parameters.get(index).map(|(name, _)| *name).unwrap_or_default().to_owned(),
        None => path.to_owned(),
    }
}

/// The schema of one parameter in that of a struct or of a tuple.
fn member(of_all: &Schema, name: &str, index: usize) -> Option<Schema> {
    let named = of_all.get("properties").and_then(|members| members.get(name));
    let placed = of_all.get("prefixItems").and_then(|items| items.get(index));
    named.or(placed).cloned().and_then(|member: Value| member.try_into().ok())
}

/// The parameters as serde asks for them: as a map, as a sequence, or as the one value.
struct Parameters<'a>(&'a [(&'static str, &'a str)]);

impl Parameters<'_> {
    fn single(&self) -> &str {
        self.0.first().map_or("", |(_, value)| value)
    }
}

impl<'de> Deserializer<'de> for Parameters<'_> {
    type Error = ValueError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_str(self.single())
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        let value: serde::de::value::StrDeserializer<'_, ValueError> =
            self.single().into_deserializer();
        value.deserialize_enum(name, variants, visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        SeqDeserializer::new(self.0.iter().map(|(_, value)| *value)).deserialize_any(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        MapDeserializer::new(self.0.iter().copied()).deserialize_any(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct seq tuple_struct map identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use slipway_domain::{Code, ProductId, TenantId};

    use super::*;
    use crate::documentation::Documentation;
    use crate::error::ErrorCode;
    use crate::request::Request;
    use crate::route::{Route, get};

    const POLICY: Route = get("tenant-policy-get", "/v1/tenants/{tenant_id}/policies/{product_id}");

    #[derive(Debug, Deserialize, JsonSchema)]
    struct PolicyPath {
        product_id: ProductId,
        tenant_id: TenantId,
    }

    fn read<T: DeserializeOwned + JsonSchema + Send>(
        route: Route,
        path: &str,
    ) -> Result<T, RequestError> {
        let request = Request::for_test(path, "");
        Path::read(&RoutedRequest::of(&request, route)).map(|Path(value)| value)
    }

    #[test]
    fn one_parameter_is_the_value_itself() {
        const TENANT: Route = get("tenant-get", "/v1/tenants/{tenant_id}");
        let tenant: TenantId = read(TENANT, "/v1/tenants/tenant_abc").unwrap();
        assert_eq!(tenant.as_str(), "tenant_abc");
        let error = read::<TenantId>(TENANT, "/v1/tenants/abc").unwrap_err();
        assert_eq!(
            (error.code(), error.field()),
            (ErrorCode::Domain(Code::InvalidField), Some("tenant_id"))
        );
    }

    #[test]
    fn several_parameters_are_a_struct_by_name_or_a_tuple_by_place() {
        let path = "/v1/tenants/tenant_abc/policies/prod_xyz";
        let named: PolicyPath = read(POLICY, path).unwrap();
        let (tenant, product): (TenantId, ProductId) = read(POLICY, path).unwrap();
        assert_eq!((named.tenant_id, named.product_id), (tenant, product));
    }

    #[test]
    fn the_parameter_that_is_wrong_is_named() {
        let path = "/v1/tenants/tenant_abc/policies/xyz";
        for error in [
            read::<PolicyPath>(POLICY, path).unwrap_err(),
            read::<(TenantId, ProductId)>(POLICY, path).unwrap_err(),
        ] {
            assert_eq!(
                (error.code(), error.field()),
                (ErrorCode::Domain(Code::InvalidField), Some("product_id"))
            );
            assert!(error.message().contains("prod_xyz789"), "{error}");
        }
    }

    #[test]
    fn every_parameter_is_described_with_the_schema_of_its_own_type() {
        fn described<T: DeserializeOwned + JsonSchema + Send>() -> Vec<(String, Value)> {
            let mut operation =
                OperationDoc::new(POLICY, Documentation::of::<PolicyPath>(), Vec::new());
            Path::<T>::describe(&mut operation, &mut SchemaGenerator::default());
            operation.parameters.into_iter().map(|doc| (doc.name, doc.schema)).collect()
        }
        let expected =
            [("tenant_id", "TenantId"), ("product_id", "ProductId")].map(|(name, id)| {
                (name.to_owned(), serde_json::json!({ "$ref": format!("#/$defs/{id}") }))
            });
        assert_eq!(described::<PolicyPath>(), expected);
        assert_eq!(described::<(TenantId, ProductId)>(), expected);
    }
}
