//! What a claim of a JWT has to be: a text, or a pattern of texts.

use crate::string_newtype;

/// The longest pattern, in bytes.
const MAX_BYTES: usize = 512;
/// The longest value that a pattern is compared to, in bytes.
const MAX_VALUE: usize = 1024;
/// How many wildcards a pattern may have.
const MAX_WILDCARDS: usize = 8;

string_newtype! {
    /// What a claim has to be, compared byte by byte: `*` stands for any text without `/` and `:`,
    /// `**` for any text, and every other character for itself. 1 to 512 bytes without control
    /// characters, with at most 8 wildcards.
    #[schemars(extend("examples" = ["acme/app"]))]
    ClaimPattern, what = "a pattern", rule = "1 to 512 bytes without control characters, with at most 8 wildcards `*` and `**`, and no three stars in a row",
    pattern = r"^[^\u0000-\u001f\u007f]{1,512}$", check = is_pattern
}

string_newtype! {
    /// The name of a claim: 1 to 64 characters of `a-z`, `A-Z`, `0-9` and `_`.
    ClaimName, what = "the name of a claim", rule = "1 to 64 characters of a-z, A-Z, 0-9 and _, as in `repository`",
    pattern = "^[A-Za-z0-9_]{1,64}$", check = |text| (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn is_pattern(text: &str) -> bool {
    let wildcards = pieces(text).into_iter().filter(|piece| !matches!(piece, Piece::Byte(_)));
    (1..=MAX_BYTES).contains(&text.len())
        && !text.chars().any(char::is_control)
        && !text.contains("***")
        && wildcards.count() <= MAX_WILDCARDS
}

/// What a pattern is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    /// This byte.
    Byte(u8),
    /// Any bytes but `/` and `:`.
    WithinSegment,
    /// Any bytes.
    AcrossSegments,
}

impl Piece {
    /// Whether it may stand for no byte at all.
    fn may_be_empty(self) -> bool {
        !matches!(self, Self::Byte(_))
    }

    /// Whether it may stand for `byte` and more.
    fn repeats(self, byte: u8) -> bool {
        match self {
            Self::Byte(_) => false,
            Self::WithinSegment => !matches!(byte, b'/' | b':'),
            Self::AcrossSegments => true,
        }
    }
}

fn pieces(pattern: &str) -> Vec<Piece> {
    let mut bytes = pattern.bytes().peekable();
    let mut pieces = Vec::new();
    while let Some(byte) = bytes.next() {
        pieces.push(match byte {
            b'*' if bytes.next_if_eq(&b'*').is_some() => Piece::AcrossSegments,
            b'*' => Piece::WithinSegment,
            byte => Piece::Byte(byte),
        });
    }
    pieces
}

impl ClaimPattern {
    /// Whether `value` is what the pattern stands for, from its first byte to its last. A value
    /// longer than 1,024 bytes, or with control characters, never is.
    ///
    /// All positions in the pattern that the bytes so far can lead to are followed at once, so that
    /// the time is bounded by the product of both lengths.
    #[must_use]
    pub fn matches(&self, value: &str) -> bool {
        if value.len() > MAX_VALUE || value.chars().any(char::is_control) {
            return false;
        }
        let pieces = pieces(self.as_str());
        let mut reached = vec![false; pieces.len() + 1];
        reach(&mut reached, 0, &pieces);
        for byte in value.bytes() {
            let mut next = vec![false; pieces.len() + 1];
            for (position, piece) in
                pieces.iter().enumerate().filter(|(at, _)| is_at(&reached, *at))
            {
                if *piece == Piece::Byte(byte) {
                    reach(&mut next, position + 1, &pieces);
                } else if piece.repeats(byte) {
                    reach(&mut next, position, &pieces);
                }
            }
            reached = next;
        }
        is_at(&reached, pieces.len())
    }

    /// Whether it stands for one text alone.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        !self.as_str().contains('*')
    }

    /// Whether it stands for paths of one owner alone: what is before its first `/` after `prefix` is
    /// there, and has no wildcard.
    #[must_use]
    pub fn has_owner_after(&self, prefix: &str) -> bool {
        let path = self.as_str().strip_prefix(prefix).and_then(|path| path.split_once('/'));
        path.is_some_and(|(owner, rest)| {
            !owner.is_empty() && !owner.contains('*') && !rest.is_empty()
        })
    }
}

fn is_at(reached: &[bool], position: usize) -> bool {
    reached.get(position).copied().unwrap_or_default()
}

/// Notes that `position` is reached, and those after it that need no byte.
fn reach(reached: &mut [bool], position: usize, pieces: &[Piece]) {
    for at in position..=pieces.len() {
        if let Some(mark) = reached.get_mut(at) {
            *mark = true;
        }
        if !pieces.get(at).is_some_and(|piece| piece.may_be_empty()) {
            return;
        }
    }
}
