//! Keys in KMS, which never leave it: each signature is a call.
//!
//! KMS signs messages of up to 4096 bytes unhashed (`RAW`); a statement has about 52 bytes whatever
//! it covers.

use aws_sdk_kms::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::{KeySpec, KeyUsageType, MessageType, SigningAlgorithmSpec, Tag};
use ed25519_dalek::pkcs8::DecodePublicKey;
use ed25519_dalek::{Signature, VerifyingKey};
use slipway_aws::{Meter, is_unavailable};
use slipway_domain::key::{KeyCustody, SigningKey};
use slipway_domain::{Code, Error, Result, Timestamp};

use slipway_signing::Context;
use slipway_signing::jwk::{decode, thumbprint};
use slipway_signing::new_key;

/// Tag of a KMS key, by which the roles of a stack's functions are allowed to sign with it.
const PURPOSE: &str = "slipway:purpose";
const STACK: &str = "slipway:stack";

/// A key in KMS, ready to sign.
#[derive(Debug)]
pub(crate) struct KmsKey {
    client: aws_sdk_kms::Client,
    kid: String,
    key_id: String,
    public: VerifyingKey,
}

/// Creates a KMS key for `context`, which the functions of the stack `stack` may sign with.
pub async fn create(
    client: &aws_sdk_kms::Client,
    stack: &str,
    context: Context,
    not_before: Timestamp,
) -> Result<SigningKey> {
    let purpose = context.purpose().as_str();
    let request = client
        .create_key()
        .key_spec(KeySpec::EccNistEdwards25519)
        .key_usage(KeyUsageType::SignVerify);
    let request = request
        .description(format!("Slipway {stack}: signs {purpose}s"))
        .tags(tag(PURPOSE, purpose)?)
        .tags(tag(STACK, stack)?);
    let made = request
        .send()
        .await
        .map_err(failed)?
        .key_metadata
        .ok_or_else(|| Error::internal("KMS answered no key"))?;
    let kms_key_id = made.arn.unwrap_or(made.key_id);
    let public = public_key(client, &kms_key_id).await?;
    Ok(new_key(&public, context, not_before, KeyCustody::Kms { kms_key_id }))
}

/// The public key, which KMS returns as a `SubjectPublicKeyInfo` (RFC 8410).
async fn public_key(client: &aws_sdk_kms::Client, key_id: &str) -> Result<VerifyingKey> {
    let answer = client.get_public_key().key_id(key_id).send().await.map_err(failed)?;
    let der = answer.public_key.ok_or_else(|| Error::internal("KMS answered no public key"))?;
    VerifyingKey::from_public_key_der(der.as_ref())
        .map_err(|error| Error::internal(format!("{key_id} is not an Ed25519 key: {error}")))
}

impl KmsKey {
    /// The signing key `key` with the KMS id `kms_key_id`. No call is made.
    pub(crate) fn new(
        client: &aws_sdk_kms::Client,
        kms_key_id: &str,
        key: &SigningKey,
    ) -> Result<Self> {
        let public = decode(&key.public_key)
            .ok_or_else(|| Error::internal(format!("{} has no public key", key.kid)))?;
        Ok(Self {
            client: client.clone(),
            kid: thumbprint(&public),
            key_id: kms_key_id.to_owned(),
            public,
        })
    }

    /// Key id: the RFC 7638 thumbprint of the public key.
    pub(crate) fn kid(&self) -> &str {
        &self.kid
    }

    /// Signs with KMS, and verifies the signature, so that a wrong key fails here and not at the
    /// mirrors.
    pub(crate) async fn sign(&self, statement: Vec<u8>, meter: &Meter) -> Result<Signature> {
        meter.kms_request();
        let request = self
            .client
            .sign()
            .key_id(&self.key_id)
            .message(Blob::new(statement.clone()))
            .message_type(MessageType::Raw);
        let answer = request
            .signing_algorithm(SigningAlgorithmSpec::Ed25519Sha512)
            .send()
            .await
            .map_err(failed)?;
        let signature =
            answer.signature.ok_or_else(|| Error::internal("KMS answered no signature"))?;
        let signature = Signature::from_slice(signature.as_ref()).map_err(Error::internal)?;
        let genuine = self.public.verify_strict(&statement, &signature);
        genuine.map(|()| signature).map_err(|_| {
            Error::internal(format!("{} signs with another key than the ring says", self.key_id))
        })
    }
}

fn tag(key: &str, value: &str) -> Result<Tag> {
    Tag::builder().tag_key(key).tag_value(value).build().map_err(Error::internal)
}

/// The error for a failed KMS call: `unavailable` if KMS is unreachable or overloaded, else `internal`.
pub(crate) fn failed<E>(error: SdkError<E>) -> Error
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let is_unavailable = is_unavailable(&error);
    let source = format!("KMS: {}", DisplayErrorContext(error));
    if is_unavailable {
        return Error::new(Code::Unavailable, "the signing keys do not answer; try again")
            .because(source);
    }
    Error::internal(source)
}
