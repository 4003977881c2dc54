//! Which request a decision answers: a decision that is right for one client is wrong for another.

use jiff::Timestamp;
use serde_json::Value;
use slipway_domain::Sha256;

use crate::jwk::KeySet;
use crate::statement::Context;
use crate::verify::{VerifyError, verify};

/// What is known of the request that a decision answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestBinding {
    /// It answers the request that was given.
    Verified,
    /// It names a request, and none was given to compare: it may be the answer to another client.
    Unverified,
    /// It names no request, because a Slipway of before `request_sha256` signed it: it may be the
    /// answer to another client.
    Absent,
}

/// Why a decision is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecisionError {
    /// What is refused of every signed object.
    #[error(transparent)]
    NotVerified(#[from] VerifyError),
    /// The decision answers another request than the one that was given.
    #[error(
        "the decision answers another request: its request_sha256 is not the SHA-256 of the body that was sent"
    )]
    OtherRequest,
    /// The decision does not name the request that it answers.
    #[error(
        "the decision has no request_sha256, as those of an older Slipway: it may be the answer to another client"
    )]
    RequestNotNamed,
}

/// Verifies a decision as [`verify`] does, and that it answers `request`: the body that was sent
/// with `POST /v1/decision`, byte for byte. Without one, the result says that nothing ties the
/// decision to a request.
///
/// # Errors
/// [`DecisionError`]; where `request` is given, also for a decision that names none.
pub fn verify_decision(
    decision: &Value,
    request: Option<&[u8]>,
    keys: &KeySet,
    now: Timestamp,
) -> Result<RequestBinding, DecisionError> {
    verify(Context::Decision, decision, keys, now)?;
    match (request, decision.get("request_sha256")) {
        (None, None) => Ok(RequestBinding::Absent),
        (None, Some(_)) => Ok(RequestBinding::Unverified),
        (Some(_), None) => Err(DecisionError::RequestNotNamed),
        (Some(request), Some(named)) if *named == Sha256::of(request).to_string() => {
            Ok(RequestBinding::Verified)
        }
        (Some(_), Some(_)) => Err(DecisionError::OtherRequest),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use slipway_domain::key::{KeyCustody, KeyRing};
    use zeroize::Zeroizing;

    use super::*;
    use crate::seed::public_half;
    use crate::signed::SeedSigner;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;
    const REQUEST: &[u8] = br#"{"products":[{"product_id":"prod_app","current_version":"1.0.0"}]}"#;

    /// What is verified of a decision that has these members.
    fn verified(members: Value, request: Option<&[u8]>) -> Result<RequestBinding, DecisionError> {
        let seed = Zeroizing::new([7; 32]);
        let file = KeyCustody::File { name: String::new() };
        let key = crate::new_key(&public_half(&seed), Context::Decision, NOW, file);
        let keys = KeySet::of(&KeyRing { keys: vec![key] }, NOW);
        let decision = json!(SeedSigner::new(&seed).sign(Context::Decision, members).unwrap());
        verify_decision(&decision, request, &keys, NOW)
    }

    #[test]
    fn a_decision_counts_for_the_very_bytes_that_were_sent() {
        let decision = || json!({ "request_sha256": Sha256::of(REQUEST) });
        assert_eq!(verified(decision(), Some(REQUEST)), Ok(RequestBinding::Verified));
        for other in [&b""[..], &[REQUEST, b"\n"].concat(), &REQUEST[1..]] {
            assert_eq!(verified(decision(), Some(other)), Err(DecisionError::OtherRequest));
        }
        for member in [json!(null), json!(7), json!([Sha256::of(REQUEST)])] {
            let decision = json!({ "request_sha256": member });
            assert_eq!(verified(decision, Some(REQUEST)), Err(DecisionError::OtherRequest));
        }
    }

    #[test]
    fn without_a_request_it_is_said_that_nothing_ties_the_decision_to_one() {
        let decision = json!({ "request_sha256": Sha256::of(REQUEST) });
        assert_eq!(verified(decision, None), Ok(RequestBinding::Unverified));
        assert_eq!(verified(json!({}), None), Ok(RequestBinding::Absent));
    }

    #[test]
    fn a_decision_that_names_no_request_does_not_answer_one() {
        assert_eq!(verified(json!({}), Some(REQUEST)), Err(DecisionError::RequestNotNamed));
    }
}
