//! The row of a signing key.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use slipway_domain::key::{KeyCustody, SigningKey};
use slipway_domain::{Error, Result, Timestamp};

use super::StoredEntity;
use super::text::StoredText;

impl StoredEntity for SigningKey {
    type Row<'a> = SigningKeyRow<'a>;

    fn to_row(&self) -> SigningKeyRow<'_> {
        self.into()
    }

    fn from_row(row: SigningKeyRow<'_>) -> Result<Self> {
        row.try_into()
    }
}

/// A signing key.
#[derive(Serialize, Deserialize)]
pub(crate) struct SigningKeyRow<'a> {
    kid: Cow<'a, str>,
    purpose: Cow<'a, str>,
    public_key: Cow<'a, str>,
    not_before: Timestamp,
    not_after: Option<Timestamp>,
    custody: CustodyRow<'a>,
}

impl<'a> From<&'a SigningKey> for SigningKeyRow<'a> {
    fn from(value: &'a SigningKey) -> Self {
        Self {
            kid: value.kid.as_str().into(),
            purpose: value.purpose.to_text(),
            public_key: value.public_key.as_str().into(),
            not_before: value.not_before,
            not_after: value.not_after,
            custody: (&value.custody).into(),
        }
    }
}

impl TryFrom<SigningKeyRow<'_>> for SigningKey {
    type Error = Error;

    fn try_from(row: SigningKeyRow<'_>) -> Result<Self> {
        Ok(Self {
            kid: row.kid.into_owned(),
            purpose: StoredText::from_text(row.purpose)?,
            public_key: row.public_key.into_owned(),
            not_before: row.not_before,
            not_after: row.not_after,
            custody: row.custody.into(),
        })
    }
}

/// Where the private half of a key is.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "backend")]
pub(crate) enum CustodyRow<'a> {
    Kms { kms_key_id: Cow<'a, str> },
    Envelope { kms_key_id: Cow<'a, str>, ciphertext: Cow<'a, str> },
    File { name: Cow<'a, str> },
}

impl<'a> From<&'a KeyCustody> for CustodyRow<'a> {
    fn from(value: &'a KeyCustody) -> Self {
        match value {
            KeyCustody::Kms { kms_key_id } => Self::Kms { kms_key_id: kms_key_id.into() },
            KeyCustody::Envelope { kms_key_id, ciphertext } => {
                Self::Envelope { kms_key_id: kms_key_id.into(), ciphertext: ciphertext.into() }
            }
            KeyCustody::File { name } => Self::File { name: name.into() },
        }
    }
}

impl From<CustodyRow<'_>> for KeyCustody {
    fn from(row: CustodyRow<'_>) -> Self {
        match row {
            CustodyRow::Kms { kms_key_id } => Self::Kms { kms_key_id: kms_key_id.into_owned() },
            CustodyRow::Envelope { kms_key_id, ciphertext } => Self::Envelope {
                kms_key_id: kms_key_id.into_owned(),
                ciphertext: ciphertext.into_owned(),
            },
            CustodyRow::File { name } => Self::File { name: name.into_owned() },
        }
    }
}
