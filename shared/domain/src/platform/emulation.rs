//! What operating systems emulate.

use super::{Arch, Platform};

impl Arch {
    /// Whether `platform` runs what is built for `self` on a processor of architecture `machine`
    /// that is another one: Windows and macOS run x86-64 on Arm, Windows 32-bit x86 too; a 64-bit
    /// x86 processor runs 32-bit x86, but for systems of Apple.
    #[must_use]
    pub fn is_emulated_on(self, platform: Platform, machine: Self) -> bool {
        match (machine, self) {
            (Self::Arm64, Self::X86_64) => matches!(platform, Platform::Windows | Platform::Macos),
            (Self::Arm64, Self::X86) => platform == Platform::Windows,
            (Self::X86_64, Self::X86) => !matches!(platform, Platform::Macos | Platform::Ios),
            _ => false,
        }
    }
}
