//! Tokens that somebody made to be let in, and the few that are to be let in.

use ring::hmac;
use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256,
    RsaKeyPair,
};
use serde_json::json;

use super::*;

/// A key for this test alone: ring makes no RSA keys.
const RSA: &[u8] = include_bytes!("test-rsa-2048.pk8");

/// An issuer with a key of each kind.
struct Issuer {
    rsa: RsaKeyPair,
    ec: EcdsaKeyPair,
    ed: Ed25519KeyPair,
}

fn encoded(bytes: impl AsRef<[u8]>) -> String {
    BASE64URL_NOPAD.encode(bytes.as_ref())
}

impl Issuer {
    fn new() -> Self {
        let random = SystemRandom::new();
        let rsa = RsaKeyPair::from_pkcs8(RSA).unwrap();
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let ec = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        let ed = Ed25519KeyPair::generate_pkcs8(&random).unwrap();
        let ec = EcdsaKeyPair::from_pkcs8(algorithm, ec.as_ref(), &random).unwrap();
        Self { rsa, ec, ed: Ed25519KeyPair::from_pkcs8(ed.as_ref()).unwrap() }
    }

    fn jwks(&self) -> Value {
        let rsa = PublicKeyComponents::<Vec<u8>>::from(self.rsa.public_key());
        let (x, y) = self.ec.public_key().as_ref()[1..].split_at(32);
        json!({ "keys": [
            { "kty": "RSA", "kid": "rsa", "alg": "RS256", "use": "sig", "n": encoded(rsa.n), "e": encoded(rsa.e) },
            { "kty": "EC", "kid": "ec", "crv": "P-256", "x": encoded(x), "y": encoded(y) },
            { "kty": "OKP", "kid": "ed", "crv": "Ed25519", "x": encoded(self.ed.public_key()) },
            { "kty": "oct", "kid": "oct", "k": encoded("secret") },
            { "kty": "OKP", "kid": "enc", "use": "enc", "crv": "Ed25519", "x": encoded(self.ed.public_key()) },
        ] })
    }

    fn keys(&self) -> KeySet {
        KeySet::parse(self.jwks().to_string().as_bytes()).unwrap()
    }

    fn sign(&self, alg: &str, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match alg {
            "RS256" => {
                let mut signature = vec![0; self.rsa.public().modulus_len()];
                self.rsa.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).unwrap();
                signature
            }
            "ES256" => self.ec.sign(&random, message).unwrap().as_ref().to_vec(),
            _ => self.ed.sign(message).as_ref().to_vec(),
        }
    }

    fn token(&self, header: &Value, claims: &str) -> String {
        let message = format!("{}.{}", encoded(header.to_string()), encoded(claims));
        let signature = self.sign(header["alg"].as_str().unwrap_or_default(), message.as_bytes());
        format!("{message}.{}", encoded(signature))
    }

    fn refusal(&self, token: &str) -> Code {
        let verified = Jwt::parse(token).and_then(|jwt| jwt.verify(&self.keys()));
        verified.expect_err(token).code()
    }
}

const CLAIMS: &str = r#"{"iss":"https://a.example","sub":"me"}"#;

#[test]
fn a_token_of_each_algorithm_is_verified_by_its_own_key() {
    let issuer = Issuer::new();
    for (alg, kid) in [("RS256", "rsa"), ("ES256", "ec"), ("EdDSA", "ed")] {
        let token = issuer.token(&json!({ "alg": alg, "kid": kid, "typ": "JWT" }), CLAIMS);
        let jwt = Jwt::parse(&token).unwrap();
        assert_eq!(jwt.claimed_issuer(), Some("https://a.example"));
        assert_eq!(jwt.verify(&issuer.keys()).unwrap().text("sub"), Some("me"), "{alg}");
        let another = Issuer::new();
        if kid != "rsa" {
            assert_eq!(another.refusal(&token), Code::JwtSignatureInvalid, "{alg}");
        }
    }
}

