//! How long a response may be: Lambda takes the proxy response of a function as JSON, in which the
//! body is an escaped text.

use bytes::Bytes;
use data_encoding::BASE64;

/// The longest response that Lambda takes from a function, as JSON with all that is around the
/// body: <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>.
pub const MAX_PAYLOAD: usize = 6_291_556;
/// The longest body in it, as it is encoded: the rest is for headers.
pub(crate) const MAX_BODY: usize = MAX_PAYLOAD - (64 << 10);

/// The body as a text of JSON, and whether it is base64: what is no text, and a text that escaping
/// would make longer than Lambda takes.
pub(crate) fn encode(body: Bytes) -> (String, bool) {
    match String::from_utf8(body.into()) {
        Ok(text) if escaped_length(text.as_bytes()) <= MAX_BODY => (text, false),
        Ok(text) => (BASE64.encode(text.as_bytes()), true),
        Err(error) => (BASE64.encode(error.as_bytes()), true),
    }
}

/// How many bytes the body has as it is encoded.
pub(crate) fn encoded_length(body: &[u8]) -> usize {
    let base64 = BASE64.encode_len(body.len());
    if std::str::from_utf8(body).is_err() {
        return base64;
    }
    let escaped = escaped_length(body);
    if escaped <= MAX_BODY { escaped } else { base64 }
}

/// The length of a text as a JSON string, without its quotes.
fn escaped_length(text: &[u8]) -> usize {
    let escape = |byte: &u8| match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 0x08 | 0x0c => 2,
        0..0x20 => 6,
        _ => 1,
    };
    text.iter().map(escape).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_measured_as_it_is_escaped() {
        let escapes = "\"quoted\" \\ \n\r\t\u{8}\u{c}\u{1}\u{1f}\u{7f}";
        for text in ["", "plain", escapes, "\u{fc}\u{1f600}"] {
            let json = serde_json::to_string(text).unwrap();
            assert_eq!(encoded_length(text.as_bytes()), json.len() - 2, "{json}");
        }
    }

    #[test]
    fn a_body_of_four_mebibytes_fits_whatever_it_holds() {
        for text in ["a", "\"", "\\", "\u{1}", "\u{fc}"] {
            let body = text.repeat((4 << 20) / text.len());
            let expected = encoded_length(body.as_bytes());
            assert!(expected <= MAX_BODY, "{text:?}: {expected}");
            let (encoded, _) = encode(body.into());
            assert_eq!(serde_json::to_string(&encoded).unwrap().len() - 2, expected, "{text:?}");
        }
        assert!(encoded_length(&vec![0xff; 4 << 20]) <= MAX_BODY);
    }

    #[test]
    fn a_body_is_text_unless_escaping_makes_it_too_long() {
        let quotes = |times| "\"".repeat(times);
        assert_eq!(encode(quotes(1000).into()), (quotes(1000), false));
        let (body, is_base64) = encode(quotes(4 << 20).into());
        assert!(is_base64);
        assert_eq!(BASE64.decode(body.as_bytes()).unwrap(), quotes(4 << 20).as_bytes());
    }
}
