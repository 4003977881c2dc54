//! A JWT in compact form, before and when it is verified.

#[cfg(test)]
mod hostile_test;

use data_encoding::BASE64URL_NOPAD;
use serde_json::Value;
use slipway_domain::i_json::{self, JsonObject};
use slipway_domain::{Code, Error, Result};

use crate::claims::Claims;
use crate::key_set::KeySet;
use crate::signature::Algorithm;

/// The longest JWT, in bytes.
const MAX_BYTES: usize = 16 * 1024;
/// The longest `kid`, in bytes.
pub(crate) const MAX_KID: usize = 255;
/// Kinds of tokens that tell who somebody is; others, such as logout tokens, are no credentials.
const TYPES: [&str; 3] = ["jwt", "at+jwt", "application/at+jwt"];

/// Whether `text` has the form of a JWT: three parts between dots.
#[must_use]
pub fn is_jwt(text: &str) -> bool {
    text.bytes().filter(|byte| *byte == b'.').count() == 2
}

/// A JWT whose form is right, and whose signature is not verified yet.
#[derive(Debug)]
pub struct Jwt<'a> {
    /// Header and claims as they were sent, which is what is signed.
    signed: &'a str,
    signature: Vec<u8>,
    algorithm: Algorithm,
    kid: String,
    claims: JsonObject,
}

impl<'a> Jwt<'a> {
    /// Reads the form of `token`. What its header says of keys (`jku`, `jwk`, `x5u`, `x5c`) is not
    /// looked at.
    ///
    /// # Errors
    /// `jwt_too_large`, `jwt_malformed`, `jwt_algorithm_refused`.
    pub fn parse(token: &'a str) -> Result<Self> {
        if token.len() > MAX_BYTES {
            let message = format!("a JWT has at most {MAX_BYTES} bytes");
            return Err(Error::new(Code::JwtTooLarge, message));
        }
        let parts: Vec<&str> = token.split('.').collect();
        let [header, claims, signature] = parts[..] else {
            return Err(malformed("a JWT has three parts between dots"));
        };
        let signed = token.get(..header.len() + 1 + claims.len()).unwrap_or_default();
        let signature = BASE64URL_NOPAD
            .decode(signature.as_bytes())
            .map_err(|_| malformed("its signature is not base64url"))?;
        let (header, claims) = (object(header, "header")?, object(claims, "claims")?);
        let algorithm = algorithm(&header)?;
        if header.contains_key("crit") {
            return Err(malformed("`crit` names what is not known here"));
        }
        let typ = header.get("typ").map(|typ| typ.as_str().unwrap_or_default().to_lowercase());
        if typ.is_some_and(|typ| !TYPES.contains(&&*typ)) {
            return Err(malformed("its `typ` is not JWT"));
        }
        let kid = header.get("kid").and_then(Value::as_str);
        let kid = kid.filter(|kid| (1..=MAX_KID).contains(&kid.len()));
        let kid = kid.ok_or_else(|| malformed("its header needs a `kid` of 1 to 255 bytes"))?;
        Ok(Self { signed, signature, algorithm, kid: kid.to_owned(), claims })
    }

    /// The issuer that it says it is of; nothing vouches for it yet.
    #[must_use]
    pub fn claimed_issuer(&self) -> Option<&str> {
        self.claims.get("iss")?.as_str()
    }

    /// Header and claims as they were sent: unlike the signature, nobody but the issuer can alter them.
    #[must_use]
    pub fn signed(&self) -> &'a str {
        self.signed
    }

    /// Its `kid`.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// Its claims, which the issuer with `keys` has signed. Whom they are for and when they are valid
    /// is not looked at yet.
    ///
    /// # Errors
    /// `jwt_key_unknown`, `jwt_algorithm_refused`, `jwt_signature_invalid`.
    pub fn verify(&self, keys: &KeySet) -> Result<Claims> {
        let key = keys.find(&self.kid).ok_or_else(|| {
            Error::new(Code::JwtKeyUnknown, "the issuer of the JWT has no key of its `kid`")
        })?;
        if key.algorithm() != self.algorithm {
            return Err(refused_algorithm());
        }
        if !key.verifies(self.signed.as_bytes(), &self.signature) {
            let message = "the signature of the JWT is not that of its key";
            return Err(Error::new(Code::JwtSignatureInvalid, message));
        }
        Ok(Claims::new(self.claims.clone()))
    }
}

fn algorithm(header: &JsonObject) -> Result<Algorithm> {
    match header.get("alg").and_then(Value::as_str) {
        Some("RS256") => Ok(Algorithm::Rs256),
        Some("ES256") => Ok(Algorithm::Es256),
        Some("EdDSA") => Ok(Algorithm::EdDsa),
        _ => Err(refused_algorithm()),
    }
}

/// A part: base64url without padding and without bits that mean nothing, of an object in I-JSON, so
/// that no member stands twice.
fn object(part: &str, name: &str) -> Result<JsonObject> {
    let unreadable = || malformed(&format!("its {name} is no JSON object in base64url"));
    let bytes = BASE64URL_NOPAD.decode(part.as_bytes()).map_err(|_| unreadable())?;
    match i_json::from_slice(&bytes) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(unreadable()),
        Err(error) => Err(unreadable().because(error)),
    }
}

fn refused_algorithm() -> Error {
    let message = "a JWT is signed with RS256, ES256 or EdDSA, and as its key is for";
    Error::new(Code::JwtAlgorithmRefused, message)
}

pub(crate) fn malformed(what: &str) -> Error {
    Error::new(Code::JwtMalformed, format!("the credential is no JWT that is taken: {what}"))
}
