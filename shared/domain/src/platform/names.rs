//! The names of platforms and architectures: ours, and what the tools of clients and builds call
//! them.

use std::str::FromStr;

use serde::{Deserialize, Deserializer};

use super::{Arch, Platform};
use crate::text::TextError;

/// A value with its name in the API and its aliases.
#[derive(Debug, Clone, Copy)]
pub struct Naming<T: 'static> {
    /// The value.
    pub value: T,
    /// Its name in the API, in which it is stored and answered.
    pub name: &'static str,
    /// Other names that requests may have for it, in lower case. One that ends in `*` stands for
    /// all that begin with what is before it.
    pub aliases: &'static [&'static str],
}

impl<T: Copy> Naming<T> {
    /// Whether `text`, in lower case, is one of its names.
    fn is_called(&self, text: &str) -> bool {
        let matches = |alias: &&str| match alias.strip_suffix('*') {
            Some(prefix) => text.starts_with(prefix),
            None => text == *alias,
        };
        text == self.name || self.aliases.iter().any(matches)
    }
}

/// The longest text that is compared with names.
const MAX_LENGTH: usize = 64;

fn find<T: Copy>(namings: &[Naming<T>], text: &str) -> Option<T> {
    if text.len() > MAX_LENGTH {
        return None;
    }
    let text = text.to_ascii_lowercase();
    namings.iter().find(|naming| naming.is_called(&text)).map(|naming| naming.value)
}

impl Platform {
    /// The names of every platform. Upper and lower case are the same.
    pub const NAMES: [Naming<Self>; 6] = [
        Naming {
            value: Self::Windows,
            name: "windows",
            aliases: &[
                "win",
                "win32",
                "win64",
                "windows_nt",
                "windows *",
                "cygwin*",
                "msys*",
                "mingw32*",
                "mingw64*",
            ],
        },
        Naming {
            value: Self::Macos,
            name: "macos",
            aliases: &["darwin*", "osx", "macosx", "mac", "mac os x"],
        },
        Naming {
            value: Self::Linux,
            name: "linux",
            aliases: &["linux2", "gnu/linux", "linux-gnu*", "linux-musl*"],
        },
        Naming { value: Self::Android, name: "android", aliases: &["linux-android*"] },
        Naming { value: Self::Ios, name: "ios", aliases: &["ipados"] },
        Naming { value: Self::Freebsd, name: "freebsd", aliases: &["freebsd*"] },
    ];
}

impl Arch {
    /// The names of every architecture. Upper and lower case are the same.
    ///
    /// `armv6l` and `armel` are none of 32-bit Arm: what is built for `armv7` does not run there.
    pub const NAMES: [Naming<Self>; 6] = [
        Naming { value: Self::X86_64, name: "x86_64", aliases: &["x64", "amd64", "x86-64"] },
        Naming {
            value: Self::X86,
            name: "x86",
            aliases: &["ia32", "386", "i386", "i486", "i586", "i686", "x86_32"],
        },
        Naming { value: Self::Arm64, name: "arm64", aliases: &["aarch64", "arm64e", "arm64-v8a"] },
        Naming {
            value: Self::Armv7,
            name: "armv7",
            aliases: &[
                "arm",
                "arm32",
                "armhf",
                "armv7a",
                "armv7l",
                "armv7hl",
                "armv7hf",
                "armv8l",
                "armeabi-v7a",
            ],
        },
        Naming { value: Self::Riscv64, name: "riscv64", aliases: &["riscv64gc"] },
        Naming {
            value: Self::Universal,
            name: "universal",
            aliases: &["universal2", "any", "all", "noarch", "neutral"],
        },
    ];
}

