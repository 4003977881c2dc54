//! Lists, read to their end.

use serde_json::Value;

/// All entries of the list at `path`, page by page: `member` of each page. `get` gives what a path
/// answers.
pub async fn every_entry(
    path: &str,
    member: &str,
    get: impl AsyncFn(String) -> Value,
) -> Vec<Value> {
    let (mut entries, mut cursor) = (Vec::new(), String::new());
    let separator = if path.contains('?') { '&' } else { '?' };
    loop {
        let page = get(format!("{path}{separator}limit=200{cursor}")).await;
        entries.extend(page[member].as_array().expect("a list").iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return entries,
        }
    }
}
