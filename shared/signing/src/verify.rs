//! Verification of signed objects.

use data_encoding::BASE64;
use ed25519_dalek::Signature;
use jiff::Timestamp;
use serde_json::Value;
use slipway_domain::i_json;
use slipway_domain::key::KeyStatus;

use crate::jwk::{Jwk, KeySet};
use crate::statement::{Context, statement};

/// Why verification failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// The document is not I-JSON (RFC 7493).
    #[error("not a document that can be signed: {0}")]
    NotIJson(String),
    /// The object has no string members `key_id` and `signature`.
    #[error("not a signed object: it needs the members key_id and signature")]
    NotSigned,
    /// The key is not in the key set.
    #[error("signed by {0}, which is none of the known keys")]
    UnknownKey(String),
    /// The key has a different purpose.
    #[error("signed by {0}, a key for another purpose")]
    WrongPurpose(String),
    /// The key was not valid at the time of signing.
    #[error("signed by {0}, which is not valid at this time")]
    KeyNotValid(String),
    /// The signature does not match.
    #[error("the signature is wrong: the object was altered, or signed by somebody else")]
    WrongSignature,
    /// The object has expired.
    #[error("expired at {0}")]
    Expired(Timestamp),
    /// The object's time is in the future.
    #[error("issued at {0}, which is in the future")]
    NotYetValid(Timestamp),
}

/// Tolerated clock skew between signer and verifier.
const SKEW: jiff::SignedDuration = jiff::SignedDuration::from_mins(5);

/// Reads a document that is to be verified. One that two parsers may read differently is refused: its
/// canonical form may be that of another document, which was signed.
///
/// # Errors
/// [`VerifyError::NotIJson`].
pub fn parse_document(document: &[u8]) -> Result<Value, VerifyError> {
    i_json::from_slice(document).map_err(|error| VerifyError::NotIJson(error.to_string()))
}

/// Verifies that `object`, which [`parse_document`] has read, was signed in `context` by one of `keys`, and is valid at `now`: the key
/// is known, has the right purpose and was valid; the signature matches; `expires_at`, if present,
/// is in the future; `issued_at` or `created_at`, if present, is not.
///
/// # Errors
/// [`VerifyError`], with the first check that failed.
pub fn verify(
    context: Context,
    object: &Value,
    keys: &KeySet,
    now: Timestamp,
) -> Result<(), VerifyError> {
    let key = signing_key(context, object, keys)?;
    check_signature(context, object, key)?;
    if key.not_before > now
        || key.not_after.is_some_and(|end| now >= end)
        || key.status == KeyStatus::Expired
    {
        return Err(VerifyError::KeyNotValid(key.kid.clone()));
    }
    if let Some(end) = time(object, "expires_at").filter(|end| now >= *end) {
        return Err(VerifyError::Expired(end));
    }
    let made = time(object, "issued_at").or_else(|| time(object, "created_at"));
    let ahead = made.filter(|start| now.saturating_add(SKEW).is_ok_and(|latest| *start > latest));
    ahead.map_or(Ok(()), |start| Err(VerifyError::NotYetValid(start)))
}

fn signing_key<'a>(
    context: Context,
    object: &Value,
    keys: &'a KeySet,
) -> Result<&'a Jwk, VerifyError> {
    let kid = object.get("key_id").and_then(Value::as_str).ok_or(VerifyError::NotSigned)?;
    let key = keys
        .keys
        .iter()
        .find(|key| key.kid == kid)
        .ok_or_else(|| VerifyError::UnknownKey(kid.to_owned()))?;
    if key.purpose == context.purpose() {
        Ok(key)
    } else {
        Err(VerifyError::WrongPurpose(kid.to_owned()))
    }
}

fn check_signature(context: Context, object: &Value, key: &Jwk) -> Result<(), VerifyError> {
    let mut object = object.clone();
    let signature = object
        .as_object_mut()
        .and_then(|members| members.remove("signature"))
        .ok_or(VerifyError::NotSigned)?;
    let signature = signature
        .as_str()
        .and_then(|text| BASE64.decode(text.as_bytes()).ok())
        .ok_or(VerifyError::WrongSignature)?;
    let signature = Signature::from_slice(&signature).map_err(|_| VerifyError::WrongSignature)?;
    let statement = statement(context, &object).map_err(|_| VerifyError::WrongSignature)?;
    let key = key.verifying_key().ok_or(VerifyError::WrongSignature)?;
    key.verify_strict(&statement, &signature).map_err(|_| VerifyError::WrongSignature)
}

