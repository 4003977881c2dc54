//! Products and their slugs.

use slipway_domain::approval::GatedChange;
use slipway_domain::audit::EventType;
use slipway_domain::page::Page;
use slipway_domain::product::{ChannelFollows, NamedProduct, Product, ProductPatch, ProductRef};
use slipway_domain::text::Name;
use slipway_domain::{Channel, Code, Error, ProductId, Result};

use crate::approvals::{SignOff, SignOffContext, SignOffTerms};
use crate::audit::AuditContext;
use crate::audited;
use crate::authorization::{Protected, Resource};
use crate::channel_follows::{announce_follows, put_or_delete_follows};
use crate::channel_heads::SeenHead;
use crate::release_creation::InitialStatus;
use crate::schema::{self, EntityKind, Index, Key};
use crate::store::{KeyQuery, Reader, Row, StartKey, Stored, Writer};

/// How many products are read at once to find one by its name.
const NAMED_AT_ONCE: usize = 100;

impl Reader {
    /// The product with this id or slug, if the principal may know of it.
    ///
    /// # Errors
    /// `not_found`, in the very words for a product that does not exist.
    pub(crate) async fn load_product(&self, name: &ProductRef) -> Result<Stored<Product>> {
        let product = match self.find_product_id(name).await? {
            Some(id) => self.find(&schema::product(&id)).await?,
            None => None,
        };
        product.ok_or_else(|| Error::not_found("product", name))
    }

    /// The id of the product with this id or slug; `None` for a slug that no product has. A slug
    /// leads to the same product for ever.
    async fn find_product_id(&self, name: &ProductRef) -> Result<Option<ProductId>> {
        Ok(match name {
            ProductRef::Id(id) => Some(id.clone()),
            ProductRef::Slug(slug) => self
                .table
                .get(&schema::slug(slug.as_str()))
                .await?
                .map(|pointer: Stored<ProductId>| pointer.value),
        })
    }

    /// The product with this id or slug, if the principal may know of it.
    ///
    /// # Errors
    /// `not_found`, in the very words for a product that does not exist.
    pub async fn get_product(&self, name: &ProductRef) -> Result<Product> {
        Ok(self.load_product(name).await?.value)
    }

    /// The product with this id, slug or name, if the principal may release on `channel` of it, and
    /// the head of that channel, where a release is to go live. The head is read first: what raises
    /// the sign-off of a channel writes its head, so that whoever writes that at the revision which
    /// was read here is held to the sign-off which was read here.
    ///
    /// # Errors
    /// `not_found`, `forbidden` for a credential that is bound to other channels, or
    /// `invalid_field` for a name that several products have.
    pub(crate) async fn load_product_to_release(
        &self,
        name: &NamedProduct,
        channel: &Channel,
        status: InitialStatus,
    ) -> Result<(Stored<Product>, Option<SeenHead>)> {
        let id = self.find_named_product_id(name).await?;
        let head = match status {
            InitialStatus::Live => Some(self.load_head(&id, channel).await?),
            InitialStatus::Draft => None,
        };
        let product: Option<Stored<Product>> = self.find(&schema::product(&id)).await?;
        let product = product.ok_or_else(|| Error::not_found("product", name))?;
        self.authorize_change(Resource::Channel(&id, channel))?;
        Ok((product, head))
    }

    /// The id of the product with this id, slug or name. A slug comes before a name of the same
    /// letters.
    ///
    /// # Errors
    /// `not_found`, or `invalid_field` for a name that several products have.
    async fn find_named_product_id(&self, product: &NamedProduct) -> Result<ProductId> {
        let named = match product {
            NamedProduct::Ref(product) => {
                let id = self.find_product_id(product).await?;
                return id.ok_or_else(|| Error::not_found("product", product));
            }
            NamedProduct::Name(name) => self.get_product_of_name(name).await?,
            NamedProduct::SlugOrName(slug, name) => {
                match self.get_product(&ProductRef::Slug(slug.clone())).await {
                    Err(error) if error.code() == Code::NotFound => {
                        self.get_product_of_name(name).await?
                    }
                    found => found?,
                }
            }
        };
        Ok(named.product_id)
    }