#[test]
fn no_other_algorithm_and_no_key_of_another_algorithm_is_taken() {
    let issuer = Issuer::new();
    for alg in ["none", "None", "HS256", "HS512", "RS384", "PS256", "ES384", "rs256", ""] {
        let token = issuer.token(&json!({ "alg": alg, "kid": "rsa" }), CLAIMS);
        assert_eq!(issuer.refusal(&token), Code::JwtAlgorithmRefused, "{alg}");
    }
    for (alg, kid) in [("RS256", "ec"), ("ES256", "ed"), ("EdDSA", "rsa")] {
        let token = issuer.token(&json!({ "alg": alg, "kid": kid }), CLAIMS);
        assert_eq!(issuer.refusal(&token), Code::JwtAlgorithmRefused, "{alg} {kid}");
    }
    // The public key as the secret of HMAC, and the name of another algorithm with it.
    let secret = hmac::Key::new(hmac::HMAC_SHA256, issuer.rsa.public_key().as_ref());
    for (alg, code) in [("HS256", Code::JwtAlgorithmRefused), ("RS256", Code::JwtSignatureInvalid)]
    {
        let header = json!({ "alg": alg, "kid": "rsa" }).to_string();
        let message = format!("{}.{}", encoded(header), encoded(CLAIMS));
        let tag = hmac::sign(&secret, message.as_bytes());
        assert_eq!(issuer.refusal(&format!("{message}.{}", encoded(tag))), code);
    }
}

#[test]
fn a_kid_is_compared_and_nothing_else() {
    let issuer = Issuer::new();
    for kid in ["../../x", "' OR 1", "RSA", "rsa ", "*", "oct", "enc", "\u{0}"] {
        let token = issuer.token(&json!({ "alg": "RS256", "kid": kid }), CLAIMS);
        assert_eq!(issuer.refusal(&token), Code::JwtKeyUnknown, "{kid}");
    }
    for kid in [json!(null), json!(""), json!(1), json!(["rsa"]), json!("x".repeat(256))] {
        let token = issuer.token(&json!({ "alg": "RS256", "kid": kid }), CLAIMS);
        assert_eq!(issuer.refusal(&token), Code::JwtMalformed, "{kid}");
    }
    // A key of the token's own, and where to fetch one, are not looked at.
    let header = json!({ "alg": "EdDSA", "kid": "ed", "jku": "https://evil.example", "x5u": "https://evil.example",
        "jwk": Issuer::new().jwks()["keys"][2] });
    assert_eq!(issuer.refusal(&Issuer::new().token(&header, CLAIMS)), Code::JwtSignatureInvalid);
}

#[test]
fn signatures_that_are_none_are_refused() {
    let issuer = Issuer::new();
    for (alg, kid) in [("RS256", "rsa"), ("ES256", "ec"), ("EdDSA", "ed")] {
        let header = json!({ "alg": alg, "kid": kid }).to_string();
        let message = format!("{}.{}", encoded(header), encoded(CLAIMS));
        for signature in [vec![], vec![0; 64], vec![0; 256], vec![0xff; 64]] {
            let token = format!("{message}.{}", encoded(signature));
            assert_eq!(issuer.refusal(&token), Code::JwtSignatureInvalid, "{alg}");
        }
        let right = issuer.token(&json!({ "alg": alg, "kid": kid }), CLAIMS);
        let (_, signature) = right.rsplit_once('.').unwrap();
        let other = encoded(CLAIMS.replace("me", "root"));
        let token = format!("{}.{other}.{signature}", right.split('.').next().unwrap());
        assert_eq!(issuer.refusal(&token), Code::JwtSignatureInvalid, "{alg}");
    }
}

