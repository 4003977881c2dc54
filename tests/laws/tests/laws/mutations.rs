//! A signed decision that was changed by one byte never counts, unless it says the very same.

use jiff::Timestamp;
use serde_json::{Value, json};
use slipway_domain::Sha256;
use slipway_domain::key::{KeyCustody, KeyRing};
use slipway_signing::seed::{public_half, seed};
use slipway_signing::{
    Context, KeySet, RequestBinding, SeedSigner, canonical_digest, new_key, parse_document,
    verify_decision,
};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;
const REQUEST: &[u8] = br#"{"products":[{"product_id":"prod_app","current_version":"1.0.0"}]}"#;
/// Mutations of each of the five shapes.
const MUTATIONS: usize = 20_000;

/// Numbers that look random and are the same each time (`SplitMix64`).
struct Sequence(u64);

impl Sequence {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % below as u64).unwrap()
    }

    /// Any byte, or one that JSON means something by, or that stands in the document.
    fn byte(&mut self, document: &[u8]) -> u8 {
        const MEANT: &[u8] = b" \t\n\r0123456789+-.eE\"\\/{}[],:abcdefABCDEFu";
        match self.next(3) {
            0 => u8::try_from(self.next(256)).unwrap(),
            1 => MEANT[self.next(MEANT.len())],
            _ => document[self.next(document.len())],
        }
    }

    /// The document with one byte replaced, added or taken away.
    fn mutated(&mut self, document: &[u8]) -> Vec<u8> {
        let mut mutant = document.to_vec();
        let place = self.next(document.len());
        let byte = self.byte(document);
        match self.next(3) {
            0 if byte == mutant[place] => mutant[place] ^= 1 << self.next(8),
            0 => mutant[place] = byte,
            1 => mutant.insert(place, byte),
            _ => drop(mutant.remove(place)),
        }
        mutant
    }
}

fn signer() -> SeedSigner {
    SeedSigner::new(&seed(&[7; 32]).unwrap())
}

fn keys() -> KeySet {
    let custody = KeyCustody::File { name: String::new() };
    let key = new_key(&public_half(&seed(&[7; 32]).unwrap()), Context::Decision, NOW, custody);
    KeySet::of(&KeyRing { keys: vec![key] }, NOW)
}

fn response(decisions: &Value) -> Value {
    json!({
        "decisions": decisions, "request_sha256": Sha256::of(REQUEST),
        "issued_at": "1970-01-01T00:00:00Z", "expires_at": "1970-01-01T00:15:00Z",
    })
}

fn nothing(product: &str) -> Value {
    json!({
        "product_id": product, "channel": "stable", "current_version": "1.0.0", "action": "NONE", "reason": "up_to_date", "mode": "AUTO_INSTALL",
    })
}

fn offer(metadata: &Value) -> Value {
    let mut offer = nothing("prod_app");
    let members = json!({
        "action": "INSTALL", "reason": "update_available", "version": "1.1.0", "release_id": "rel_1", "published_at": "1970-01-01T00:00:00Z",
        "metadata": metadata, "metadata_truncated": true,
        "artifacts": [{
            "artifact_id": "art_1", "platform": "windows", "arch": "x86_64", "installer_type": "msi", "requires_admin": false,
            "sha256": Sha256::of(b""), "size_bytes": 15_728_640, "download_url": "https://api.example.com/v1/artifacts/art_1/download",
        }],
    });
    offer.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    offer
}

fn signed(body: Value) -> Value {
    json!(signer().sign(Context::Decision, body).unwrap())
}

/// What is left of a text without the blanks between its tokens.
fn without_blanks(json: &[u8]) -> Vec<u8> {
    let (mut in_text, mut escaped) = (false, false);
    let is_kept = |byte: &&u8| {
        let is_blank = !in_text && b" \t\n\r".contains(byte);
        match (in_text, **byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => in_text = !in_text,
            _ => {}
        }
        !is_blank
    };
    json.iter().filter(is_kept).copied().collect()
}

