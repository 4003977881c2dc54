//! The checksums of S3: computed in one pass, combined from those of parts.

use std::io;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use crc_fast::{CrcAlgorithm, checksum_combine};
use s3s::{
    checksum::ChecksumHasher,
    crypto::{Checksum as _, Crc32, Crc32c, Crc64Nvme, Md5, Sha1, Sha256},
};
use serde::{Deserialize, Serialize};

use crate::error::Outcome;

/// A checksum algorithm of S3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Algorithm {
    Crc32,
    Crc32c,
    Crc64Nvme,
    Sha1,
    Sha256,
}

impl Algorithm {
    pub(crate) const ALL: [Self; 5] =
        [Self::Crc32, Self::Crc32c, Self::Crc64Nvme, Self::Sha1, Self::Sha256];

    /// As in `ChecksumAlgorithm`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Crc32 => "CRC32",
            Self::Crc32c => "CRC32C",
            Self::Crc64Nvme => "CRC64NVME",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
        }
    }

    /// The header that carries a checksum of this algorithm, in requests, answers and trailers.
    pub(crate) fn header(self) -> &'static str {
        match self {
            Self::Crc32 => "x-amz-checksum-crc32",
            Self::Crc32c => "x-amz-checksum-crc32c",
            Self::Crc64Nvme => "x-amz-checksum-crc64nvme",
            Self::Sha1 => "x-amz-checksum-sha1",
            Self::Sha256 => "x-amz-checksum-sha256",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name().eq_ignore_ascii_case(name))
    }

    /// Whether a text is a checksum of this algorithm at all.
    pub(crate) fn is_well_formed(self, value: &str) -> bool {
        STANDARD.decode(value).is_ok_and(|raw| raw.len() == self.raw_length())
    }

    fn raw_length(self) -> usize {
        match self {
            Self::Crc32 | Self::Crc32c => 4,
            Self::Crc64Nvme => 8,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }

    fn crc(self) -> Option<CrcAlgorithm> {
        match self {
            Self::Crc32 => Some(CrcAlgorithm::Crc32IsoHdlc),
            Self::Crc32c => Some(CrcAlgorithm::Crc32Iscsi),
            Self::Crc64Nvme => Some(CrcAlgorithm::Crc64Nvme),
            Self::Sha1 | Self::Sha256 => None,
        }
    }
}

/// A checksum, in base64 as S3 writes it. That of a composite object ends in `-` and the number of
/// parts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Checksum {
    pub(crate) algorithm: Algorithm,
    pub(crate) value: String,
}

/// What a checksum is a checksum of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum ChecksumType {
    /// Of all bytes of the object.
    FullObject,
    /// Of the checksums of its parts.
    Composite,
}

impl ChecksumType {
    /// As in `ChecksumType`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::FullObject => "FULL_OBJECT",
            Self::Composite => "COMPOSITE",
        }
    }
}

/// The checksum S3 keeps with an object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ObjectChecksum {
    pub(crate) checksum: Checksum,
    pub(crate) kind: ChecksumType,
}

/// What hashing a run of bytes once yields.
#[derive(Debug, Clone)]
pub(crate) struct Digests {
    pub(crate) size: u64,
    /// Lower-case hexadecimal: the `ETag` of whatever is these bytes in one piece.
    pub(crate) md5: String,
    checksums: Vec<Checksum>,
}

impl Digests {
    pub(crate) fn new(size: u64, md5: String, checksums: Vec<Checksum>) -> Self {
        Self { size, md5, checksums }
    }

    /// The checksum of that algorithm, if it was asked for when hashing began.
    pub(crate) fn checksum(&self, algorithm: Algorithm) -> Option<&Checksum> {
        self.checksums.iter().find(|one| one.algorithm == algorithm)
    }

    /// As [`Self::checksum`], where its absence is a mistake in this program.
    pub(crate) fn require(&self, algorithm: Algorithm) -> Outcome<&Checksum> {
        let missing = || io::Error::other(format!("no {} was computed", algorithm.name()));
        Ok(self.checksum(algorithm).ok_or_else(missing)?)
    }
}

/// Hashes bytes as they pass: always MD5, and the chosen algorithms.
pub(crate) struct Hasher {
    size: u64,
    md5: Md5,
    sums: ChecksumHasher,
}

impl Hasher {
    pub(crate) fn new(algorithms: &[Algorithm]) -> Self {
        let wanted = |algorithm| algorithms.contains(&algorithm);
        Self {
            size: 0,
            md5: Md5::new(),
            sums: ChecksumHasher {
                crc32: wanted(Algorithm::Crc32).then(Crc32::new),
                crc32c: wanted(Algorithm::Crc32c).then(Crc32c::new),
                crc64nvme: wanted(Algorithm::Crc64Nvme).then(Crc64Nvme::new),
                sha1: wanted(Algorithm::Sha1).then(Sha1::new),
                sha256: wanted(Algorithm::Sha256).then(Sha256::new),
            },
        }
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.size += bytes.len() as u64;
        self.md5.update(bytes);
        self.sums.update(bytes);
    }