#[test]
fn what_is_no_jwt_is_refused() {
    let issuer = Issuer::new();
    let ed = json!({ "alg": "EdDSA", "kid": "ed" });
    let right = issuer.token(&ed, CLAIMS);
    for token in [
        "",
        "a.b.c",
        "..",
        &right.replace('.', "=."),
        &format!("{right}="),
        &format!("{right}.x"),
        &format!(" {right}"),
        &issuer.token(&ed, "[]"),
        &issuer.token(&ed, "{"),
        &issuer.token(&ed, r#"{"sub":"me","sub":"root"}"#),
        &issuer.token(&json!({ "alg": "EdDSA", "kid": "ed", "crit": ["b64"] }), CLAIMS),
        &issuer.token(&json!({ "alg": "EdDSA", "kid": "ed", "typ": "logout+jwt" }), CLAIMS),
        &right.replacen('.', "!.", 1),
    ] {
        assert_eq!(issuer.refusal(token), Code::JwtMalformed, "{token}");
    }
    let twice =
        format!("{}.{}.x", encoded(r#"{"alg":"none","alg":"EdDSA","kid":"ed"}"#), encoded(CLAIMS));
    assert_eq!(issuer.refusal(&twice), Code::JwtMalformed);
    let long = issuer.token(&ed, &json!({ "sub": "x".repeat(MAX_BYTES) }).to_string());
    assert_eq!(issuer.refusal(&long), Code::JwtTooLarge);
}

#[test]
fn times_issuer_and_audience_each_have_their_own_refusal() {
    let now = jiff::Timestamp::from_second(1_800_000_000).unwrap();
    let (issuer, at) = (Issuer::new(), |seconds: i64| 1_800_000_000 + seconds);
    let right = json!({ "iss": "https://a.example", "aud": ["x", "slipway"], "exp": at(10), "nbf": at(0), "iat": at(0) });
    let judged = |name: &str, value: Value| {
        let mut claims = right.clone();
        claims[name] = value;
        let token = issuer.token(&json!({ "alg": "EdDSA", "kid": "ed" }), &claims.to_string());
        let claims = Jwt::parse(&token).unwrap().verify(&issuer.keys()).unwrap();
        claims.require("https://a.example", "slipway", now).map_err(|error| error.code())
    };
    for (name, value, expected) in [
        ("aud", json!("slipway"), None),
        ("exp", json!(at(-59)), None),
        ("nbf", json!(at(60)), None),
        ("iss", json!("https://a.example/"), Some(Code::JwtIssuerRefused)),
        ("iss", json!(null), Some(Code::JwtIssuerRefused)),
        ("aud", json!("slipway2"), Some(Code::JwtAudienceRefused)),
        ("aud", json!([]), Some(Code::JwtAudienceRefused)),
        ("aud", json!({ "slipway": 1 }), Some(Code::JwtAudienceRefused)),
        ("exp", json!(at(-60)), Some(Code::JwtExpired)),
        ("exp", json!("1800000100"), Some(Code::JwtMalformed)),
        ("exp", json!(null), Some(Code::JwtMalformed)),
        ("nbf", json!(at(61)), Some(Code::JwtNotYetValid)),
        ("iat", json!(at(61)), Some(Code::JwtNotYetValid)),
    ] {
        assert_eq!(judged(name, value.clone()).err(), expected, "{name} {value}");
    }
}

#[test]
fn a_set_without_a_key_that_can_be_used_is_none() {
    let short =
        json!({ "keys": [{ "kty": "RSA", "kid": "a", "n": encoded([0xff; 128]), "e": "AQAB" }] });
    let many = json!({ "keys": vec![Issuer::new().jwks()["keys"][2].clone(); 101] });
    for document in [json!({}), json!([]), json!({ "keys": [] }), short, many] {
        assert!(KeySet::parse(document.to_string().as_bytes()).is_err(), "{document}");
    }
    assert!(
        KeySet::parse(b"<html>").is_err() && KeySet::parse(br#"{"keys":[],"keys":[]}"#).is_err()
    );
}
