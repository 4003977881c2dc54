//! Envelope encryption of seeds: a private key's 32 bytes, encrypted under a KMS key. Only KMS can
//! decrypt one; a function has it do so once, at start-up.

use aws_sdk_kms::primitives::Blob;
use data_encoding::BASE64;
use slipway_aws::Meter;
use slipway_domain::key::{KeyCustody, SigningKey};
use slipway_domain::{Error, Result, Timestamp};
use zeroize::Zeroizing;

use crate::kms::failed;
use slipway_signing::Context;
use slipway_signing::jwk::thumbprint;
use slipway_signing::new_key;
use slipway_signing::seed::{Seed, public_half, seed};

/// Names of the KMS encryption context: key id and purpose. A ciphertext decrypts only for the key
/// that it was made for, and a function's role can be limited to one purpose.
const KID: &str = "slipway:kid";
const PURPOSE: &str = "slipway:purpose";

/// Generates a key from 32 random bytes, and encrypts it under the KMS key `kms_key_id`.
pub async fn create(
    client: &aws_sdk_kms::Client,
    kms_key_id: &str,
    entropy: [u8; 32],
    context: Context,
    not_before: Timestamp,
) -> Result<SigningKey> {
    let seed = Zeroizing::new(entropy);
    let public = public_half(&seed);
    let request = client.encrypt().key_id(kms_key_id).encryption_context(KID, thumbprint(&public));
    let request = request
        .encryption_context(PURPOSE, context.purpose().as_str())
        .plaintext(Blob::new(seed.to_vec()));
    let answer = request.send().await.map_err(failed)?;
    let ciphertext =
        answer.ciphertext_blob.ok_or_else(|| Error::internal("KMS answered no ciphertext"))?;
    let ciphertext = BASE64.encode(ciphertext.as_ref());
    Ok(new_key(
        &public,
        context,
        not_before,
        KeyCustody::Envelope { kms_key_id: kms_key_id.to_owned(), ciphertext },
    ))
}

/// Decrypts the envelope of `key`.
pub(crate) async fn open(
    client: &aws_sdk_kms::Client,
    ciphertext: &str,
    key: &SigningKey,
    meter: &Meter,
) -> Result<Seed> {
    let ciphertext = BASE64.decode(ciphertext.as_bytes()).map_err(Error::internal)?;
    meter.kms_request();
    let request = client
        .decrypt()
        .encryption_context(KID, &key.kid)
        .encryption_context(PURPOSE, key.purpose.as_str());
    let answer = request.ciphertext_blob(Blob::new(ciphertext)).send().await.map_err(failed)?;
    let plaintext = Zeroizing::new(answer.plaintext.map(Blob::into_inner).unwrap_or_default());
    seed(&plaintext)
}
