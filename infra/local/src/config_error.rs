//! What is wrong with a configuration file: the line, the setting, and what would be right. Never the
//! value: it may be a secret that stands in the wrong place.

use serde_saphyr::Error;

/// What each setting takes, in the order of the documentation.
const TAKES: &[(&str, &str)] = &[
    ("storage", "a block with `type`"),
    ("snapshots", "a block with `generation` and `retention`"),
    ("type", "`filesystem`, `s3` or `gcs`"),
    ("s3", "a block with `bucket`, `region`, `endpoint` and `path_style`"),
    ("gcs", "a block with `bucket` and `project`"),
    ("bucket", "the name of a bucket"),
    ("region", "the name of a region, such as us-east-1"),
    ("endpoint", "a URL such as https://s3.example.com"),
    ("path_style", "true or false"),
    ("project", "the name of a project"),
    ("generation", "a block with `auto_on_publish`, `scheduled` and others"),
    ("auto_on_publish", "true or false"),
    ("scheduled", "a block with `enabled`, and `interval` or `cron`"),
    ("enabled", "true or false"),
    ("interval", "a number and s, m, h or d, such as \"1h\""),
    ("cron", "five fields, UTC, such as \"0 3 * * *\""),
    ("batch_window", "a number and s, m, h or d, such as \"5m\""),
    ("history_limit", "a number from 0 to 50"),
    ("lifetime", "a number and s, m, h or d, such as \"30d\""),
    ("retention", "a block with `keep_snapshots` and others"),
    ("keep_snapshots", "a number from 1 to 100000"),
    ("cleanup_enabled", "true or false"),
    ("cleanup_interval", "a number and s, m, h or d, such as \"24h\""),
    ("cleanup_older_than", "a number and s, m, h or d, such as \"30d\""),
];
/// What names of settings that mean credentials have in them.
const SECRET_WORDS: [&str; 5] = ["secret", "key", "token", "password", "credential"];
/// The longest name that is told.
const MAX_NAME: usize = 32;

/// What is wrong with `text`.
pub(crate) fn describe(text: &str, error: &Error) -> String {
    let error = error.without_snippet();
    let line = error.location().map_or(0, |location| location.line());
    let what = match error {
        Error::SerdeUnknownField { field, expected, .. } => unknown(field, expected),
        Error::SerdeMissingField { field, .. } => {
            let takes = takes(field).map(|takes| format!(": {takes}")).unwrap_or_default();
            format!("`{field}` is missing in this block{takes}")
        }
        Error::DuplicateMappingKey { key, .. } => {
            let name = key.as_deref().filter(|key| is_name(key)).unwrap_or("a setting");
            format!("`{name}` stands twice in one block; leave one out")
        }
        Error::MultipleDocuments { .. } => {
            "a second document begins after `---`; the file is one document".to_owned()
        }
        _ => match setting_at(text, line) {
            Some((name, takes)) => format!("`{name}` takes {takes}"),
            None => {
                "this is no YAML that can be read; look at the indentation, brackets and quotes"
                    .to_owned()
            }
        },
    };
    if line == 0 { what } else { format!("line {line}: {what}") }
}

fn unknown(field: &str, expected: &[&str]) -> String {
    let list = expected.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let lower = field.to_ascii_lowercase();
    if SECRET_WORDS.iter().any(|word| lower.contains(word)) {
        return format!(
            "credentials are no setting of this file: set RELEASY_ARTIFACT_ACCESS_KEY and RELEASY_ARTIFACT_SECRET_KEY; here it takes {list}"
        );
    }
    let name = if is_name(field) { format!("`{field}`") } else { "this".to_owned() };
    format!("{name} is no setting here; it takes {list}")
}

/// Whether a text looks like the name of a setting, and not like a value that slipped.
fn is_name(text: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
    (1..=MAX_NAME).contains(&text.len()) && text.bytes().all(is_letter)
}

/// The setting whose value is on the line, or on the lines below its name.
fn setting_at(text: &str, line: u64) -> Option<(&'static str, &'static str)> {
    let line = usize::try_from(line).ok()?;
    let above: Vec<&str> = text.lines().take(line).collect();
    let name_of = |line: &&str| line.split_once(':').map(|(name, _)| name.trim().to_owned());
    let name = above.iter().rev().find_map(name_of)?;
    TAKES.iter().copied().find(|(known, _)| *known == name)
}

fn takes(field: &str) -> Option<&'static str> {
    TAKES.iter().find(|(known, _)| *known == field).map(|(_, takes)| *takes)
}
