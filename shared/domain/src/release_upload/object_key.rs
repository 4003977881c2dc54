//! Object keys as Releasy makes them.

use super::{ArtifactUuid, NewReleaseUpload};
use crate::product::Product;
use crate::release::Release;
use crate::{Error, Result, string_newtype};

string_newtype! {
    /// `releases/{product}/{version}/{platform}/{artifact_id}/{filename}`, in lower case, with `_` for
    /// each character that is no letter or digit of ASCII, `.`, `-` or `_`. `{product}` is the
    /// product's name.
    ObjectKey, what = "an object key", rule = "the one that release-artifact-presign answered",
    pattern = "^releases(/[a-z0-9._-]+){5}$", check = is_object_key
}

impl ObjectKey {
    /// The key of the artifact `uuid` of a release.
    ///
    /// # Errors
    /// `invalid_field` where a part would be `.` or `..`, with what it is made of.
    pub(super) fn new(
        product: &Product,
        release: &Release,
        new: &NewReleaseUpload,
        uuid: ArtifactUuid,
    ) -> Result<Self> {
        let parts = [
            segment("product", product.name.as_str())?,
            segment("version", &release.version.to_string())?,
            segment("platform", new.platform.as_str())?,
            uuid.to_string(),
            segment("filename", new.filename.as_str())?,
        ];
        Ok(Self(format!("releases/{}", parts.join("/"))))
    }

    /// The name of the file in it.
    pub(super) fn filename(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }
}

/// A part of a key, made of what `field` has.
fn segment(field: &str, text: &str) -> Result<String> {
    let kept = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let segment: String =
        text.chars().map(|c| if kept(c) { c.to_ascii_lowercase() } else { '_' }).collect();
    if matches!(segment.as_str(), "." | "..") {
        let message = format!("`{segment}` is no part of an object key; give another {field}");
        return Err(Error::invalid(field, message));
    }
    Ok(segment)
}

fn is_object_key(text: &str) -> bool {
    let is_segment = |segment: &str| {
        !segment.is_empty()
            && segment
                .bytes()
                .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'_'))
    };
    let rest = text.strip_prefix("releases/");
    rest.is_some_and(|rest| rest.split('/').count() == 5 && rest.split('/').all(is_segment))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn segments_are_normalised_as_releasy_does() {
        for (text, expected) in [
            ("linux.tar.gz", "linux.tar.gz"),
            ("My App", "my_app"),
            ("1.0.0-RC.1+build", "1.0.0-rc.1_build"),
            ("a/../b", "a_.._b"),
            ("../../etc/passwd", ".._.._etc_passwd"),
            ("日本.zip", "__.zip"),
            ("Ä\u{7}\r\n\0", "_____"),
            ("...", "..."),
        ] {
            assert_eq!(segment("filename", text).unwrap(), expected, "{text:?}");
        }
        for text in [".", ".."] {
            assert_eq!(segment("filename", text).unwrap_err().field(), Some("filename"));
        }
    }

    proptest! {
        #[test]
        fn no_text_leaves_its_segment(text in "\\PC{1,40}|[./\\\\%\u{0}-\u{1f}]{1,8}") {
            if let Ok(made) = segment("filename", &text) {
                prop_assert!(is_object_key(&format!("releases/a/b/c/d/{made}")), "{made}");
                prop_assert_eq!(made.chars().count(), text.chars().count());
            }
        }
    }
}
