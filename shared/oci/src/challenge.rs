//! What a registry asks for when it answers 401 (RFC 9110, 11.6.1; Docker's token authentication).

use http::HeaderMap;
use http::header::WWW_AUTHENTICATE;
use http_auth::ChallengeRef;
use http_auth::parser::ChallengeParser;

/// What is needed to be let in.
#[derive(Debug, PartialEq, Eq)]
pub enum Challenge {
    /// Name and password.
    Basic,
    /// A token of a token server.
    Bearer {
        /// Where it is to be had.
        realm: String,
        /// For which service.
        service: Option<String>,
        /// With which right, where the registry says so.
        scope: Option<String>,
    },
}

impl Challenge {
    /// The challenges of an answer, in its order; those of other kinds and what is none are left
    /// out.
    pub fn of(headers: &HeaderMap) -> Vec<Self> {
        let lines = headers.get_all(WWW_AUTHENTICATE).iter();
        lines
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| ChallengeParser::new(line).map_while(Result::ok))
            .filter_map(|challenge| Self::read(&challenge))
            .collect()
    }

    fn read(challenge: &ChallengeRef<'_>) -> Option<Self> {
        let parameter = |name: &str| {
            let named = challenge.params.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
            named.map(|(_, value)| value.to_unescaped())
        };
        if challenge.scheme.eq_ignore_ascii_case("basic") {
            return Some(Self::Basic);
        }
        if !challenge.scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        let (service, scope) = (parameter("service"), parameter("scope"));
        Some(Self::Bearer { realm: parameter("realm")?, service, scope })
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn challenges(lines: &[&str]) -> Vec<Challenge> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(WWW_AUTHENTICATE, HeaderValue::from_str(line).unwrap());
        }
        Challenge::of(&headers)
    }

    fn docker_hub() -> Challenge {
        Challenge::Bearer {
            realm: "https://auth.docker.io/token".to_owned(),
            service: Some("registry.docker.io".to_owned()),
            scope: Some("repository:library/debian:pull".to_owned()),
        }
    }

    #[test]
    fn challenges_are_read_as_registries_write_them() {
        let hub = r#"Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/debian:pull""#;
        assert_eq!(challenges(&[hub]), [docker_hub()]);
        assert_eq!(challenges(&[r#"Basic realm="a, b""#, hub]), [Challenge::Basic, docker_hub()]);
        let both = format!(r#"basic realm="x", {hub}"#);
        assert_eq!(challenges(&[&both]), [Challenge::Basic, docker_hub()]);
    }

    #[test]
    fn what_is_no_challenge_of_a_registry_is_none() {
        for line in
            ["", "Bearer", "Bearer service=x", "Negotiate", "\"", "Digest realm=\"x\", nonce=\"y\""]
        {
            assert_eq!(challenges(&[line]), [], "{line}");
        }
    }
}
