//! The two things that are posted to the artifacts of a release.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;

use super::{ArtifactRegistration, ArtifactUuid};
use crate::release::{ArtifactAddition, NewReleaseArtifact};
use crate::{Error, Result};

/// Request body of release-artifact-add: `artifacts`, or the members of one file that was uploaded.
/// It is read as one object, so that what is wrong in it is named by its field.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArtifactsToAdd {
    artifacts: Option<Vec<NewReleaseArtifact>>,
    artifact_id: Option<ArtifactUuid>,
    object_key: Option<String>,
    checksum: Option<String>,
    size: Option<i64>,
    platform: Option<String>,
}

/// What is to be added to a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Addition {
    /// Artifacts that exist, by their ids.
    Existing(ArtifactAddition),
    /// A file that was uploaded for the release.
    Uploaded(ArtifactRegistration),
}

impl ArtifactsToAdd {
    /// Which of the two it is.
    ///
    /// # Errors
    /// `invalid_field` for both, for neither, and for a member that is missing.
    pub fn addition(self) -> Result<Addition> {
        match (self.artifacts.is_some(), self.has_any_of_a_file()) {
            (true, false) => {
                let artifacts = self.artifacts.unwrap_or_default();
                Ok(Addition::Existing(ArtifactAddition { artifacts }))
            }
            (false, true) => self.registration().map(Addition::Uploaded),
            (true, true) => Err(Error::invalid(
                "artifacts",
                "the body mixes two forms: give either `artifacts`, or the members of one uploaded file; not both",
            )),
            (false, false) => Err(Error::invalid(
                "artifacts",
                "this field is needed; or, for a file that was uploaded with release-artifact-presign, artifact_id, object_key, checksum, size and platform",
            )),
        }
    }

    fn has_any_of_a_file(&self) -> bool {
        self.artifact_id.is_some()
            || self.object_key.is_some()
            || self.checksum.is_some()
            || self.size.is_some()
            || self.platform.is_some()
    }

    fn registration(self) -> Result<ArtifactRegistration> {
        Ok(ArtifactRegistration {
            artifact_id: needed("artifact_id", self.artifact_id)?,
            object_key: needed("object_key", self.object_key)?,
            checksum: needed("checksum", self.checksum)?,
            size: needed("size", self.size)?,
            platform: needed("platform", self.platform)?,
        })
    }
}

fn needed<T>(field: &str, value: Option<T>) -> Result<T> {
    value.ok_or_else(|| Error::invalid(field, "this field is needed"))
}

/// What the documentation says of it: one of two objects.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only its schema is used")]
enum Documented {
    Existing(ArtifactAddition),
    Uploaded(ArtifactRegistration),
}

impl JsonSchema for ArtifactsToAdd {
    fn schema_name() -> Cow<'static, str> {
        "ArtifactsToAdd".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Documented::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(body: &str) -> Option<String> {
        let body: ArtifactsToAdd = serde_json::from_str(body).unwrap();
        body.addition().err().and_then(|error| error.field().map(str::to_owned))
    }

    #[test]
    fn a_body_is_one_of_two_things_and_what_is_wrong_is_named() {
        assert_eq!(field("{}").as_deref(), Some("artifacts"));
        assert_eq!(field(r#"{"artifacts": null}"#).as_deref(), Some("artifacts"));
        assert_eq!(field(r#"{"artifacts": [], "size": 1}"#).as_deref(), Some("artifacts"));
        assert_eq!(field(r#"{"artifacts": []}"#), None);
        assert_eq!(field(r#"{"size": 1}"#).as_deref(), Some("artifact_id"));
        let id = r#""artifact_id": "0199c2f0-a1b2-7c3d-8e4f-5a6b7c8d9e10""#;
        assert_eq!(field(&format!("{{{id}}}")).as_deref(), Some("object_key"));
    }
}
