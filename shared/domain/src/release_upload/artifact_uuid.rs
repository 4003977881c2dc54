//! Ids of artifacts as Releasy's clients know them.

use std::fmt;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::text::TextError;
use crate::{ArtifactId, GenerateId, UploadId};

/// The id of an artifact as a hyphenated UUID: everywhere else it is `art_` and the same digits
/// without hyphens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(extend("format" = "uuid", "pattern" = "^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$", "examples" = ["0199c2f0-a1b2-7c3d-8e4f-5a6b7c8d9e10"]))]
pub struct ArtifactUuid(Uuid);

impl ArtifactUuid {
    /// The id of the artifact.
    #[must_use]
    pub fn artifact_id(self) -> ArtifactId {
        ArtifactId::from_stored(format!("art_{}", self.0.as_simple()))
    }

    /// The id of the upload that becomes the artifact.
    #[must_use]
    pub fn upload_id(self) -> UploadId {
        UploadId::from_stored(format!("upl_{}", self.0.as_simple()))
    }
}

impl GenerateId for ArtifactUuid {
    fn generate(now: Timestamp, entropy: [u8; 10]) -> Self {
        let millis = u64::try_from(now.as_millisecond()).unwrap_or_default();
        Self(uuid::Builder::from_unix_timestamp_millis(millis, &entropy).into_uuid())
    }
}

impl TryFrom<String> for ArtifactUuid {
    type Error = TextError;

    fn try_from(text: String) -> Result<Self, TextError> {
        let uuid = Uuid::try_parse(&text).ok().filter(|_| text.len() == 36);
        uuid.map(Self).ok_or_else(|| {
            let rule = "the UUID that release-artifact-presign answered, such as `0199c2f0-a1b2-7c3d-8e4f-5a6b7c8d9e10`";
            TextError::new(&text, "an artifact id", rule)
        })
    }
}

impl From<ArtifactUuid> for String {
    fn from(uuid: ArtifactUuid) -> Self {
        uuid.to_string()
    }
}

impl fmt::Display for ArtifactUuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_hyphenated().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_artifacts_id_with_hyphens() {
        let uuid = ArtifactUuid::generate(Timestamp::UNIX_EPOCH, [7; 10]);
        let text = uuid.to_string();
        assert_eq!(ArtifactUuid::try_from(text.to_uppercase()), Ok(uuid));
        let digits = text.replace('-', "");
        assert_eq!(uuid.artifact_id().as_str(), format!("art_{digits}"));
        assert_eq!(uuid.artifact_id(), ArtifactId::generate(Timestamp::UNIX_EPOCH, [7; 10]));
        assert_eq!(uuid.upload_id().as_str().parse(), Ok(uuid.upload_id()));
    }

    #[test]
    fn other_forms_of_a_uuid_are_refused() {
        let simple = "0199c2f0a1b27c3d8e4f5a6b7c8d9e10";
        for text in ["", "uuid", simple, "{0199c2f0-a1b2-7c3d-8e4f-5a6b7c8d9e10}"] {
            assert!(ArtifactUuid::try_from(text.to_owned()).is_err(), "{text}");
        }
    }
}
