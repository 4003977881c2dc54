//! How a 401 becomes a credential that lets in: Docker's token authentication, or RFC 7617.

use http::{HeaderValue, StatusCode};
use serde::Deserialize;
use slipway_composition::ImageRepository;
use slipway_outbound::{Fetch, Response};
use url::Url;

use crate::challenge::Challenge;
use crate::credentials::{self, Credentials};
use crate::error::{Error, Result};
use crate::registry::Registry;

/// What a token server answers: `token` by Docker's specification, `access_token` by OAuth 2.0.
#[derive(Deserialize)]
struct TokenResponse {
    token: Option<String>,
    access_token: Option<String>,
}

impl Registry {
    /// The credential that the registry asks for in `refused`, for reading `repository`.
    pub(crate) async fn authorize(
        &self,
        repository: Option<&ImageRepository>,
        refused: &Response,
    ) -> Result<HeaderValue> {
        if let Some(own) = self.credentials.bearer()? {
            return Ok(own);
        }
        let challenges = Challenge::of(&refused.headers);
        for challenge in challenges {
            match challenge {
                Challenge::Bearer { realm, service, scope } => {
                    let scope = scope.or_else(|| {
                        repository.map(|repository| format!("repository:{repository}:pull"))
                    });
                    return self.token(&realm, service.as_deref(), scope.as_deref()).await;
                }
                Challenge::Basic => {
                    if let Some(basic) = self.credentials.basic()? {
                        return Ok(basic);
                    }
                }
            }
        }
        let cause = match self.credentials {
            Credentials::Anonymous => "it needs credentials",
            _ => "it asks for credentials of another kind",
        };
        Err(Error::Unauthorized { host: self.host().to_owned(), cause: cause.to_owned() })
    }

    /// A token of the token server at `realm`.
    async fn token(
        &self,
        realm: &str,
        service: Option<&str>,
        scope: Option<&str>,
    ) -> Result<HeaderValue> {
        let mut url = self.realm(realm)?;
        for (name, value) in [("service", service), ("scope", scope)] {
            if let Some(value) = value {
                url.query_pairs_mut().append_pair(name, value);
            }
        }
        let host = url.host_str().unwrap_or_default().to_owned();
        let basic = self.credentials.basic()?;
        if basic.is_some() {
            self.require_token_server(&url)?;
        }
        let fetch = Fetch::get(url);
        let fetch = basic.into_iter().fold(fetch, Fetch::authorization);
        let response = self.exchange(&fetch).await?;
        match response.status {
            StatusCode::OK => {}
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                let cause = "its token server does not take these credentials".to_owned();
                return Err(Error::Unauthorized { host, cause });
            }
            status => return Err(Error::Status { host, status }),
        }
        let answer: TokenResponse = self.json(response, "a token").await?;
        let token = answer.token.or(answer.access_token);
        let token = token.ok_or_else(|| self.malformed("no token".to_owned()))?;
        credentials::bearer(&token)
    }

    /// The URL of the token server. The client's policy says whether it may be asked.
    fn realm(&self, realm: &str) -> Result<Url> {
        Url::parse(realm).map_err(|_| self.malformed("a realm that is no URL".to_owned()))
    }

    /// Makes sure that credentials may go to the token server at `realm`: the registry itself, its
    /// host at https's own port, as GitLab has it, or the server that was named with them. Who
    /// answers on another port of the host may be somebody else, and a registry can't send
    /// credentials to whom it likes.
    fn require_token_server(&self, realm: &Url) -> Result<()> {
        let origin = realm.origin();
        let is_named = self.token_server.as_ref().is_some_and(|named| named.origin() == origin);
        let is_own = origin == self.endpoint.origin();
        let is_beside = realm.host() == self.endpoint.host()
            && realm.scheme() == "https"
            && realm.port().is_none();
        if is_own || is_beside || is_named {
            return Ok(());
        }
        let cause = format!(
            "its token server is {}, which the credentials are not meant for; they go to the registry itself, to https://{} and to token servers that are known to be the registry's",
            origin.ascii_serialization(),
            self.host()
        );
        Err(Error::Unauthorized { host: self.host().to_owned(), cause })
    }
}
