//! The keys of an issuer: a JWK set (RFC 7517), of which only what can verify is kept.

use std::collections::HashMap;

use data_encoding::BASE64URL_NOPAD;
use serde_json::Value;
use slipway_domain::i_json;

use crate::jwt::MAX_KID;
use crate::signature::PublicKey;

/// The most keys that a set may have.
const MAX_KEYS: usize = 100;
/// The least bytes of an RSA modulus: 2048 bits.
const MIN_MODULUS: usize = 256;

/// The keys of an issuer, by their `kid`.
#[derive(Debug, Clone, Default)]
pub struct KeySet(HashMap<String, PublicKey>);

impl KeySet {
    /// The keys of a JWK set that can verify RS256, ES256 or `EdDSA`. Others are left out: those for
    /// encryption, without a `kid`, of unknown kinds, and RSA keys below 2048 bits.
    ///
    /// # Errors
    /// What is wrong with the document: it is no JWK set, has more than 100 keys, or none that can
    /// be used.
    pub fn parse(document: &[u8]) -> Result<Self, String> {
        let document = i_json::from_slice(document).map_err(|error| error.to_string())?;
        let keys = document.get("keys").and_then(Value::as_array);
        let keys = keys.ok_or("there is no list `keys`")?;
        if keys.len() > MAX_KEYS {
            return Err(format!("there are {} keys, and at most {MAX_KEYS} are taken", keys.len()));
        }
        let mut usable = HashMap::new();
        for (kid, key) in keys.iter().filter_map(usable_key) {
            usable.entry(kid).or_insert(key);
        }
        if usable.is_empty() { Err("no key can be used".to_owned()) } else { Ok(Self(usable)) }
    }

    /// The key with exactly this `kid`.
    pub(crate) fn find(&self, kid: &str) -> Option<&PublicKey> {
        self.0.get(kid)
    }
}

fn usable_key(jwk: &Value) -> Option<(String, PublicKey)> {
    let text = |name: &str| jwk.get(name).and_then(Value::as_str);
    let kid = text("kid").filter(|kid| (1..=MAX_KID).contains(&kid.len()))?;
    if text("use").is_some_and(|word| word != "sig") || !may_verify(jwk) {
        return None;
    }
    let bytes = |name: &str| BASE64URL_NOPAD.decode(text(name)?.as_bytes()).ok();
    let (names, key) = match (text("kty")?, text("crv")) {
        ("RSA", _) => {
            let (n, e) = (bytes("n")?, bytes("e")?);
            let is_long = n.len() > MIN_MODULUS || n.len() == MIN_MODULUS && n.first()? & 0x80 != 0;
            (&["RS256"][..], is_long.then_some(PublicKey::Rsa { n, e })?)
        }
        ("EC", Some("P-256")) => {
            let (x, y) = (bytes("x")?, bytes("y")?);
            let point = (x.len() == 32 && y.len() == 32).then(|| [&[4][..], &x, &y].concat())?;
            (&["ES256"][..], PublicKey::P256(point))
        }
        // RFC 9864 calls the algorithm by the name of the curve.
        ("OKP", Some("Ed25519")) => {
            let x = bytes("x").filter(|x| x.len() == 32)?;
            (&["EdDSA", "Ed25519"][..], PublicKey::Ed25519(x))
        }
        _ => return None,
    };
    text("alg").is_none_or(|alg| names.contains(&alg)).then(|| (kid.to_owned(), key))
}

fn may_verify(jwk: &Value) -> bool {
    let Some(operations) = jwk.get("key_ops") else { return true };
    operations.as_array().is_some_and(|all| all.iter().any(|one| one == "verify"))
}
