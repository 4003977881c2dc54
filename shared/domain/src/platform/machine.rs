//! Platform and architecture in one text, as builds name them: `linux-x86_64`.

use std::str::FromStr;

use super::{Arch, Platform};
use crate::text::TextError;

/// The machine that an artifact is built for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Machine {
    /// Operating system.
    pub platform: Platform,
    /// Processor architecture.
    pub arch: Arch,
}

/// What stands between a platform and an architecture.
const SEPARATORS: [char; 4] = ['-', '_', '/', ' '];
/// What target triples have between an architecture and a platform.
const VENDORS: [&str; 3] = ["unknown-", "apple-", "pc-"];

impl FromStr for Machine {
    type Err = TextError;

    /// Reads a platform and an architecture by any of their names, in either order; or a target
    /// triple, such as `x86_64-unknown-linux-gnu`.
    fn from_str(text: &str) -> Result<Self, TextError> {
        let parts = text.match_indices(SEPARATORS).filter_map(|(at, separator)| {
            Some((text.get(..at)?, text.get(at + separator.len()..)?))
        });
        let mut machines = parts.filter_map(|(first, second)| {
            machine(first, second).or_else(|| machine(triple_platform(second), first))
        });
        machines.next().ok_or_else(|| {
            let rule = "a platform and an architecture, as in `linux-x86_64` or `macos-universal`, by a name that docs/API-DESIGN.md lists";
            TextError::new(text, "a machine", rule)
        })
    }
}

fn machine(platform: &str, arch: &str) -> Option<Machine> {
    Some(Machine { platform: platform.parse().ok()?, arch: arch.parse().ok()? })
}

/// The platform in what follows the architecture of a target triple.
fn triple_platform(text: &str) -> &str {
    let system = VENDORS.iter().find_map(|vendor| text.strip_prefix(vendor)).unwrap_or(text);
    // Of `windows-msvc`; `linux-gnu` and `linux-android` are names of platforms.
    match system.split_once('-') {
        Some((platform @ "windows", _)) => platform,
        _ => system,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machines_are_understood_as_builds_name_them() {
        for (text, platform, arch) in [
            ("linux-x86_64", Platform::Linux, Arch::X86_64),
            ("Linux_X86_64", Platform::Linux, Arch::X86_64),
            ("linux/amd64", Platform::Linux, Arch::X86_64),
            ("windows-x64", Platform::Windows, Arch::X86_64),
            ("win32-ia32", Platform::Windows, Arch::X86),
            ("darwin-arm64", Platform::Macos, Arch::Arm64),
            ("macos-universal", Platform::Macos, Arch::Universal),
            ("android-arm64-v8a", Platform::Android, Arch::Arm64),
            ("x86_64-linux", Platform::Linux, Arch::X86_64),
            ("x86_64-unknown-linux-gnu", Platform::Linux, Arch::X86_64),
            ("aarch64-unknown-linux-musl", Platform::Linux, Arch::Arm64),
            ("armv7-unknown-linux-gnueabihf", Platform::Linux, Arch::Armv7),
            ("aarch64-linux-android", Platform::Android, Arch::Arm64),
            ("aarch64-apple-darwin", Platform::Macos, Arch::Arm64),
            ("aarch64-apple-ios", Platform::Ios, Arch::Arm64),
            ("x86_64-pc-windows-msvc", Platform::Windows, Arch::X86_64),
            ("i686-pc-windows-gnu", Platform::Windows, Arch::X86),
            ("x86_64-unknown-freebsd", Platform::Freebsd, Arch::X86_64),
        ] {
            assert_eq!(text.parse(), Ok(Machine { platform, arch }), "{text}");
        }
    }

    #[test]
    fn what_names_no_machine_is_refused() {
        for text in ["", "-", "linux", "x86_64", "linux-", "beos-x86", "linux-sparc", "..", "日本"]
        {
            let refused = text.parse::<Machine>().unwrap_err().to_string();
            assert!(refused.contains("linux-x86_64"), "{refused}");
        }
    }
}
