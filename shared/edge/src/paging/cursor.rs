//! Cursors of lists: opaque, bound to the list they were issued for, and useless once altered.

use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use slipway_catalog::StartKey;
use slipway_domain::{Code, Error, Result, Sha256};

use crate::paging::{PageParameters, Paging};

/// What a cursor is good for: an operation, a path and the filters, and who asks: what a list has
/// and where it is read depends on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CursorScope(Vec<u8>);

impl CursorScope {
    /// The list that this request asks for. Limit and cursor do not belong to it: they may change
    /// from page to page.
    #[must_use]
    pub fn of(op: &str, path: &str, query: &str, actor: &str) -> Self {
        let mut filters: Vec<_> = url::form_urlencoded::parse(query.as_bytes())
            .filter(|(name, _)| !Paging::PARAMETERS.contains(&&**name))
            .collect();
        filters.sort();
        Self(format!("{op}\n{path}\n{filters:?}\n{actor}").into_bytes())
    }
}

/// Makes a cursor of a position. The key comes from the digest of the deployment's bootstrap key,
/// which is not public.
pub fn seal(secret: &Sha256, binding: &CursorScope, position: &StartKey) -> Result<String> {
    let mut bytes = mac(secret, binding, &serde_json::to_vec(position).map_err(Error::internal)?)?
        .finalize()
        .into_bytes()
        .to_vec();
    bytes.truncate(TAG);
    bytes.extend(serde_json::to_vec(position).map_err(Error::internal)?);
    Ok(BASE64URL_NOPAD.encode(&bytes))
}

/// Reads a cursor.
///
/// # Errors
/// `invalid_cursor` for anything but what [`seal`] made for the same list.
pub fn open(secret: &Sha256, binding: &CursorScope, cursor: &str) -> Result<StartKey> {
    let refuse = || {
        Error::new(
            Code::InvalidCursor,
            "not a next_cursor of this list with these filters; start without a cursor",
        )
        .at("cursor")
    };
    let bytes = BASE64URL_NOPAD.decode(cursor.as_bytes()).map_err(|_| refuse())?;
    let (tag, position) = bytes.split_at_checked(TAG).ok_or_else(refuse)?;
    mac(secret, binding, position)?.verify_truncated_left(tag).map_err(|_| refuse())?;
    serde_json::from_slice(position).map_err(|_| refuse())
}

/// The query string `query` with this cursor in the place of its own.
#[must_use]
pub fn in_query(query: &str, cursor: &str) -> String {
    let others = url::form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name != "cursor");
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(others)
        .append_pair("cursor", cursor)
        .finish()
}

/// Bytes of the authentication code that a cursor carries.
const TAG: usize = 16;

fn mac(secret: &Sha256, binding: &CursorScope, position: &[u8]) -> Result<Hmac<sha2::Sha256>> {
    let mut mac =
        Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).map_err(Error::internal)?;
    mac.update(b"slipway.cursor.v1\n");
    mac.update(&(binding.0.len() as u64).to_be_bytes());
    mac.update(&binding.0);
    mac.update(position);
    Ok(mac)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_opens_for_its_own_list_and_no_other() {
        let (secret, position) =
            (Sha256::of(b"key"), StartKey::from([("PK".to_owned(), "x".to_owned())]));
        let list = |query: &str| CursorScope::of("release-list", "/v1/releases", query, "tok_me");
        let cursor = seal(&secret, &list("channel=beta&limit=5"), &position).unwrap();
        assert_eq!(
            open(&secret, &list(&format!("cursor={cursor}&limit=7&channel=beta")), &cursor)
                .unwrap(),
            position
        );
        assert!(open(&secret, &list("channel=stable"), &cursor).is_err());
        assert!(open(&Sha256::of(b"other"), &list("channel=beta"), &cursor).is_err());
        for (op, actor) in [("product-list", "tok_me"), ("release-list", "tok_other")] {
            let other = CursorScope::of(op, "/v1/releases", "channel=beta", actor);
            assert!(open(&secret, &other, &cursor).is_err(), "{op} {actor}");
        }
    }

    #[test]
    fn a_cursor_with_any_byte_altered_is_refused() {
        let (secret, binding) = (Sha256::of(b"key"), CursorScope::of("a", "b", "", "c"));
        let cursor =
            seal(&secret, &binding, &StartKey::from([("PK".to_owned(), "x".to_owned())])).unwrap();
        for index in 0..cursor.len() {
            let mut altered = cursor.clone().into_bytes();
            altered[index] = if altered[index] == b'A' { b'B' } else { b'A' };
            assert!(
                open(&secret, &binding, std::str::from_utf8(&altered).unwrap()).is_err(),
                "byte {index}"
            );
        }
    }
}
