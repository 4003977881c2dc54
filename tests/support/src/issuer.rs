//! An OIDC issuer with keys of its own, served over HTTPS.

use std::sync::Arc;

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};
use slipway_edge::{OperatorSettings, TrustedIssuerSettings};

use crate::{ExternalHost, Pace};

/// What the issuer's tokens are for.
pub const AUDIENCE: &str = "slipway";
/// Where its keys are.
const KEYS: &str = "/keys";
/// Where its metadata is.
const METADATA: &str = "/.well-known/openid-configuration";

/// The issuer. Its tokens are signed with Ed25519.
pub struct TestIssuer {
    host: ExternalHost,
    key: Arc<Ed25519KeyPair>,
}

impl TestIssuer {
    /// Starts it, with a key `a`.
    pub async fn start() -> Self {
        let issuer = Self { host: ExternalHost::start().await, key: Arc::new(new_key()) };
        let metadata = json!({ "issuer": issuer.url(), "jwks_uri": issuer.host.url(KEYS) });
        issuer.host.serve(METADATA, Some(metadata.to_string().into_bytes()));
        issuer.serve_keys(Some(issuer.jwks("a").to_string().into_bytes()));
        issuer
    }

    /// Its URL.
    pub fn url(&self) -> String {
        self.host.url("")
    }

    /// Whose operators a stack takes.
    pub fn operators(&self) -> OperatorSettings {
        let issuer = self.url().parse().expect("an issuer");
        OperatorSettings::new(issuer, AUDIENCE.to_owned(), Some("slipway-api".to_owned()))
            .in_network(self.host.access(&["*"]))
    }

    /// What a stack has that trusts this issuer alone.
    pub fn trusted(&self) -> TrustedIssuerSettings {
        let issuer = self.url().parse().expect("an issuer");
        TrustedIssuerSettings::new(vec![issuer]).in_network(self.host.access(&["*"]))
    }

    /// The set of its key under the name `kid`.
    pub fn jwks(&self, kid: &str) -> Value {
        let x = BASE64URL_NOPAD.encode(self.key.public_key().as_ref());
        json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "kid": kid, "x": x }] })
    }

    /// Serves this document as its keys, or none.
    pub fn serve_keys(&self, document: Option<Vec<u8>>) {
        self.host.serve(KEYS, document);
    }

    /// Serves its keys at this pace from now on.
    pub fn serve_keys_at(&self, pace: Pace) {
        self.host.set_pace(KEYS, pace);
    }

    /// Serves its metadata at this pace from now on.
    pub fn serve_metadata_at(&self, pace: Pace) {
        self.host.set_pace(METADATA, pace);
    }

    /// How often its keys were fetched.
    pub fn fetches(&self) -> usize {
        self.host.fetches(KEYS)
    }

    /// A token of these claims under the name of a key.
    pub fn token(&self, kid: &str, claims: &Value) -> String {
        self.token_with(&json!({ "alg": "EdDSA", "typ": "JWT", "kid": kid }), claims)
    }

    /// A token with a header of the test's own, signed with the key whatever the header says.
    pub fn token_with(&self, header: &Value, claims: &Value) -> String {
        let message = message(header, claims);
        let signature = self.key.sign(message.as_bytes());
        format!("{message}.{}", BASE64URL_NOPAD.encode(signature.as_ref()))
    }

    /// The public key.
    pub fn public_key(&self) -> &[u8] {
        self.key.public_key().as_ref()
    }
}

/// Header and claims as they are signed.
fn message(header: &Value, claims: &Value) -> String {
    let encode = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    format!("{}.{}", encode(header), encode(claims))
}

/// A key of P-256, whose signatures can be altered and stay valid.
pub struct Es256Key(EcdsaKeyPair);

impl Es256Key {
    /// A new one.
    #[must_use]
    pub fn generate() -> Self {
        let (algorithm, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("a key");
        Self(EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).expect("a key"))
    }

    /// The set of this key under the name `kid`.
    pub fn jwks(&self, kid: &str) -> Value {
        let (x, y) = self.0.public_key().as_ref()[1..].split_at(32);
        let [x, y] = [x, y].map(|bytes| BASE64URL_NOPAD.encode(bytes));
        json!({ "keys": [{ "kty": "EC", "crv": "P-256", "kid": kid, "x": x, "y": y }] })
    }

    /// A token of these claims, and the same one with the other signature that is as valid: of `r`
    /// and `s`, that is `r` and the order of the curve without `s`.
    pub fn tokens(&self, kid: &str, claims: &Value) -> [String; 2] {
        let message = message(&json!({ "alg": "ES256", "kid": kid }), claims);
        let signature = self.0.sign(&SystemRandom::new(), message.as_bytes()).expect("a signature");
        let (r, s) = signature.as_ref().split_at(32);
        let other = [r, &without(s)].concat();
        [signature.as_ref(), &other].map(|one| format!("{message}.{}", BASE64URL_NOPAD.encode(one)))
    }
}

/// The order of P-256 (FIPS 186-5) without `s`, both big-endian.
fn without(s: &[u8]) -> Vec<u8> {
    let order = HEXLOWER
        .decode(b"ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551")
        .expect("digits");
    let mut borrow = 0;
    let mut difference: Vec<u8> = order
        .iter()
        .zip(s)
        .rev()
        .map(|(order, s)| {
            let digit = i16::from(*order) - i16::from(*s) - borrow;
            borrow = i16::from(digit < 0);
            u8::try_from(digit.rem_euclid(256)).expect("a byte")
        })
        .collect();
    difference.reverse();
    difference
}

fn new_key() -> Ed25519KeyPair {
    let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).expect("a key");
    Ed25519KeyPair::from_pkcs8(document.as_ref()).expect("a key")
}

/// The tag of `message` by HMAC-SHA-256 with `key`, as a JWT has it.
pub fn hmac_sha256(key: &[u8], message: &str) -> String {
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, key);
    BASE64URL_NOPAD.encode(ring::hmac::sign(&key, message.as_bytes()).as_ref())
}
