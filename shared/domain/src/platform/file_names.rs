//! What the name of a file says of the installer in it.

use super::InstallerType;

impl InstallerType {
    /// The ends of file names, and the types that they stand for.
    pub const FILE_NAMES: [(&'static str, Self); 12] = [
        (".msi", Self::Msi),
        (".exe", Self::Exe),
        (".msix", Self::Msix),
        (".dmg", Self::Dmg),
        (".pkg", Self::Pkg),
        (".deb", Self::Deb),
        (".rpm", Self::Rpm),
        (".appimage", Self::Appimage),
        (".apk", Self::Apk),
        (".zip", Self::Zip),
        (".tar.gz", Self::TarGz),
        (".tgz", Self::TarGz),
    ];

    /// The type of the file `name`, by the end of its name. Upper and lower case are the same.
    #[must_use]
    pub fn of_file(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let is_end = |(end, _): &&(&str, Self)| name.ends_with(end);
        Self::FILE_NAMES.iter().find(is_end).map(|(_, of)| *of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_name_tells_the_type() {
        for (name, expected) in [
            ("linux.tar.gz", Some(InstallerType::TarGz)),
            ("App-1.0.0.AppImage", Some(InstallerType::Appimage)),
            ("app.msi", Some(InstallerType::Msi)),
            ("app.msix", Some(InstallerType::Msix)),
            ("app.tgz", Some(InstallerType::TarGz)),
            ("app.gz", None),
            ("msi", None),
            ("", None),
        ] {
            assert_eq!(InstallerType::of_file(name), expected, "{name}");
        }
    }
}
