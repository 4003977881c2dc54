//! The URL of an issuer.

use url::Url;

use crate::string_newtype;
use crate::url_form::{self, WebScheme};

string_newtype! {
    /// The URL of an OIDC issuer, exactly as its tokens have it in `iss`: https, at most 255
    /// characters, without user, query and fragment.
    IssuerUrl, what = "an issuer", rule = "https:// and a host, at most 255 characters, without user, query and fragment, exactly as tokens have it in `iss`",
    pattern = r"^https://[^\s?#@,]{1,247}$", check = is_issuer
}

fn is_issuer(text: &str) -> bool {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic());
    text.len() <= 255
        && is_plain
        && text.starts_with("https://")
        && !text.contains(['?', '#', '@', ','])
        && url_form::parse(text, WebScheme::Https, "https://id.example.com").is_ok()
}

impl IssuerUrl {
    /// Where the issuer's metadata is (`OpenID` Connect Discovery 1.0, section 4).
    #[must_use]
    pub fn metadata_url(&self) -> Option<Url> {
        let base = self.as_str().trim_end_matches('/');
        Url::parse(&format!("{base}/.well-known/openid-configuration")).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_https_and_nothing_more_than_a_place() {
        for right in ["https://a.example", "https://a.example:8443/realms/x", "https://a.example/"]
        {
            let issuer: IssuerUrl = right.parse().unwrap();
            let metadata = issuer.metadata_url().unwrap().to_string();
            assert!(metadata.ends_with("/.well-known/openid-configuration"), "{metadata}");
            assert!(!metadata.contains("//.well-known"), "{metadata}");
        }
        for wrong in [
            "http://a.example",
            "https://",
            "https://u@a.example",
            "https://a.example?x",
            "https://a b",
            "https://a..example",
            "https://a.example:0",
            "https://a.example\\b",
        ] {
            assert!(wrong.parse::<IssuerUrl>().is_err(), "{wrong}");
        }
    }
}
