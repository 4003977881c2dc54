//! The table as it is, read past the product.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::Value;
use slipway_aws::Clients;

use crate::World;

impl World {
    /// The entity of every row of the table, by partition key and sort key.
    #[expect(clippy::disallowed_methods, reason = "the whole table is what is compared")]
    pub async fn rows(&self) -> BTreeMap<(String, String), Value> {
        let client = Clients::local(&self.stack.local).dynamodb;
        let (mut rows, mut start) = (BTreeMap::new(), None);
        loop {
            let page = client
                .scan()
                .table_name(&self.stack.settings.table)
                .consistent_read(true)
                .set_exclusive_start_key(start);
            let page = page.send().await.expect("a page");
            for item in page.items() {
                let text = |name: &str| item[name].as_s().expect("a text").clone();
                let entity = serde_json::from_str(&text("doc")).expect("JSON");
                rows.insert((text("PK"), text("SK")), entity);
            }
            start = page
                .last_evaluated_key
                .filter(|key: &HashMap<String, AttributeValue>| !key.is_empty());
            if start.is_none() {
                return rows;
            }
        }
    }
}
