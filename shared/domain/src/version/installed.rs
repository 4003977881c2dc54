//! Versions as installed clients report them. Releases are strict; clients say what their build has
//! written into them.

use super::{MAX_LENGTH, Version};

impl Version {
    /// The version that an installed client reports. Beside `SemVer`, it may have
    ///
    /// - a `v` or `V` in front, as tags of Git have it: `v1.2.3` is `1.2.3`;
    /// - four numbers, as files of Windows have it: `1.2.3.4` is `1.2.3+4`. The fourth number has no
    ///   precedence, as it has none to Windows Installer, which compares the first three.
    ///
    /// `None` for anything else.
    #[must_use]
    pub fn from_installed(text: &str) -> Option<Self> {
        let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
        text.parse().ok().or_else(|| from_four_numbers(text))
    }
}

fn from_four_numbers(text: &str) -> Option<Version> {
    let is_number =
        |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let (version, fourth) = text.rsplit_once('.')?;
    let are_three = version.split('.').filter(is_number).count() == 3;
    if text.len() >= MAX_LENGTH || !are_three || !is_number(&fourth) {
        return None;
    }
    format!("{version}+{fourth}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_and_versions_of_windows_files_are_understood() {
        for (text, version) in [
            ("1.2.3", "1.2.3"),
            ("v0.9.0", "0.9.0"),
            ("V1.0.0-rc.1+b", "1.0.0-rc.1+b"),
            ("1.2.3.4", "1.2.3+4"),
            ("v1.2.3.0", "1.2.3+0"),
            ("10.0.22631.04", "10.0.22631+04"),
        ] {
            let installed = Version::from_installed(text).map(|version| version.to_string());
            assert_eq!(installed.as_deref(), Some(version), "{text}");
        }
        assert_eq!(Version::from_installed("1.2.3.9"), "1.2.3".parse().ok());
        assert!(Version::from_installed("1.2.4.0") > Version::from_installed("1.2.3.65535"));
    }

    #[test]
    fn anything_else_is_no_version() {
        let long = format!("1.2.3.{}", "4".repeat(MAX_LENGTH));
        for text in [
            "",
            "v",
            "vv1.0.0",
            "1",
            "1.2",
            "1.2.3.",
            "1.2.3.4.5",
            "1..3.4",
            "01.2.3.4",
            "1.2.3.x",
            "1.2.3.4-rc.1",
            "1.2.x.3.4",
            " 1.2.3.4",
            "1.2.3.\u{664}",
            &long,
        ] {
            assert_eq!(Version::from_installed(text), None, "{text}");
        }
    }
}
