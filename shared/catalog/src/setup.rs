//! The table itself, as template.yaml declares it: for the local stack and for tests.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::create_table::builders::CreateTableFluentBuilder;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType, StreamSpecification, StreamViewType,
    TimeToLiveSpecification,
};
use slipway_domain::{Error, Result};

use crate::schema::{Index, PK, SK, TTL};
use crate::store::failed;

/// Makes the table `name`, unless it is there.
pub async fn create_table(client: &Client, name: &str) -> Result<()> {
    match table_definition(client, name)?.send().await {
        Ok(_) => {}
        Err(error)
            if error
                .as_service_error()
                .is_some_and(|error| error.is_resource_in_use_exception()) =>
        {
            return Ok(());
        }
        Err(error) => return Err(failed(error)),
    }
    let ttl = TimeToLiveSpecification::builder()
        .attribute_name(TTL)
        .enabled(true)
        .build()
        .map_err(Error::internal)?;
    client
        .update_time_to_live()
        .table_name(name)
        .time_to_live_specification(ttl)
        .send()
        .await
        .map_err(failed)?;
    Ok(())
}

/// The request that makes the table.
pub fn table_definition(client: &Client, name: &str) -> Result<CreateTableFluentBuilder> {
    let mut request =
        client.create_table().table_name(name).billing_mode(BillingMode::PayPerRequest);
    for key in [PK, SK]
        .into_iter()
        .chain(Index::ALL.into_iter().flat_map(|index| [index.keys().0, index.keys().1]))
    {
        let attribute = AttributeDefinition::builder()
            .attribute_name(key)
            .attribute_type(ScalarAttributeType::S);
        request = request.attribute_definitions(attribute.build().map_err(Error::internal)?);
    }
    for index in Index::ALL {
        let (pk, sk) = index.keys();
        let projection = Projection::builder().projection_type(ProjectionType::All).build();
        let definition = GlobalSecondaryIndex::builder()
            .index_name(index.name())
            .set_key_schema(Some(key_schema(pk, sk)?))
            .projection(projection);
        request = request.global_secondary_indexes(definition.build().map_err(Error::internal)?);
    }
    let stream = StreamSpecification::builder()
        .stream_enabled(true)
        .stream_view_type(StreamViewType::NewImage);
    Ok(request
        .set_key_schema(Some(key_schema(PK, SK)?))
        .stream_specification(stream.build().map_err(Error::internal)?))
}

fn key_schema(pk: &str, sk: &str) -> Result<Vec<KeySchemaElement>> {
    let element = |name: &str, key_type| {
        KeySchemaElement::builder()
            .attribute_name(name)
            .key_type(key_type)
            .build()
            .map_err(Error::internal)
    };
    Ok(vec![element(pk, KeyType::Hash)?, element(sk, KeyType::Range)?])
}
