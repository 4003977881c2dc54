//! The table as it is, read past the product.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use serde_json::Value;
use slipway_aws::Clients;

use crate::World;

/// An item as DynamoDB has it.
type Item = HashMap<String, AttributeValue>;

impl World {
    /// The entity of every row of the table, by partition key and sort key.
    pub async fn rows(&self) -> BTreeMap<(String, String), Value> {
        let entity = |item: &Item| serde_json::from_str(&text(item, "doc")).expect("JSON");
        self.items().await.iter().map(|item| (key(item), entity(item))).collect()
    }

    /// When DynamoDB may delete each row of the table, in seconds since 1970, where it may.
    pub async fn row_ends(&self) -> BTreeMap<(String, String), Option<i64>> {
        let seconds = |end: &AttributeValue| end.as_n().expect("a number").parse().expect("a time");
        let items = self.items().await;
        items.iter().map(|item| (key(item), item.get("ttl").map(seconds))).collect()
    }

    /// Writes the row at `from` to each of `to` as well.
    ///
    /// # Panics
    /// Where there is no such row.
    pub async fn copy_row(&self, from: &(String, String), to: &[(String, String)]) {
        let row = self.items().await.into_iter().find(|item| key(item) == *from);
        let row = row.expect("a row");
        let client = Clients::local(&self.stack.local).dynamodb;
        let copy = |(pk, sk): &(String, String)| {
            let mut row = row.clone();
            row.insert("PK".to_owned(), AttributeValue::S(pk.clone()));
            row.insert("SK".to_owned(), AttributeValue::S(sk.clone()));
            let put = PutRequest::builder().set_item(Some(row)).build().expect("a row");
            WriteRequest::builder().put_request(put).build()
        };
        // DynamoDB takes 25 at once.
        for some in to.chunks(25) {
            let copies = some.iter().map(copy).collect();
            let request = client.batch_write_item();
            let request = request.request_items(&self.stack.settings.table, copies);
            let answer = request.send().await.expect("they are written");
            assert!(answer.unprocessed_items().is_none_or(HashMap::is_empty), "all of them");
        }
    }

    /// Takes the row at `key` out of the table, as if it had been lost.
    ///
    /// # Panics
    /// Where there is no such row.
    pub async fn lose_row(&self, (pk, sk): &(String, String)) {
        let client = Clients::local(&self.stack.local).dynamodb;
        let request = client.delete_item().table_name(&self.stack.settings.table);
        let request = request.key("PK", AttributeValue::S(pk.clone()));
        let request = request.key("SK", AttributeValue::S(sk.clone()));
        let answer = request.condition_expression("attribute_exists(PK)").send().await;
        answer.expect("the row was there");
    }

    #[expect(clippy::disallowed_methods, reason = "the whole table is what is compared")]
    async fn items(&self) -> Vec<Item> {
        let client = Clients::local(&self.stack.local).dynamodb;
        let (mut items, mut start) = (Vec::new(), None);
        loop {
            let page = client
                .scan()
                .table_name(&self.stack.settings.table)
                .consistent_read(true)
                .set_exclusive_start_key(start);
            let page = page.send().await.expect("a page");
            items.extend_from_slice(page.items());
            start = page.last_evaluated_key.filter(|key: &Item| !key.is_empty());
            if start.is_none() {
                return items;
            }
        }
    }
}

fn text(item: &Item, name: &str) -> String {
    item[name].as_s().expect("a text").clone()
}

fn key(item: &Item) -> (String, String) {
    (text(item, "PK"), text(item, "SK"))
}
