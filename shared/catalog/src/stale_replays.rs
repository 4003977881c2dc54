//! Whether what a stored response names is still as the response says.

use std::str::FromStr;

use jiff::Timestamp;
use slipway_composition::{
    ComponentId, EnvironmentId, IntegrationId, PromotionId, ReleaseBundleId,
};
use slipway_domain::release::ReleaseStatus;
use slipway_domain::token::Token;
use slipway_domain::upload::UploadStatus;
use slipway_domain::{
    Code, Error, ReleaseId, Result, SnapshotId, TokenId, TrustRuleId, UploadId, WebhookId,
};

use crate::schema;
use crate::store::{Reader, Stored};

impl Reader {
    /// Refuses to replay a response whose entity at `location`, the path in its `Location`, is no
    /// longer as the response says at `now`: a draft may be deleted since, a release or token
    /// revoked, an upload or token expired, a snapshot cleaned up, a trust rule deleted or expired,
    /// a webhook, component, environment, integration or release bundle deleted, the promotion of a
    /// release bundle ended. Entities of other kinds stay.
    ///
    /// # Errors
    /// `stale_state`, with what has become of it.
    pub async fn refuse_stale_replay(&self, location: &str, now: Timestamp) -> Result<()> {
        let id = location.rsplit('/').next().unwrap_or_default();
        let end = if let Ok(id) = id.parse::<ReleaseId>() {
            self.end_of_release(&id).await?
        } else if let Ok(id) = id.parse::<UploadId>() {
            self.end_of_upload(&id, now).await?
        } else if let Ok(id) = id.parse::<TokenId>() {
            self.end_of_token(&id, now).await?
        } else if let Ok(id) = id.parse::<SnapshotId>() {
            gone(self.get_snapshot(&id).await)?.is_none().then_some("was deleted")
        } else if let Ok(id) = id.parse::<TrustRuleId>() {
            let rule = self.find_trust_rule(&id).await?;
            let stands = rule.is_some_and(|rule| rule.value.is_valid_at(now));
            (!stands).then_some("was deleted or has expired")
        } else if let Ok(id) = id.parse::<WebhookId>() {
            self.find_webhook(&id).await?.is_none().then_some("was deleted")
        } else if let Some(id) = id_below::<EnvironmentId>("environments", location) {
            gone(self.get_environment(&id).await)?.is_none().then_some("was deleted")
        } else if let Some(id) = id_below::<IntegrationId>("integrations", location) {
            gone(self.get_integration(&id).await)?.is_none().then_some("was deleted")
        } else if let Some(id) = component_of(location) {
            self.find_component(&id).await?.is_none().then_some("was deleted")
        } else if let Some(id) = id_below::<PromotionId>("promotions", location) {
            let promotion = gone(self.load_promotion(&id).await)?;
            let is_open = promotion.is_some_and(|it| it.value.promotion.status.is_open());
            (!is_open).then_some("has ended")
        } else if let Some(id) = id_below::<ReleaseBundleId>("releases", location) {
            gone(self.get_bundle(&id).await)?.is_none().then_some("was deleted")
        } else {
            None
        };
        end.map_or(Ok(()), |end| Err(stale(location, end)))
    }

    async fn end_of_release(&self, id: &ReleaseId) -> Result<Option<&'static str>> {
        Ok(match gone(self.get_release(id).await)? {
            None => Some("was deleted"),
            Some(release) if release.status == ReleaseStatus::Revoked => Some("was revoked"),
            Some(_) => None,
        })
    }

    async fn end_of_upload(&self, id: &UploadId, now: Timestamp) -> Result<Option<&'static str>> {
        let upload = gone(self.get_upload(id).await)?;
        Ok(match upload.map(|stored| stored.value.status_at(now)) {
            None | Some(UploadStatus::Expired) => Some("has expired"),
            Some(UploadStatus::Aborted) => Some("was aborted"),
            Some(UploadStatus::Failed) => Some("has failed"),
            Some(UploadStatus::Pending | UploadStatus::Verifying | UploadStatus::Available) => None,
        })
    }

    async fn end_of_token(&self, id: &TokenId, now: Timestamp) -> Result<Option<&'static str>> {
        let Some(digest) = self.token_digest(id).await? else { return Ok(Some("was deleted")) };
        let token: Option<Stored<Token>> = self.table.get(&schema::token(&digest)).await?;
        Ok(match token {
            Some(token) if token.value.is_valid_at(now) => None,
            Some(token) if token.value.revoked_at.is_none() => Some("has expired"),
            _ => Some("was revoked"),
        })
    }
}

/// The component that `location` names, or of which it lists the version maps.
fn component_of(location: &str) -> Option<ComponentId> {
    let listed = || location.split_once("?componentId=")?.1.parse().ok();
    id_below("components", location).or_else(listed)
}

/// The id at `location`, if that is one of the `collection` of `/api/v1`, whose ids all look alike.
fn id_below<T: FromStr>(collection: &str, location: &str) -> Option<T> {
    let rest = location.strip_prefix("/api/v1/")?.strip_prefix(collection)?;
    rest.strip_prefix('/')?.parse().ok()
}

/// The entity, or `None` where there is none.
fn gone<T>(found: Result<T>) -> Result<Option<T>> {
    match found {
        Ok(entity) => Ok(Some(entity)),
        Err(error) if error.code() == Code::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn stale(location: &str, end: &str) -> Error {
    let message = format!(
        "the first request with this key made {location}, which {end} since; use a new key for a new request"
    );
    Error::new(Code::StaleState, message)
        .at("Idempotency-Key")
        .with(serde_json::json!({ "location": location }))
}
