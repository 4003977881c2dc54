//! Artifacts: immutable installer files that releases refer to, identified by digest and size.

mod check;

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

pub use self::check::{ArtifactCheck, CheckOutcome, is_verified};
use crate::page::Listed;
use crate::text::TextError;
use crate::{ArtifactId, Error, Result, Sha256, public_url};

/// The largest object that S3 stores: 5 TiB, in bytes.
pub const MAX_SIZE_BYTES: u64 = 5 << 40;

/// An artifact: an immutable file, stored by Slipway or at an external URL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Artifact {
    /// Id of the artifact.
    pub artifact_id: ArtifactId,
    /// Who stores the bytes.
    pub source_type: SourceType,
    /// SHA-256 digest of the bytes.
    pub sha256: Sha256,
    /// Size in bytes.
    pub size_bytes: u64,
    /// Download URL for an `EXTERNAL` artifact; null for a `MANAGED` one.
    pub external_url: Option<ExternalUrl>,
    /// File name that downloads carry; null if the uploader gave none, and for `EXTERNAL`.
    pub filename: Option<Filename>,
    /// Time of registration, or of the upload's verification, RFC 3339, UTC.
    #[schemars(with = "crate::page::Rfc3339")]
    pub created_at: Timestamp,
    /// Actor that registered or uploaded the artifact, as the audit log names it: a token id,
    /// `bootstrap`, `oidc:` and an operator's `sub`, or a trust rule's id, `:` and a workload's `sub`.
    pub created_by: String,
    /// Whether Slipway has read bytes of this digest and size: always those of a `MANAGED` artifact,
    /// those of an `EXTERNAL` one if the last check has found them at its URL.
    pub verified: bool,
    /// The last check of an `EXTERNAL` artifact, by artifact-verify; null if there was none.
    pub check: Option<ArtifactCheck>,
}

impl Listed for Artifact {
    const MEMBER: &'static str = "artifacts";
}

/// Who stores an artifact's bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum SourceType {
    /// A third party, at `external_url`. Digest and size are as registered; `verified` says whether
    /// Slipway has checked them.
    External,
    /// Slipway, under the digest that it verified.
    Managed,
}

/// The only source type that artifact-register accepts; uploads create managed artifacts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ExternalSource {
    /// Stored by a third party.
    #[serde(rename = "EXTERNAL")]
    External,
}

/// Request body of artifact-register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewExternalArtifact {
    /// Always `EXTERNAL`. To have Slipway store the bytes, use upload-initiate.
    pub source_type: ExternalSource,
    /// SHA-256 digest of the bytes.
    pub sha256: Sha256,
    /// Size in bytes: 1 to 5 TiB.
    #[schemars(range(min = 1, max = MAX_SIZE_BYTES))]
    pub size_bytes: u64,
    /// Download URL. Clients are sent there, so it must stay valid.
    pub external_url: ExternalUrl,
}

impl NewExternalArtifact {
    /// The artifact as of `now`. Nothing is fetched from `external_url`.
    ///
    /// # Errors
    /// `invalid_field` for a size of zero or larger than [`MAX_SIZE_BYTES`].
    pub fn register(self, now: Timestamp, id: ArtifactId, actor: &str) -> Result<Artifact> {
        let Self { source_type: ExternalSource::External, sha256, size_bytes, external_url } = self;
        check_size(size_bytes)?;
        Ok(Artifact {
            artifact_id: id,
            source_type: SourceType::External,
            sha256,
            size_bytes,
            external_url: Some(external_url),
            filename: None,
            created_at: now,
            created_by: actor.to_owned(),
            verified: false,
            check: None,
        })
    }
}

/// Checks that `size_bytes` is a valid artifact size.
///
/// # Errors
/// `invalid_field` for zero or more than [`MAX_SIZE_BYTES`].
pub fn check_size(size_bytes: u64) -> Result<()> {
    if (1..=MAX_SIZE_BYTES).contains(&size_bytes) {
        return Ok(());
    }
    Err(Error::invalid(
        "size_bytes",
        format!("{size_bytes} is not a size in bytes between 1 and {MAX_SIZE_BYTES} (5 TiB)"),
    ))
}

/// An absolute `https` URL without userinfo and fragment, at most 2,048 characters, of a host that
/// has a DNS name outside of any local network: it is handed to clients everywhere.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(extend("format" = "uri", "pattern" = r"^[Hh][Tt][Tt][Pp][Ss]://[^/?#@\s]+[^#\s]*$", "maxLength" = 2048))]
pub struct ExternalUrl(Url);

impl ExternalUrl {
    /// The URL as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The URL, parsed.
    #[must_use]
    pub fn as_url(&self) -> &Url {
        &self.0
    }

    /// The URL of a row, which was checked when it was written. Only for rows: all that is asked
    /// is that it is a URL.
    ///
    /// # Errors
    /// What the URL standard refuses.
    pub fn from_stored(text: &str) -> Result<Self, url::ParseError> {
        Url::parse(text).map(Self)
    }
}

impl FromStr for ExternalUrl {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        public_url::parse(text, "https://artifacts.example.com/app-1.0.0.msi")
            .map(Self)
            .map_err(|rule| TextError::new(text, "an artifact URL", &rule))
    }
}

impl TryFrom<String> for ExternalUrl {
    type Error = TextError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<ExternalUrl> for String {
    fn from(url: ExternalUrl) -> Self {
        url.0.into()
    }
}

impl fmt::Debug for ExternalUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str())
    }
}

