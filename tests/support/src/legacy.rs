//! Rows as version 0.1.0 wrote them.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use slipway_aws::Clients;
use slipway_domain::Version;

use crate::{World, text};

/// How many bytes of live releases a head of version 0.1.0 holds.
const ROOM: usize = 256 << 10;

impl World {
    /// Writes the head of a channel, and its entry in the release index, as version 0.1.0 would:
    /// with the `most` highest live releases, as far as there is room.
    pub async fn write_legacy_head(&self, product: &str, channel: &str, most: usize) {
        let (partition, prefix) = (format!("PRODUCT#{product}"), format!("RELEASE#{channel}#"));
        let rows = self.rows().await;
        let here = rows.iter().filter(|(key, _)| key.0 == partition && key.1.starts_with(&prefix));
        let mut releases: Vec<&Value> = here.map(|(_, release)| release).collect();
        releases.sort_by_key(|one| std::cmp::Reverse(text(one, "version").parse::<Version>().ok()));
        let of = |status: &str| {
            let status = json!(status);
            releases.iter().filter(move |one| one["status"] == status).copied()
        };

        let mut room = ROOM;
        let fits = |release: &Value| match room.checked_sub(release.to_string().len()) {
            Some(left) => {
                room = left;
                true
            }
            None => false,
        };
        let live: Vec<Value> =
            of("published").map(live_release).take(most).take_while(fits).collect();
        let key = (partition, format!("HEAD#{channel}"));
        let mut head = rows[&key].clone();
        for later in ["summary", "last_revoked"] {
            head.as_object_mut().expect("an object").remove(later);
        }
        head["revoked"] = of("revoked").take(500).map(|one| one["version"].clone()).collect();
        head["truncated"] = json!(of("published").count() > live.len());
        let newest = live.first().cloned();
        head["live"] = json!(live);
        self.replace_doc(&key, &head).await;
        let entry = json!({ "product_id": product, "channel": channel, "newest": newest });
        self.replace_doc(&("INDEX".to_owned(), format!("{product}#{channel}")), &entry).await;
    }

    /// Leaves the row of a required release on `stable` of which nothing else is there, as version
    /// 0.1.0 does, which revokes releases without knowing of such rows. Another release of the
    /// product is required.
    pub async fn leave_required_row(&self, product: &str, version: &str) {
        let version: Version = version.parse().expect("a version");
        let partition = format!("PRODUCT#{product}");
        let rows = self.rows().await;
        let mut required = rows
            .iter()
            .filter(|(key, _)| key.0 == partition && key.1.starts_with("REQUIRED#stable#"));
        let (_, doc) = required.next().expect("a required release");
        let mut doc = doc.clone();
        doc["version"] = json!(version);
        let client = Clients::local(&self.stack.local).dynamodb;
        let request = client.put_item().table_name(&self.stack.settings.table);
        let request = request
            .item("PK", AttributeValue::S(partition))
            .item("SK", AttributeValue::S(format!("REQUIRED#stable#{}", version.sort_key())))
            .item("doc", AttributeValue::S(doc.to_string()))
            .item("rev", AttributeValue::N("1".to_owned()));
        request.send().await.expect("the row is written");
    }

    /// Writes the row of a release as version 0.1.0 would, which knows no steps of a rollout.
    pub async fn write_legacy_release(&self, release: &Value) {
        let rows = self.rows().await.into_iter();
        let mut releases = rows.filter(|(key, _)| key.1.starts_with("RELEASE#"));
        let (key, mut row) = releases
            .find(|(_, row)| row["release_id"] == release["release_id"])
            .expect("the release");
        row.as_object_mut().expect("an object").remove("rollout_plan");
        self.replace_doc(&key, &row).await;
    }

    pub(crate) async fn replace_doc(&self, (pk, sk): &(String, String), doc: &Value) {
        let client = Clients::local(&self.stack.local).dynamodb;
        let value = |text: &str| AttributeValue::S(text.to_owned());
        let request = client.update_item().table_name(&self.stack.settings.table);
        let request = request.key("PK", value(pk)).key("SK", value(sk));
        let request = request.update_expression("SET doc = :doc REMOVE v");
        let request = request.expression_attribute_values(":doc", value(&doc.to_string()));
        request.send().await.expect("the row is there");
    }
}

/// What a head holds of a release.
fn live_release(release: &Value) -> Value {
    let names =
        ["release_id", "version", "published_at", "metadata", "rollout", "artifacts"].into_iter();
    names.map(|name| (name.to_owned(), release[name].clone())).collect()
}
