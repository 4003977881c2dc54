//! An OIDC issuer with keys of its own, served over HTTPS.

use std::sync::Arc;

use data_encoding::BASE64URL_NOPAD;
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};
use slipway_edge::OperatorSettings;

use crate::ExternalHost;

/// What the issuer's tokens are for.
pub const AUDIENCE: &str = "slipway";
/// Where its keys are.
const KEYS: &str = "/keys";

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
        issuer
            .host
            .serve("/.well-known/openid-configuration", Some(metadata.to_string().into_bytes()));
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

    /// The set of its key under the name `kid`.
    pub fn jwks(&self, kid: &str) -> Value {
        let x = BASE64URL_NOPAD.encode(self.key.public_key().as_ref());
        json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "kid": kid, "x": x }] })
    }

    /// Serves this document as its keys, or none.
    pub fn serve_keys(&self, document: Option<Vec<u8>>) {
        self.host.serve(KEYS, document);
    }

    /// How often its keys were fetched.
    pub fn fetches(&self) -> usize {
        self.host.fetches(KEYS)
    }

    /// A token of these claims under the name of a key.
    pub fn token(&self, kid: &str, claims: &Value) -> String {
        let encode = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
        let header = json!({ "alg": "EdDSA", "typ": "JWT", "kid": kid });
        let message = format!("{}.{}", encode(&header), encode(claims));
        let signature = self.key.sign(message.as_bytes());
        format!("{message}.{}", BASE64URL_NOPAD.encode(signature.as_ref()))
    }
}

fn new_key() -> Ed25519KeyPair {
    let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).expect("a key");
    Ed25519KeyPair::from_pkcs8(document.as_ref()).expect("a key")
}