    pub(crate) fn finish(self) -> Digests {
        let sums = self.sums.finalize();
        let values = [
            (Algorithm::Crc32, sums.checksum_crc32),
            (Algorithm::Crc32c, sums.checksum_crc32c),
            (Algorithm::Crc64Nvme, sums.checksum_crc64nvme),
            (Algorithm::Sha1, sums.checksum_sha1),
            (Algorithm::Sha256, sums.checksum_sha256),
        ];
        let checksums = values
            .into_iter()
            .filter_map(|(algorithm, value)| Some(Checksum { algorithm, value: value? }))
            .collect();
        Digests::new(self.size, hex(&self.md5.finalize()), checksums)
    }
}

/// One part, as far as the checksums of the whole depend on it.
pub(crate) struct PartDigest<'a> {
    pub(crate) size: u64,
    pub(crate) md5: &'a str,
    pub(crate) checksum: &'a str,
}

/// The `ETag` of an object made of parts: the MD5 of their MD5s, and how many they are.
pub(crate) fn multipart_etag(parts: &[PartDigest<'_>]) -> String {
    let mut md5 = Md5::new();
    for part in parts {
        md5.update(&unhex(part.md5));
    }
    format!("{}-{}", hex(&md5.finalize()), parts.len())
}

/// The checksum of an object made of parts. `None` if that algorithm has no such kind: only CRCs
/// can be combined.
pub(crate) fn of_parts(
    algorithm: Algorithm,
    kind: ChecksumType,
    parts: &[PartDigest<'_>],
) -> Option<ObjectChecksum> {
    let value = match kind {
        ChecksumType::FullObject => combined(algorithm, parts)?,
        ChecksumType::Composite => composite(algorithm, parts)?,
    };
    Some(ObjectChecksum { checksum: Checksum { algorithm, value }, kind })
}

fn composite(algorithm: Algorithm, parts: &[PartDigest<'_>]) -> Option<String> {
    let mut hasher = Hasher::new(&[algorithm]);
    for part in parts {
        hasher.update(&STANDARD.decode(part.checksum).ok()?);
    }
    let whole = hasher.finish();
    Some(format!("{}-{}", whole.checksum(algorithm)?.value, parts.len()))
}

fn combined(algorithm: Algorithm, parts: &[PartDigest<'_>]) -> Option<String> {
    let crc = algorithm.crc()?;
    let mut parts = parts.iter();
    let mut whole = crc_value(parts.next()?.checksum)?;
    for part in parts {
        whole = checksum_combine(crc, whole, crc_value(part.checksum)?, part.size);
    }
    let raw = whole.to_be_bytes();
    let significant = raw.len().checked_sub(algorithm.raw_length())?;
    raw.get(significant..).map(|bytes| STANDARD.encode(bytes))
}

fn crc_value(checksum: &str) -> Option<u64> {
    let raw = STANDARD.decode(checksum).ok()?;
    Some(raw.iter().fold(0, |value, byte| value << 8 | u64::from(*byte)))
}

/// The MD5 in a `Content-MD5` header, in the form of [`Digests::md5`]. `None` if it is no MD5.
pub(crate) fn md5_of_header(value: &str) -> Option<String> {
    let raw = STANDARD.decode(value).ok()?;
    (raw.len() == 16).then(|| hex(&raw))
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn unhex(text: &str) -> Vec<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pairs = text.as_bytes().chunks_exact(2);
    pairs
        .filter_map(|pair| match pair {
            [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(bytes: &[u8]) -> Digests {
        let mut hasher = Hasher::new(&Algorithm::ALL);
        hasher.update(bytes);
        hasher.finish()
    }

    #[test]
    fn hexadecimal_goes_there_and_back() {
        assert_eq!(unhex(&hex(&[0, 9, 10, 255])), [0, 9, 10, 255]);
    }

    #[test]
    fn a_combined_crc_is_the_crc_of_the_whole() {
        let (head, tail) = (vec![7; 70_001], vec![9; 12]);
        let whole = [head.clone(), tail.clone()].concat();
        for algorithm in [Algorithm::Crc32, Algorithm::Crc32c, Algorithm::Crc64Nvme] {
            let (head, tail) = (hash(&head), hash(&tail));
            let part = |digests: &Digests| digests.checksum(algorithm).unwrap().value.clone();
            let (head_value, tail_value) = (part(&head), part(&tail));
            let parts = [
                PartDigest { size: head.size, md5: &head.md5, checksum: &head_value },
                PartDigest { size: tail.size, md5: &tail.md5, checksum: &tail_value },
            ];
            let combined = of_parts(algorithm, ChecksumType::FullObject, &parts).unwrap();
            assert_eq!(Some(&combined.checksum), hash(&whole).checksum(algorithm), "{algorithm:?}");
        }
    }

    #[test]
    fn a_sha256_of_parts_cannot_be_of_the_full_object() {
        let parts = [PartDigest { size: 0, md5: "", checksum: "" }];
        assert_eq!(of_parts(Algorithm::Sha256, ChecksumType::FullObject, &parts), None);
    }
}
