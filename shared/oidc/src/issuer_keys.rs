//! The keys of an issuer, as an instance has them.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use slipway_domain::{Code, Error, IssuerUrl, Result, i_json};
use slipway_outbound::{Client, Error as FetchError, Limits};
use tokio::sync::Mutex;
use url::Url;

use crate::key_set::KeySet;

/// How long keys are taken as they are: what an issuer withdraws works no longer than this.
const FRESH: SignedDuration = SignedDuration::from_secs(60);
/// How soon an issuer is asked again of which no key is known.
const RETRY: SignedDuration = SignedDuration::from_secs(10);
/// How long known keys go on working while the issuer does not answer.
const STALE: SignedDuration = SignedDuration::from_hours(24);

/// The keys of one issuer. They are fetched when they are needed and older than a minute, by one
/// request at a time: the others wait for it. So neither many requests nor unknown `kid`s make more
/// than one fetch a minute. An issuer that does not answer keeps the keys that are known, for a day.
#[derive(Debug)]
pub struct IssuerKeys {
    issuer: IssuerUrl,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    keys: Option<(Arc<KeySet>, Timestamp)>,
    attempted_at: Option<Timestamp>,
    failed: bool,
}

impl IssuerKeys {
    /// Those of `issuer`. None is fetched yet.
    #[must_use]
    pub fn new(issuer: IssuerUrl) -> Self {
        Self { issuer, state: Mutex::default() }
    }

    /// The issuer.
    #[must_use]
    pub fn issuer(&self) -> &IssuerUrl {
        &self.issuer
    }

    /// The limits of a client for [`IssuerKeys::current`]: two documents within five seconds.
    #[must_use]
    pub fn limits() -> Limits {
        let half = Duration::from_millis(2_500);
        Limits {
            connect: half,
            silence: half,
            total: Some(half),
            document_bytes: 256 * 1024,
            redirects: 0,
            ..Limits::default()
        }
    }

    /// The keys at `now`, for a token of `kid`; fetched with what `client` makes, if they are due.
    ///
    /// # Errors
    /// `issuer_unavailable`, where the issuer does not answer and no key of this `kid` is known.
    pub async fn current(
        &self,
        kid: &str,
        now: Timestamp,
        client: impl FnOnce() -> Result<Client>,
    ) -> Result<Arc<KeySet>> {
        let mut state = self.state.lock().await;
        let mut cause = None;
        if state.is_due(now) {
            // Before the fetch: where the request ends in the midst of it, the next does not fetch
            // again at once.
            state.begin(now);
            match fetch(&self.issuer, &client()?).await {
                Ok(keys) => state.succeed(keys, now),
                Err(error) => cause = Some(error),
            }
        }
        let unavailable = || {
            let message = "the keys of the JWT's issuer can't be fetched; try again later";
            let cause = cause.unwrap_or_else(|| "the last fetch failed".to_owned());
            Error::new(Code::IssuerUnavailable, message).because(cause)
        };
        state.usable(kid, now).ok_or_else(unavailable)
    }
}

impl State {
    fn is_due(&self, now: Timestamp) -> bool {
        let pause = if self.keys.is_some() { FRESH } else { RETRY };
        // A clock that was set back must not put it off.
        self.attempted_at.is_none_or(|at| now.duration_since(at).abs() >= pause)
    }

    fn begin(&mut self, now: Timestamp) {
        (self.attempted_at, self.failed) = (Some(now), true);
    }

    fn succeed(&mut self, keys: KeySet, now: Timestamp) {
        (self.keys, self.failed) = (Some((Arc::new(keys), now)), false);
    }

    /// The keys. While the issuer does not answer, they say of no `kid` that there is no such key.
    fn usable(&self, kid: &str, now: Timestamp) -> Option<Arc<KeySet>> {
        let (keys, fetched_at) = self.keys.as_ref()?;
        let is_kept = now.duration_since(*fetched_at) < STALE;
        let tells = !self.failed || keys.find(kid).is_some();
        (is_kept && tells).then(|| Arc::clone(keys))
    }
}

/// Fetches the issuer's metadata and the keys that it names.
async fn fetch(issuer: &IssuerUrl, client: &Client) -> Result<KeySet, String> {
    let url = issuer.metadata_url().ok_or("the issuer is no URL")?;
    let metadata = i_json::from_slice(&document(client, &url).await?);
    let metadata = metadata.map_err(|error| format!("{url}: {error}"))?;
    let text = |name| metadata.get(name).and_then(Value::as_str);
    if text("issuer") != Some(issuer.as_str()) {
        return Err(format!("{url} is of another issuer"));
    }
    let keys = text("jwks_uri").and_then(|uri| Url::parse(uri).ok());
    let keys = keys.ok_or_else(|| format!("{url} has no URL `jwks_uri`"))?;
    let set = KeySet::parse(&document(client, &keys).await?);
    set.map_err(|error| format!("{keys}: {error}"))
}

async fn document(client: &Client, url: &Url) -> Result<Vec<u8>, String> {
    let told = |error: FetchError| error.to_string();
    let response = client.get(url, None).await.map_err(told)?;
    if response.status.as_u16() != 200 {
        return Err(format!("{url} answers {}", response.status));
    }
    Ok(response.bytes().await.map_err(told)?.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    const JWKS: &str = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"a","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    fn fetched() -> State {
        let mut state = State::default();
        assert!(state.is_due(at(0)));
        state.begin(at(0));
        state.succeed(KeySet::parse(JWKS.as_bytes()).unwrap(), at(0));
        state
    }

    #[test]
    fn keys_are_fetched_once_a_minute_whatever_is_asked_for() {
        let state = fetched();
        assert!(!state.is_due(at(59)) && state.is_due(at(60)));
        for kid in ["a", "b", "../../x", "' OR 1"] {
            assert!(state.usable(kid, at(59)).is_some(), "{kid}");
        }
    }

    #[test]
    fn while_the_issuer_is_down_known_keys_work_for_a_day_and_no_kid_is_called_unknown() {
        let mut state = fetched();
        state.begin(at(60));
        assert!(state.usable("a", at(86_399)).is_some() && state.usable("a", at(86_400)).is_none());
        assert!(state.usable("b", at(61)).is_none());
        assert!(!state.is_due(at(119)) && state.is_due(at(120)));
    }

    #[test]
    fn an_issuer_without_known_keys_is_asked_again_after_ten_seconds() {
        let mut state = State::default();
        state.begin(at(0));
        assert!(!state.is_due(at(9)) && state.is_due(at(10)));
        assert!(state.usable("a", at(1)).is_none());
    }
}