fn time(object: &Value, member: &str) -> Option<Timestamp> {
    object.get(member)?.as_str()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;
    use zeroize::Zeroizing;

    use super::*;
    use crate::seed::public_half;
    use crate::signed::SeedSigner;
    use slipway_domain::key::{KeyCustody, KeyRing, SigningKey};

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn signer() -> SeedSigner {
        SeedSigner::new(&Zeroizing::new([7; 32]))
    }

    fn key() -> SigningKey {
        let key = crate::new_key(
            &public_half(&Zeroizing::new([7; 32])),
            Context::Decision,
            NOW,
            KeyCustody::File { name: String::new() },
        );
        SigningKey { not_after: Some(NOW + jiff::SignedDuration::from_hours(1)), ..key }
    }

    fn keys() -> KeySet {
        KeySet::of(&KeyRing { keys: vec![key()] }, NOW)
    }

    fn sign(body: Value) -> Value {
        json!(signer().sign(Context::Decision, body).unwrap())
    }

    fn signed() -> Value {
        sign(json!({ "b": 1, "a": "é", "expires_at": NOW + jiff::SignedDuration::from_mins(5) }))
    }

    #[test]
    fn what_was_signed_is_accepted_whatever_the_order_of_its_members() {
        let object = signed();
        assert_eq!(verify(Context::Decision, &object, &keys(), NOW), Ok(()));
        let reversed: serde_json::Map<_, _> =
            object.as_object().unwrap().clone().into_iter().rev().collect();
        assert_eq!(verify(Context::Decision, &Value::Object(reversed), &keys(), NOW), Ok(()));
    }

    #[test]
    fn every_alteration_is_refused() {
        for (member, value) in [
            ("b", json!(2)),
            ("a", json!("e")),
            ("c", json!(null)),
            ("expires_at", json!("2999-01-01T00:00:00Z")),
        ] {
            let mut object = signed();
            object[member] = value;
            assert_eq!(
                verify(Context::Decision, &object, &keys(), NOW),
                Err(VerifyError::WrongSignature),
                "{member}"
            );
        }
    }

    #[test]
    fn a_document_that_parsers_read_differently_is_refused_though_its_canonical_form_is_signed() {
        let document = sign(json!({ "number": 9_007_199_254_740_991_u64, "zero": 0, "a": 1 }));
        let document = document.to_string();
        let object = parse_document(document.as_bytes()).unwrap();
        assert_eq!(verify(Context::Decision, &object, &keys(), NOW), Ok(()));
        for (from, to) in [
            (r#""zero":0"#, r#""zero":-0.0"#),
            (r#""zero":0"#, r#""zero":-0"#),
            (r#"{"number""#, r#"{"a":2,"number""#),
            (r#"{"number""#, r#"{"signature":"x","number""#),
            (
                r#"{"number""#,
                r#"{"expires_at":"2999-01-01T00:00:00Z","expires_at":"2000-01-01T00:00:00Z","number""#,
            ),
        ] {
            let altered = document.replacen(from, to, 1);
            assert_ne!(altered, document);
            let refused = parse_document(altered.as_bytes());
            assert!(matches!(refused, Err(VerifyError::NotIJson(_))), "{altered}");
        }
        // What was signed before metadata had to be I-JSON.
        let old = sign(json!({ "number": u64::MAX })).to_string();
        assert!(matches!(parse_document(old.as_bytes()), Err(VerifyError::NotIJson(_))));
    }

    #[test]
    fn a_signature_counts_for_its_own_context_only() {
        assert!(matches!(
            verify(Context::Snapshot, &signed(), &keys(), NOW),
            Err(VerifyError::WrongPurpose(_))
        ));
        let mut relabelled = keys();
        relabelled.keys[0].purpose = Context::Snapshot.purpose();
        assert_eq!(
            verify(Context::Snapshot, &signed(), &relabelled, NOW),
            Err(VerifyError::WrongSignature)
        );
    }

    #[test]
    fn it_expires_at_its_time_and_not_one_second_before() {
        let end = NOW + jiff::SignedDuration::from_mins(5);
        let second = jiff::SignedDuration::from_secs(1);
        assert_eq!(verify(Context::Decision, &signed(), &keys(), end - second), Ok(()));
        assert_eq!(
            verify(Context::Decision, &signed(), &keys(), end),
            Err(VerifyError::Expired(end))
        );
    }

    #[test]
    fn a_key_counts_in_its_time_only() {
        let object = sign(json!({}));
        let end = NOW + jiff::SignedDuration::from_hours(1);
        assert!(
            verify(Context::Decision, &object, &keys(), end - jiff::SignedDuration::from_secs(1))
                .is_ok()
        );
        assert!(matches!(
            verify(Context::Decision, &object, &keys(), end),
            Err(VerifyError::KeyNotValid(_))
        ));
        assert!(matches!(
            verify(Context::Decision, &object, &KeySet::default(), NOW),
            Err(VerifyError::UnknownKey(_))
        ));
    }

    proptest! {
        #[test]
        fn no_other_64_bytes_pass_as_the_signature(flip in 0..512_usize) {
            let mut object = signed();
            let mut bytes = BASE64.decode(object["signature"].as_str().unwrap().as_bytes()).unwrap();
            bytes[flip / 8] ^= 1 << (flip % 8);
            object["signature"] = json!(BASE64.encode(&bytes));
            prop_assert_eq!(verify(Context::Decision, &object, &keys(), NOW), Err(VerifyError::WrongSignature));
        }
    }
}