/// Changes `document` again and again; how many mutations were other blanks, and how many another
/// spelling of a text or a number. None else may count.
fn survivors(document: &str, start: u64) -> [usize; 2] {
    let (document, keys) = (document.as_bytes(), keys());
    let original = parse_document(document).unwrap();
    let digest = canonical_digest(&original).unwrap();
    let verdict = |value: &Value| verify_decision(value, Some(REQUEST), &keys, NOW);
    assert_eq!(verdict(&original), Ok(RequestBinding::Verified));
    let (mut sequence, mut survivors) = (Sequence(start), [0, 0]);
    for _ in 0..MUTATIONS {
        let mutant = sequence.mutated(document);
        let Ok(value) = parse_document(&mutant) else { continue };
        let text = || String::from_utf8_lossy(&mutant);
        // The signature is no part of what is signed, so that its text is compared too.
        if canonical_digest(&value).unwrap() != digest {
            assert!(verdict(&value).is_err(), "{}", text());
            continue;
        }
        assert_eq!(verdict(&value), Ok(RequestBinding::Verified), "{}", text());
        assert_eq!(value, original, "{}", text());
        let is_respelled = without_blanks(&mutant) != without_blanks(document);
        survivors[usize::from(is_respelled)] += 1;
    }
    survivors
}

#[test]
fn an_answer_without_offers() {
    let none = response(&json!([nothing("prod_app"), nothing("prod_other")]));
    assert_ne!(survivors(&signed(none).to_string(), 1)[0], 0);
}

#[test]
fn an_answer_with_an_offer_and_a_nonce() {
    let mut body = response(&json!([offer(&json!({ "critical": true, "build": 31.5 }))]));
    body["nonce"] = json!("n-1 \u{fc}");
    assert_ne!(survivors(&signed(body).to_string(), 2)[0], 0);
}

#[test]
fn an_answer_with_texts_and_numbers_that_have_several_spellings() {
    let metadata =
        json!({ "a": "\u{1}\u{1f}\n\"\\/", "b": [0.1, 1e-7, 1e15, 0.0], "\u{1b}": "\u{1F680}" });
    let body = response(&json!([offer(&metadata)]));
    assert_ne!(survivors(&signed(body).to_string(), 3), [0, 0]);
}

#[test]
fn an_answer_that_is_written_with_blanks() {
    let body = signed(response(&json!([offer(&json!({ "notes": "a  b" }))])));
    assert_ne!(survivors(&serde_json::to_string_pretty(&body).unwrap(), 4)[0], 0);
}

#[test]
fn a_mirrors_answer_with_evidence() {
    let mut body = response(&json!([offer(&json!({})), nothing("prod_other")]));
    body["evidence"] = json!({
        "snapshot_id": "snapshot_1", "sequence": 7, "manifest_url": "https://mirror.example.com/v1/snapshots/snapshot_1",
        "manifest_sha256": Sha256::of(b"manifest"), "key_id": "vendor",
    });
    assert_ne!(survivors(&signed(body).to_string(), 5)[0], 0);
}

#[test]
fn these_are_the_spellings_that_say_the_same() {
    let metadata = json!({ "text": "\u{1f}/", "fraction": 0.5, "small": 1e-7 });
    let document = signed(response(&json!([offer(&metadata)]))).to_string();
    let verdict = |document: &str| {
        let value = parse_document(document.as_bytes()).ok()?;
        verify_decision(&value, Some(REQUEST), &keys(), NOW).ok()
    };
    for (from, to) in [
        (r#""text":"#, r#""text": "#),
        (r#"{"decisions""#, "{\t\"decisions\""),
        (r"\u001f/", r"\u001F/"),
        (r"\u001f/", r"\u001f\/"),
        ("0.5", "0.50"),
        ("1e-7", "1E-7"),
        ("1e-7", "1e-07"),
    ] {
        let respelled = document.replacen(from, to, 1);
        assert_ne!(respelled, document, "{from}");
        assert_eq!(verdict(&respelled), Some(RequestBinding::Verified), "{to}");
    }
    // The signature itself has one spelling: its last digit has four bits that mean nothing.
    let end = document.find("==\"").unwrap();
    let digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let last = digits.find(&document[end - 1..end]).unwrap();
    let other =
        format!("{}{}{}", &document[..end - 1], &digits[last + 1..last + 2], &document[end..]);
    assert_eq!(verdict(&other), None);
}
