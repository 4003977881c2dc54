//! Where the sources of a release bundle are.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use slipway_domain::text::string_newtype;

use crate::id::IntegrationId;

string_newtype! {
    /// A repository or a branch, as the version control system has it: 1 to 255 characters, without
    /// control characters and without blanks at the ends.
    SourceName, what = "the name of a repository or branch",
    rule = "1 to 255 characters without control characters and without blanks at the ends, as in `myorg/myapp`",
    pattern = r"^[^\s\u0000-\u001f\u007f](.{0,253}[^\s\u0000-\u001f\u007f])?$", check = is_source_name
}

string_newtype! {
    /// The SHA of a commit, in full or abbreviated: 4 to 64 hexadecimal digits in lower case.
    CommitSha, what = "the SHA of a commit", rule = "4 to 64 hexadecimal digits in lower case",
    pattern = "^[0-9a-f]{4,64}$",
    check = |text| (4..=64).contains(&text.len())
        && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_source_name(text: &str) -> bool {
    (1..=255).contains(&text.chars().count())
        && text.trim() == text
        && !text.chars().any(char::is_control)
}

/// Where the sources of a release are. It is kept as it is told, and looked up nowhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct SourceRef {
    /// Id of the integration with the version control system; null, where it is not said.
    pub scm_integration_id: Option<IntegrationId>,
    /// The repository; null, where it is not said.
    pub repository: Option<SourceName>,
    /// The branch; null, where it is not said.
    pub branch: Option<SourceName>,
    /// The commit; null, where it is not said.
    pub commit_sha: Option<CommitSha>,
}