crate::string_newtype! {
    /// A file name that every system can store, and that reads as it is: 1 to 255 bytes of UTF-8
    /// without slashes, `<>:"|?*`, control and direction characters; no blank at either end, no dot
    /// at the end, and no device of Windows, such as `CON` or `nul.txt`.
    Filename, what = "a file name", rule = "1 to 255 bytes without slashes, `<>:\"|?*`, control and direction characters, without a blank at either end or a dot at the end, and not a device name of Windows such as `CON`",
    pattern = r#"^[^/\\<>:"|?*\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]{1,255}$"#, check = is_filename
}

/// Characters that no file name has on Windows.
const RESERVED: &str = "/\\<>:\"|?*";
/// Names of devices on Windows, whatever stands after a dot. COM and LPT have a digit.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];

fn is_filename(text: &str) -> bool {
    (1..=255).contains(&text.len())
        && text.trim() == text
        && !text.ends_with('.')
        && !text.chars().any(|c| RESERVED.contains(c) || c.is_control() || is_invisible(c))
        && !is_device(text.split('.').next().unwrap_or_default().trim_end())
}

/// Whether a character changes how others are shown, or is not shown: `fdp.exe` can look like
/// `exe.pdf`.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

fn is_device(stem: &str) -> bool {
    let stem = stem.to_ascii_lowercase();
    let is_numbered = || {
        let number = stem.strip_prefix("com").or_else(|| stem.strip_prefix("lpt"));
        number.is_some_and(|n| {
            matches!(
                n,
                "0" | "1"
                    | "2"
                    | "3"
                    | "4"
                    | "5"
                    | "6"
                    | "7"
                    | "8"
                    | "9"
                    | "\u{b9}"
                    | "\u{b2}"
                    | "\u{b3}"
            )
        })
    };
    DEVICES.contains(&stem.as_str()) || is_numbered()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_https_urls_are_taken() {
        for (url, why) in [
            ("http://example.com/a.msi", "https"),
            ("https://user@example.com/a.msi", "user name"),
            ("https://user:secret@example.com/a.msi", "user name"),
            ("https://example.com/a.msi#part", "fragment"),
            ("ftp://example.com/a", "https"),
            ("/a.msi", "absolute"),
            ("https://", "absolute"),
            ("https:///a.msi", "https with a host"),
            ("https://example.com/a b.msi", "no blanks"),
            ("https://example.com/a.msi\n", "no blanks"),
            ("https://127.0.0.1/a", "public DNS name"),
            ("https://0x7f.1/a", "public DNS name"),
            ("https://2130706433/a", "public DNS name"),
            ("https://192.0.2.1:8443/a", "public DNS name"),
            ("https://[::1]/a", "public DNS name"),
            ("https://[2001:db8::1]/a", "public DNS name"),
            ("https://localhost/a", "public DNS name"),
            ("https://LocalHost./a", "public DNS name"),
            ("https://a.localhost/a", "public DNS name"),
            ("https://fileserver/a", "public DNS name"),
            ("https://fileserver./a", "public DNS name"),
            ("https://printer.local/a", "public DNS name"),
            ("https://metadata.google.internal/a", "public DNS name"),
            ("https://nas.home.arpa/a", "public DNS name"),
        ] {
            let error = url.parse::<ExternalUrl>().unwrap_err().to_string();
            assert!(error.contains(why), "{url}: {error}");
        }
        for url in [
            "https://example.com/a.msi?signature=x",
            "https://internal.example.com./a",
            "https://notlocal.example.local.com/a",
            "https://mylocal.dev/a",
        ] {
            assert!(url.parse::<ExternalUrl>().is_ok(), "{url}");
        }
    }

    #[test]
    fn file_names_are_those_that_every_system_stores_and_shows_as_they_are() {
        for name in [
            "app 1.0.msi",
            "größe.msi",
            ".profile",
            "console.exe",
            "com.exe",
            "com10",
            "-x",
            "a%20b",
            "名前",
        ] {
            assert!(name.parse::<Filename>().is_ok(), "{name}");
        }
        let long = ["a".repeat(256), "ü".repeat(128)];
        let wrong = [
            "",
            " ",
            ".",
            "..",
            "a.",
            "a ",
            " a",
            "a/b",
            "a\\b",
            "a:b",
            "a\"b",
            "a*",
            "a?",
            "a<b",
            "a|b",
            "a\nb",
            "a\u{85}",
            "app\u{202e}fdp.exe",
            "a\u{200b}b",
            "\u{feff}a",
            "CON",
            "con.txt",
            "Nul.tar.gz",
            "COM1",
            "lpt9.log",
            "aux .msi",
            "COM\u{b9}",
        ];
        for name in wrong.into_iter().chain(long.iter().map(String::as_str)) {
            assert!(name.parse::<Filename>().is_err(), "{name:?}");
        }
        assert!("a".repeat(255).parse::<Filename>().is_ok());
    }

    #[test]
    fn a_url_that_is_taken_can_be_read_again_as_it_is_stored() {
        let of = |letter: &str, count: usize| {
            format!("https://example.com/{}", letter.repeat(count)).parse::<ExternalUrl>()
        };
        for (letter, stored) in [("a", 1), ("{", 3), ("ü", 6)] {
            let most = (2048 - "https://example.com/".len()) / stored;
            let longest = of(letter, most).unwrap();
            assert_eq!(longest.as_str().parse(), Ok(longest.clone()));
            assert!(of(letter, most + 1).is_err(), "{letter}");
        }
    }
}
