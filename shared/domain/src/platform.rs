//! The platform, architecture and installer type of an artifact.

mod emulation;
mod file_names;
mod machine;
mod names;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::machine::Machine;
pub use self::names::Naming;

/// An operating system. Requests may also name it as the tools of clients do, such as `win32` or
/// `darwin`: docs/API-DESIGN.md has the aliases. Upper and lower case are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Platform {
    /// Microsoft Windows.
    Windows,
    /// Apple macOS.
    Macos,
    /// Linux.
    Linux,
    /// Android.
    Android,
    /// Apple iOS.
    Ios,
    /// FreeBSD.
    Freebsd,
}

/// A processor architecture. Requests may also name it as the tools of clients do, such as `x64` or
/// `aarch64`: docs/API-DESIGN.md has the aliases. Upper and lower case are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Arch {
    /// 64-bit x86.
    #[serde(rename = "x86_64")]
    X86_64,
    /// 32-bit x86.
    X86,
    /// 64-bit Arm.
    Arm64,
    /// 32-bit Arm.
    Armv7,
    /// 64-bit RISC-V.
    Riscv64,
    /// All architectures of the platform, such as a macOS universal binary.
    Universal,
}

impl Arch {
    /// Whether an artifact built for `self` runs on a processor of architecture `machine`.
    #[must_use]
    pub fn runs_on(self, machine: Self) -> bool {
        self == machine || self == Self::Universal
    }
}

/// File format of an installer.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum InstallerType {
    /// Windows Installer package.
    Msi,
    /// Windows executable.
    Exe,
    /// Windows app package.
    Msix,
    /// macOS disk image.
    Dmg,
    /// macOS installer package.
    Pkg,
    /// Debian package.
    Deb,
    /// RPM package.
    Rpm,
    /// AppImage.
    Appimage,
    /// Android package.
    Apk,
    /// Zip archive.
    Zip,
    /// Gzip-compressed tar archive.
    #[serde(rename = "tar.gz")]
    TarGz,
}
