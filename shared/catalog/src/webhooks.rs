//! Webhooks.

use slipway_domain::audit::EventType;
use slipway_domain::page::Page;
use slipway_domain::product::Product;
use slipway_domain::webhook::{NewWebhook, Webhook, WebhookDelivery};
use slipway_domain::{Code, Error, Result, WebhookId};

use crate::audit::AuditContext;
use crate::audited;
use crate::authorization::Protected;
use crate::schema;
use crate::store::{KeyQuery, Reader, Row, StartKey, Stored, Writer};

/// How many webhooks a deployment has at the most: each event is compared with all of them.
const MAX_WEBHOOKS: usize = 100;

impl Reader {
    /// The webhook with this id.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get_webhook(&self, id: &WebhookId) -> Result<Webhook> {
        Ok(self.load_webhook(id).await?.value)
    }

    /// The webhook with this id, if there is one.
    pub async fn find_webhook(&self, id: &WebhookId) -> Result<Option<Webhook>> {
        Ok(self.find(&schema::webhook(id)).await?.map(|stored| stored.value))
    }

    async fn load_webhook(&self, id: &WebhookId) -> Result<Stored<Webhook>> {
        self.find(&schema::webhook(id)).await?.ok_or_else(|| Error::not_found("webhook", id))
    }

    /// A page of all webhooks, newest first.
    pub async fn list_webhooks(
        &self,
        limit: usize,
        start: Option<StartKey>,
    ) -> Result<Page<Webhook, StartKey>> {
        let listing = KeyQuery::of_partition(schema::webhooks());
        self.list(&[listing], limit, start, |_| true).await
    }

    /// All webhooks to which messages are sent.
    pub async fn active_webhooks(&self) -> Result<Vec<Webhook>> {
        let mut webhooks = self.all_webhooks().await?;
        webhooks.retain(|webhook| webhook.is_active() && self.can_see(webhook.resource()));
        Ok(webhooks)
    }

    async fn all_webhooks(&self) -> Result<Vec<Webhook>> {
        let mut webhooks = Vec::new();
        let listing = KeyQuery::of_partition(schema::webhooks());
        self.table.each_page(&listing, |page| webhooks.extend(page)).await?;
        Ok(webhooks)
    }

    /// A page of what came of the events for a webhook, newest event first.
    ///
    /// # Errors
    /// `not_found` for the webhook.
    pub async fn list_webhook_deliveries(
        &self,
        id: &WebhookId,
        limit: usize,
        start: Option<StartKey>,
    ) -> Result<Page<WebhookDelivery, StartKey>> {
        self.get_webhook(id).await?;
        let listing = KeyQuery::of_partition(schema::webhook_deliveries(id));
        self.list(&[listing], limit, start, |_| true).await
    }

    /// Makes sure that the product of `new` exists, and that there is room for one webhook more. Of
    /// two that take the last place at once both may get one.
    ///
    /// # Errors
    /// `unknown_product`; `limit_reached` where there are a hundred.
    pub async fn require_room_for_webhook(&self, new: &NewWebhook) -> Result<()> {
        if let Some(id) = &new.product_id {
            let product: Option<Stored<Product>> = self.find(&schema::product(id)).await?;
            product.ok_or_else(|| {
                let message = format!("there is no product {id}");
                Error::new(Code::UnknownProduct, message).at("product_id")
            })?;
        }
        if self.all_webhooks().await?.len() < MAX_WEBHOOKS {
            return Ok(());
        }
        let message = format!(
            "the deployment has {MAX_WEBHOOKS} webhooks, which is the most; delete one first"
        );
        Err(Error::new(Code::LimitReached, message))
    }
}

impl Writer {
    /// Stores a new webhook.
    pub async fn create_webhook(&self, webhook: &Webhook, audit: &AuditContext) -> Result<()> {
        self.authorize_change(webhook.resource())?;
        let id = &webhook.webhook_id;
        self.table
            .transact(|mut tx| async move {
                tx.create(row(webhook)?)?.or(Error::internal(format!("{id} is taken")));
                audit.record(&mut tx, EventType::WebhookCreated, audited::created(webhook)?)?;
                Ok(tx.returning(()))
            })
            .await
    }

    /// Deletes a webhook. What waits for it is not sent.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn delete_webhook(&self, id: &WebhookId, audit: &AuditContext) -> Result<()> {
        self.table
            .transact(|mut tx| async move {
                let Stored { value, rev } = self.to_change(self.load_webhook(id).await?)?;
                tx.delete_if_unchanged(&schema::webhook(id), rev)?;
                audit.record(&mut tx, EventType::WebhookDeleted, audited::deleted(&value)?)?;
                Ok(tx.returning(()))
            })
            .await
    }

    /// Disables a webhook because of `reason`. Nothing happens where it is disabled or deleted
    /// already.
    pub async fn disable_webhook(
        &self,
        id: &WebhookId,
        reason: &str,
        audit: &AuditContext,
    ) -> Result<()> {
        self.table
            .transact(|mut tx| async move {
                let stored: Option<Stored<Webhook>> = self.find(&schema::webhook(id)).await?;
                let Some(stored) = stored else { return Ok(tx.returning(())) };
                let Stored { value, rev } = self.to_change(stored)?;
                if let Some(disabled) = value.disabled(reason, audit.now) {
                    tx.replace(row(&disabled)?, rev)?;
                    let subject = audited::updated(&value, &disabled)?;
                    audit.record(&mut tx, EventType::WebhookDisabled, subject)?;
                }
                Ok(tx.returning(()))
            })
            .await
    }
}

fn row(webhook: &Webhook) -> Result<Row> {
    Row::new(schema::webhook(&webhook.webhook_id), webhook)
}