/// Reads by any of the names.
macro_rules! named {
    ($($name:ident, $what:literal, $names:literal);* $(;)?) => {$(
        impl FromStr for $name {
            type Err = TextError;

            fn from_str(text: &str) -> Result<Self, TextError> {
                find(&Self::NAMES, text).ok_or_else(|| {
                    TextError::new(text, $what, concat!("one of ", $names, ", or an alias that docs/API-DESIGN.md lists"))
                })
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

named! {
    Platform, "a platform", "windows, macos, linux, android, ios, freebsd";
    Arch, "an architecture", "x86_64, x86, arm64, armv7, riscv64, universal";
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use serde::Serialize;

    use super::*;

    /// Makes sure that each name leads to its value and to no other, and is written as it is called.
    #[track_caller]
    fn are_unambiguous<T: Copy + PartialEq + Debug + Serialize>(namings: &[Naming<T>]) {
        for naming in namings {
            assert_eq!(serde_json::to_value(naming.value).unwrap(), naming.name);
            for name in naming.aliases.iter().chain([&naming.name]) {
                assert_eq!(*name, name.to_ascii_lowercase());
                let text = name.replace('*', "11");
                let called: Vec<_> =
                    namings.iter().filter(|other| other.is_called(&text)).map(|n| n.name).collect();
                assert_eq!(called, [naming.name], "{text}");
            }
        }
    }

    #[test]
    fn a_name_leads_to_one_value_and_is_written_as_the_api_has_it() {
        are_unambiguous(&Platform::NAMES);
        are_unambiguous(&Arch::NAMES);
    }

    #[test]
    fn clients_are_understood_as_their_tools_call_the_machine() {
        for (text, platform) in [
            ("win32", Platform::Windows),      // Node.js, Python's sys.platform
            ("Windows", Platform::Windows),    // Python's platform.system()
            ("Windows 11", Platform::Windows), // Java
            ("MINGW64_NT-10.0-19045", Platform::Windows), // uname -s
            ("win", Platform::Windows),        // .NET
            ("darwin", Platform::Macos),       // Node.js, Go, Rust targets
            ("Darwin", Platform::Macos),       // uname -s
            ("macosx", Platform::Macos),       // Python's sysconfig
            ("Mac OS X", Platform::Macos),     // Java
            ("osx", Platform::Macos),          // .NET
            ("Linux", Platform::Linux),        // uname -s
            ("linux-musl", Platform::Linux),   // .NET
            ("freebsd14", Platform::Freebsd),  // Python's sys.platform
            ("iPadOS", Platform::Ios),         // Python's platform.system()
        ] {
            assert_eq!(text.parse::<Platform>(), Ok(platform), "{text}");
        }
        for (text, arch) in [
            ("x64", Arch::X86_64),           // Node.js, .NET
            ("amd64", Arch::X86_64),         // Go, Debian
            ("AMD64", Arch::X86_64),         // Python and uname on Windows
            ("ia32", Arch::X86),             // Node.js
            ("386", Arch::X86),              // Go
            ("i686", Arch::X86),             // Rust targets, uname -m
            ("i386", Arch::X86),             // Debian
            ("aarch64", Arch::Arm64),        // Rust, uname -m
            ("ARM64", Arch::Arm64),          // Windows
            ("arm64-v8a", Arch::Arm64),      // Android
            ("arm", Arch::Armv7),            // Node.js, Go, Rust, .NET
            ("armhf", Arch::Armv7),          // Debian
            ("armv7l", Arch::Armv7),         // uname -m
            ("riscv64gc", Arch::Riscv64),    // Rust targets
            ("universal2", Arch::Universal), // Python's sysconfig
        ] {
            assert_eq!(text.parse::<Arch>(), Ok(arch), "{text}");
        }
    }

    fn table<T: Copy>(namings: &[Naming<T>]) -> String {
        let code = |text: &&str| format!("`{text}`");
        let row = |naming: &Naming<T>| {
            let aliases: Vec<_> = naming.aliases.iter().map(code).collect();
            format!("| `{}` | {} |\n", naming.name, aliases.join(", "))
        };
        namings.iter().map(row).collect()
    }

    #[test]
    fn the_documentation_has_every_alias() {
        let documentation = include_str!("../../../../docs/API-DESIGN.md");
        for table in [table(&Platform::NAMES), table(&Arch::NAMES)] {
            assert!(documentation.contains(&table), "docs/API-DESIGN.md lacks this:\n{table}");
        }
    }

    #[test]
    fn what_is_no_name_is_refused_with_those_that_are() {
        for text in ["", "beos", "win33", "linux-x64", " windows", &"w".repeat(1 << 20)] {
            let refused = text.parse::<Platform>().unwrap_err().to_string();
            assert!(refused.contains("windows, macos, linux") && refused.len() < 300, "{refused}");
        }
        for text in ["", "sparc", "armv6l", "armel", "aarch64_be", "x86_64 "] {
            let refused = text.parse::<Arch>().unwrap_err().to_string();
            assert!(refused.contains("x86_64, x86, arm64"), "{refused}");
        }
    }
}
