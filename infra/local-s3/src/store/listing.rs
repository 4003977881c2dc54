//! Listing the keys of a bucket.

use rusqlite::{Connection, OptionalExtension as _};

use super::{StoreInner, events::encode_key, objects::Object, writing::require_bucket};
use crate::error::Outcome;

/// Which keys to list.
pub(crate) struct ListingQuery {
    pub(crate) bucket: String,
    pub(crate) prefix: String,
    /// Keys that have this after the prefix are listed as the one prefix they share.
    pub(crate) delimiter: Option<String>,
    /// The first key that may be listed: [`just_after`] one already seen, or where the last page
    /// ended.
    pub(crate) from: String,
    pub(crate) limit: usize,
    pub(crate) url_encoded: bool,
}

/// A page of keys, in the order of their UTF-8 bytes.
#[derive(Default)]
pub(crate) struct Listing {
    pub(crate) objects: Vec<(String, Object)>,
    pub(crate) common_prefixes: Vec<String>,
    /// Where the next page begins, if there is one.
    pub(crate) next: Option<String>,
}

impl Listing {
    pub(crate) fn len(&self) -> usize {
        self.objects.len() + self.common_prefixes.len()
    }
}

impl ListingQuery {
    /// The form in which a key is told to the client.
    pub(crate) fn shown(&self, key: &str) -> String {
        if self.url_encoded { encode_key(key) } else { key.to_owned() }
    }

    fn common_prefix(&self, key: &str) -> Option<String> {
        let delimiter = self.delimiter.as_deref().filter(|text| !text.is_empty())?;
        let (group, _) = key.strip_prefix(&self.prefix)?.split_once(delimiter)?;
        Some(format!("{}{group}{delimiter}", self.prefix))
    }
}

impl StoreInner {
    /// Lists keys. Refuses if there is no such bucket.
    pub(crate) fn list(&self, query: &ListingQuery) -> Outcome<Listing> {
        self.read(|connection| {
            require_bucket(connection, &query.bucket)?;
            let mut listing = Listing::default();
            let mut from = query.from.clone().max(query.prefix.clone());
            while let Some((key, object)) = first_key(connection, query, &from)? {
                if listing.len() >= query.limit {
                    listing.next = (query.limit > 0).then_some(from);
                    break;
                }
                if let Some(group) = query.common_prefix(&key) {
                    from = just_after_all(&group);
                    listing.common_prefixes.push(group);
                } else {
                    from = just_after(&key);
                    listing.objects.push((key, object));
                }
            }
            Ok(listing)
        })
    }
}

fn first_key(
    connection: &Connection,
    query: &ListingQuery,
    from: &str,
) -> Outcome<Option<(String, Object)>> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT key, {} FROM objects WHERE bucket = ?1 AND key >= ?2 ORDER BY key LIMIT 1",
        Object::COLUMNS
    ))?;
    let found = statement
        .query_row([query.bucket.as_str(), from], |row| {
            let key: String = row.get(0)?;
            if !key.starts_with(&query.prefix) {
                return Ok(None);
            }
            Ok(Some(Object::from_row(row, 1).map(|object| (key, object))))
        })
        .optional()?;
    found.flatten().transpose()
}

/// The least key greater than this one.
pub(crate) fn just_after(key: &str) -> String {
    format!("{key}\0")
}

/// A key greater than all that start with this.
fn just_after_all(prefix: &str) -> String {
    let mut bound = prefix.to_owned();
    match bound.pop().and_then(|last| char::from_u32(u32::from(last) + 1)) {
        Some(next) => bound.push(next),
        // The last character has no successor (a surrogate follows it, or nothing): none can be
        // greater than this.
        None => bound = format!("{prefix}{}", char::MAX),
    }
    bound
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_greater_than_what_they_bound() {
        assert!(just_after("a").as_str() > "a" && just_after("a").as_str() < "a/");
        assert!(just_after_all("a/").as_str() > "a/zzz" && just_after_all("a/").as_str() < "b");
    }
}
