//! How long a response may be kept, and by whom: `Cache-Control` (RFC 9111).

/// A response's policy of caching.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caching {
    /// Nobody keeps it: it bears a secret, or a URL that bears one.
    Never,
    /// The caller may keep it and has to ask whether it still holds, with its `ETag`.
    Revalidate,
    /// The caller may keep it for ever. Shared caches may not: it took a credential to see it.
    PrivateImmutable,
    /// Anyone may keep it for ever.
    PublicImmutable,
    /// Anyone may keep it for so many seconds.
    PublicFor {
        /// `max-age`.
        seconds: u32,
    },
}

impl Caching {
    /// The value of `Cache-Control`.
    #[must_use]
    pub fn header(self) -> String {
        match self {
            Self::Never => "no-store".to_owned(),
            Self::Revalidate => "no-cache".to_owned(),
            Self::PrivateImmutable => "private, max-age=31536000, immutable".to_owned(),
            Self::PublicImmutable => "public, max-age=31536000, immutable".to_owned(),
            Self::PublicFor { seconds } => format!("public, max-age={seconds}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_responses_are_for_shared_caches() {
        for caching in [
            Caching::Never,
            Caching::Revalidate,
            Caching::PrivateImmutable,
            Caching::PublicImmutable,
            Caching::PublicFor { seconds: 60 },
        ] {
            let public = matches!(caching, Caching::PublicImmutable | Caching::PublicFor { .. });
            assert_eq!(caching.header().contains("public"), public, "{caching:?}");
        }
        assert_eq!(Caching::PublicFor { seconds: 60 }.header(), "public, max-age=60");
    }
}
