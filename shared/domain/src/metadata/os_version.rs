//! Versions of operating systems: the oldest that a release runs on, and that of a client.

use serde_json::Value;

use crate::platform::Platform;

/// The version of an operating system: up to four numbers, of which those that are left out are 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct OsVersion([u32; 4]);

impl OsVersion {
    /// `text` is one to four numbers between dots, and nothing else.
    fn parse(text: &str) -> Option<Self> {
        let mut numbers = [0; 4];
        let mut places = numbers.iter_mut();
        for part in text.split('.') {
            let is_number = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            *places.next()? = if is_number { part.parse().ok()? } else { return None };
        }
        Some(Self(numbers))
    }

    /// The numbers that `text` begins with: kernels and builds have more behind them, as in
    /// `6.8.0-45-generic` or `14.1 (23B74)`.
    fn leading(text: &str) -> Option<Self> {
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        let numbers = text.get(..end)?.trim_end_matches('.');
        let fourth = numbers.match_indices('.').nth(3).map_or(numbers.len(), |(place, _)| place);
        Self::parse(numbers.get(..fourth)?)
    }

    /// The version that the system itself reports, where `self` is the name under which Windows is
    /// sold: Windows 11 is 10.0.22000 and later.
    fn on(self, platform: Option<Platform>) -> Self {
        if platform != Some(Platform::Windows) {
            return self;
        }
        Self(match self.0 {
            [7, 0, 0, 0] => [6, 1, 0, 0],
            [8, 0, 0, 0] => [6, 2, 0, 0],
            [8, 1, 0, 0] => [6, 3, 0, 0],
            [11, 0, 0, 0] => [10, 0, 22000, 0],
            other => other,
        })
    }
}

/// The platform that stands in front of a version, as in `Windows 10`, and the version.
fn split_platform(text: &str) -> (Option<Platform>, &str) {
    let split = text.split_once(' ').and_then(|(name, rest)| Some((name.parse().ok()?, rest)));
    split.map_or((None, text), |(platform, rest)| (Some(platform), rest))
}

/// The operating system of a client, as far as it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InstalledOs {
    platform: Option<Platform>,
    version: OsVersion,
}

impl InstalledOs {
    /// The system of a client that reports the version `text`, and maybe its platform beside it.
    /// `None` if the text does not begin with a number, or with a platform and a number.
    #[must_use]
    pub fn reported(platform: Option<Platform>, text: &str) -> Option<Self> {
        let (named, version) = split_platform(text);
        let platform = platform.or(named);
        Some(Self { platform, version: OsVersion::leading(version)?.on(platform) })
    }
}

/// The oldest version of a platform, or of whatever the client has.
type Minimum = (Option<Platform>, OsVersion);

fn minimum(platform: Option<Platform>, version: &str) -> Option<Minimum> {
    Some((platform, OsVersion::parse(version)?.on(platform)))
}

/// The oldest operating systems that a release runs on: metadata's `min_os_version`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OsRequirement(Vec<Minimum>);

impl OsRequirement {
    /// Reads a version (`10.0.19041`), one of a platform (`Windows 10`), or an object of versions by
    /// platform; `None` for anything else.
    #[must_use]
    pub fn parse(value: &Value) -> Option<Self> {
        match value {
            Value::String(text) => {
                let (platform, version) = split_platform(text);
                Some(Self(vec![minimum(platform, version)?]))
            }
            Value::Object(versions) if !versions.is_empty() => {
                let minimum = |(name, version): (&String, &Value)| {
                    minimum(Some(name.parse().ok()?), version.as_str()?)
                };
                versions.iter().map(minimum).collect::<Option<_>>().map(Self)
            }
            _ => None,
        }
    }

    /// The minimums, each a platform, where it is for one, and up to four numbers.
    pub fn minimums(&self) -> impl Iterator<Item = (Option<Platform>, [u32; 4])> {
        self.0.iter().map(|(platform, version)| (*platform, version.0))
    }

    /// A requirement of minimums as [`OsRequirement::minimums`] gives them.
    #[must_use]
    pub fn from_minimums(minimums: impl IntoIterator<Item = (Option<Platform>, [u32; 4])>) -> Self {
        let minimums = minimums.into_iter();
        Self(minimums.map(|(platform, numbers)| (platform, OsVersion(numbers))).collect())
    }

    /// Whether it lets `installed` have the release. A minimum of another platform does not matter.
    #[must_use]
    pub fn is_met_by(&self, installed: InstalledOs) -> bool {
        self.0.iter().all(|(platform, minimum)| match platform {
            Some(_) if *platform != installed.platform => true,
            // Without a platform it is for whatever the client has.
            _ => installed.version >= minimum.on(installed.platform),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn meets(requirement: &Value, platform: Option<Platform>, version: &str) -> bool {
        let requirement = OsRequirement::parse(requirement).unwrap();
        requirement.is_met_by(InstalledOs::reported(platform, version).unwrap())
    }

    #[test]
    fn a_client_has_at_least_the_version_of_its_own_platform() {
        let (windows, macos) = (Some(Platform::Windows), Some(Platform::Macos));
        let both = || json!({ "win32": "10.0.19041", "macOS": "12.3" });
        for (requirement, platform, version, expected) in [
            (json!("12.3"), macos, "12.3", true),
            (json!("12.3"), macos, "12.2.9", false),
            (json!("12.3"), None, "12.10", true),
            (json!("9"), macos, "10.15", true),
            (json!("Windows 10"), windows, "10.0.19045.3803", true),
            (json!("Windows 10"), windows, "6.3.9600", false),
            (json!("Windows 10"), windows, "8.1", false),
            (json!("Windows 10"), macos, "9.0", true),
            (json!("Windows 10"), None, "6.1", true),
            (json!("Windows 10"), None, "Windows 7", false),
            (json!("Windows 11"), windows, "10.0.22631", true),
            (json!("Windows 11"), windows, "10.0.19045", false),
            (json!("11"), windows, "10.0.22631", true),
            (json!("10.0.22000"), windows, "11", true),
            (both(), windows, "10.0.19040", false),
            (both(), macos, "12.3 (21E230)", true),
            (both(), macos, "12", false),
            (both(), Some(Platform::Linux), "6.8.0-45-generic", true),
        ] {
            let met = meets(&requirement, platform, version);
            assert_eq!(met, expected, "{requirement} {platform:?} {version}");
        }
    }

    #[test]
    fn what_is_no_version_is_neither_a_minimum_nor_a_report() {
        for value in [
            json!(10),
            json!(null),
            json!(""),
            json!("ten"),
            json!("10."),
            json!("1.2.3.4.5"),
            json!("Windows"),
            json!("Windows Server 2022"),
            json!("10-beta"),
            json!({}),
            json!({ "beos": "5" }),
            json!({ "macos": 12 }),
            json!({ "macos": "macOS 12" }),
            json!(["12"]),
            json!("99999999999"),
        ] {
            assert_eq!(OsRequirement::parse(&value), None, "{value}");
        }
        for text in ["", "Ventura", "Windows", ".5", "v10"] {
            assert_eq!(InstalledOs::reported(None, text), None, "{text}");
        }
    }
}
