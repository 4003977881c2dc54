//! Download URLs for verified bytes.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use slipway_domain::Result;
use slipway_domain::artifact::{Artifact, Filename};

use crate::bucket::Bucket;
use crate::keys::served;
use crate::read_url::{ReadMethod, ResponseHeaders, presign_read};

/// Characters that RFC 8187 allows unencoded in an extended parameter value.
const ATTR_CHAR: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Presigns downloads of verified bytes. Requires `s3:GetObject` on `artifacts/`.
#[derive(Debug, Clone)]
pub struct ArtifactReader {
    bucket: Bucket,
}

impl ArtifactReader {
    /// A reader of `bucket`.
    #[must_use]
    pub fn new(bucket: Bucket) -> Self {
        Self { bucket }
    }

    /// A presigned URL of the artifact for `method`, valid for 15 minutes, with its file name as
    /// `Content-Disposition`. No call is made.
    pub async fn url(&self, artifact: &Artifact, method: ReadMethod) -> Result<String> {
        let disposition =
            artifact.filename.as_ref().map_or_else(|| "attachment".to_owned(), disposition);
        let headers = ResponseHeaders {
            content_type: "application/octet-stream",
            content_disposition: Some(disposition),
        };
        presign_read(&self.bucket, served(&artifact.sha256), method, headers).await
    }
}

/// `Content-Disposition` (RFC 6266) with the name for everyone, in ASCII, and where that is another
/// one, the name as it is (RFC 8187). `curl -OJ` knows the first only.
fn disposition(filename: &Filename) -> String {
    let name = filename.as_str();
    let is_plain = |c: char| matches!(c, ' '..='~') && !matches!(c, '"' | '\\' | '%' | '/');
    let ascii: String = name.chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
    // A name from before the rule was what it is may not read as what it is.
    if ascii == name || name.parse::<Filename>().is_err() {
        return format!("attachment; filename=\"{ascii}\"");
    }
    let exact = utf8_percent_encode(name, ATTR_CHAR);
    format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{exact}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_given_to_clients_of_every_age() {
        for (name, expected) in [
            ("app 1.0.msi", r#"attachment; filename="app 1.0.msi""#),
            (
                "größe.msi",
                r#"attachment; filename="gr__e.msi"; filename*=UTF-8''gr%C3%B6%C3%9Fe.msi"#,
            ),
            ("100%25.msi", r#"attachment; filename="100_25.msi"; filename*=UTF-8''100%2525.msi"#),
            // Stored by 0.1.0.
            ("a\u{202e}fdp\".exe", r#"attachment; filename="a_fdp_.exe""#),
        ] {
            assert_eq!(disposition(&Filename::from_stored(name.to_owned())), expected);
        }
    }
}
