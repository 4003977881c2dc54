//! Products and their slugs.

use slipway_domain::audit::EventType;
use slipway_domain::page::Page;
use slipway_domain::product::{Product, ProductPatch, ProductRef};
use slipway_domain::{Code, Error, Principal, ProductId, Result};

use crate::audit::AuditContext;
use crate::retry::Retry;
use crate::row::{Row, Stored};
use crate::schema::{self, EntityKind, Index};
use crate::table::{KeyQuery, Reader, StartKey, Writer};
use crate::transaction::CommitOutcome;

impl Reader {
    /// The product with this id or slug.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn product(&self, name: &ProductRef) -> Result<Stored<Product>> {
        let id = match name {
            ProductRef::Id(id) => Some(id.clone()),
            ProductRef::Slug(slug) => self
                .table
                .get(&schema::slug(slug.as_str()))
                .await?
                .map(|pointer: Stored<ProductId>| pointer.value),
        };
        let product = match id {
            Some(id) => self.table.get(&schema::product(&id)).await?,
            None => None,
        };
        product.ok_or_else(|| Error::not_found("product", name))
    }

    /// The product with this id.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn product_by_id(&self, id: &ProductId) -> Result<Product> {
        Ok(self.product(&ProductRef::Id(id.clone())).await?.value)
    }

    /// The product with this id or slug, if `principal` may know of it.
    ///
    /// # Errors
    /// `not_found`, in the very words for a product that does not exist.
    pub async fn visible_product(
        &self,
        name: &ProductRef,
        principal: &Principal,
    ) -> Result<Product> {
        let product = self.product(name).await?.value;
        if principal.sees(&product.product_id) {
            Ok(product)
        } else {
            Err(Error::not_found("product", name))
        }
    }

    /// A page of the products that `principal` may know of, newest first.
    pub async fn products(
        &self,
        principal: &Principal,
        limit: usize,
        start: Option<StartKey>,
    ) -> Result<Page<Product, StartKey>> {
        let listing = KeyQuery::of_index(Index::ByKind, schema::all(EntityKind::Product));
        self.table
            .list(&listing, limit, start, |product: &Product| principal.sees(&product.product_id))
            .await
    }
}

impl Writer {
    /// Stores a new product, and with it the claim to its slug.
    ///
    /// # Errors
    /// `product_exists` for an id or slug that is taken.
    pub async fn create_product(&self, product: &Product, audit: &AuditContext) -> Result<()> {
        let mut retry = Retry::new();
        loop {
            let mut tx = self.table.transaction();
            let by_id = tx.create(row(product, 1)?)?;
            let by_slug = match &product.slug {
                Some(slug) => {
                    Some(tx.create(Row::first(schema::slug(slug.as_str()), &product.product_id)?)?)
                }
                None => None,
            };
            tx.set(audit.audit(EventType::ProductCreated, product.product_id.as_str())?)?;
            match tx.commit().await? {
                CommitOutcome::Done => return Ok(()),
                CommitOutcome::Cancelled(why) if why.refused(by_id) => {
                    return Err(taken("product_id", product.product_id.as_str()));
                }
                CommitOutcome::Cancelled(why) if by_slug.is_some_and(|slot| why.refused(slot)) => {
                    return Err(taken(
                        "slug",
                        product.slug.as_ref().map_or("", |slug| slug.as_str()),
                    ));
                }
                CommitOutcome::Cancelled(_) => retry.backoff().await?,
            }
        }
    }

    /// Changes a product. `check` judges the product as it stands before the change.
    ///
    /// # Errors
    /// `not_found`, or what `check` or the patch is refused with.
    pub async fn update_product(
        &self,
        name: &ProductRef,
        patch: &ProductPatch,
        check: impl Fn(&Product) -> Result<()>,
        audit: &AuditContext,
    ) -> Result<Product> {
        let mut retry = Retry::new();
        loop {
            let Stored { value, rev } = self.product(name).await?;
            check(&value)?;
            let product = value.patched(audit.now, patch.clone())?;
            let mut tx = self.table.transaction();
            tx.replace(row(&product, rev + 1)?, rev)?;
            tx.set(audit.audit(EventType::ProductUpdated, product.product_id.as_str())?)?;
            match tx.commit().await? {
                CommitOutcome::Done => return Ok(product),
                CommitOutcome::Cancelled(_) => retry.backoff().await?,
            }
        }
    }
}

fn row(product: &Product, rev: u64) -> Result<Row> {
    let id = &product.product_id;
    Ok(Row::at(schema::product(id), product, rev)?.listed(schema::listed(
        EntityKind::Product,
        product.created_at,
        id.as_str(),
    )))
}

fn taken(field: &str, value: &str) -> Error {
    Error::new(Code::ProductExists, format!("another product has the {field} `{value}`")).at(field)
}