    /// The one product with this display name, of those that the principal may know of. No index
    /// has names: products are few, and all of them are read.
    async fn get_product_of_name(&self, name: &Name) -> Result<Product> {
        let (mut found, mut start) = (Vec::new(), None);
        loop {
            let page = self.list_products(NAMED_AT_ONCE, start).await?;
            found.extend(page.items.into_iter().filter(|product| product.name == *name));
            start = page.next;
            if found.len() > 1 {
                let message = format!("several products are called {name}; name one by its id");
                return Err(Error::invalid("product", message));
            }
            if start.is_none() {
                return found.pop().ok_or_else(|| Error::not_found("product", name));
            }
        }
    }

    /// A page of the products that the principal may know of: those that it is bound to, by id, or
    /// all, newest first.
    pub async fn list_products(
        &self,
        limit: usize,
        start: Option<StartKey>,
    ) -> Result<Page<Product, StartKey>> {
        if let Some(products) = self.principal.products() {
            let keys: Vec<Key> = products.iter().map(schema::product).collect();
            return self.list_at(&keys, limit, start).await;
        }
        let listing =
            KeyQuery::of_index(Index::ByKind, schema::kind_partition(EntityKind::Product));
        self.list(&[listing], limit, start, |_| true).await
    }
}

impl Writer {
    /// Stores a new product, and with it the claim to its slug.
    ///
    /// # Errors
    /// `product_exists` for an id or slug that is taken.
    pub async fn create_product(&self, product: &Product, audit: &AuditContext) -> Result<()> {
        self.authorize_change(product.resource())?;
        let id = product.product_id.as_str();
        self.table
            .transact(|mut tx| async move {
                tx.create(product_row(product)?)?.or(taken("product_id", id));
                if let Some(slug) = product.slug.as_ref().map(|slug| slug.as_str()) {
                    let pointer = Row::new(schema::slug(slug), &product.product_id)?;
                    tx.create(pointer)?.or(taken("slug", slug));
                }
                put_or_delete_follows(&mut tx, &ChannelFollows::default(), product)?;
                audit.record(&mut tx, EventType::ProductCreated, audited::created(product)?)?;
                Ok(tx.returning(()))
            })
            .await
    }

    /// Changes a product, once others have approved where that weakens a sign-off, and closes the
    /// channels that it has no longer. What changes nothing is not written. `check` judges the
    /// product as it stands before the change.
    ///
    /// # Errors
    /// `not_found`, or what `check` or the patch is refused with.
    pub async fn update_product(
        &self,
        name: &ProductRef,
        patch: &ProductPatch,
        check: impl Fn(&Product) -> Result<()>,
        (audit, sign_off): (&AuditContext, &SignOffContext),
    ) -> Result<SignOff<Product>> {
        let check = &check;
        self.table
            .transact(|mut tx| async move {
                let Stored { value, rev } = self.to_change(self.load_product(name).await?)?;
                check(&value)?;
                let Some(product) = value.patched(audit.now, patch.clone())? else {
                    return Ok(tx.returning(SignOff::Made(value)));
                };
                if let Some((channel, required)) = value.weakened_sign_off(&product) {
                    let change = GatedChange::of_product(channel, &product)?;
                    let terms = SignOffTerms { required, revision: None, context: sign_off };
                    let waits = self.require_sign_off(&mut tx, change, terms).await?;
                    if let Some(approval) = waits {
                        return Ok(tx.returning(SignOff::Waits(approval.into())));
                    }
                }
                tx.replace(product_row(&product)?, rev)?;
                self.change_channels(&mut tx, &value, &product).await?;
                put_or_delete_follows(&mut tx, &value.channel_follows, &product)?;
                announce_follows(&mut tx, audit, &value.channel_follows, &product)?;
                let subject = audited::updated(&value, &product)?;
                audit.record(&mut tx, EventType::ProductUpdated, subject)?;
                Ok(tx.returning(SignOff::Made(product)))
            })
            .await
    }
}

/// The row of a product.
pub(crate) fn product_row(product: &Product) -> Result<Row> {
    Ok(Row::new(schema::product(&product.product_id), product)?.indexed(by_kind(product)))
}

/// Position of a product among all products.
pub(crate) fn by_kind(product: &Product) -> (Index, Key) {
    schema::by_kind(EntityKind::Product, product.created_at, product.product_id.as_str())
}

fn taken(field: &str, value: &str) -> Error {
    Error::new(Code::ProductExists, format!("another product has the {field} `{value}`")).at(field)
}
