//! The levels of policies: what each is called, and where its operations are.

use slipway_domain::TenantId;
use slipway_domain::policy::PolicyLevel;
use slipway_domain::product::ProductRef;
use slipway_edge::input::Input;
use slipway_edge::{Path, Route, Scope, delete, get, put};

/// A level of policies.
pub trait Level: Send + Sync + 'static {
    /// What has the policy, as the documentation calls it: `a product`.
    const OWNER: &'static str;
    /// What the documentation says of a `channel`.
    const CHANNEL_RULE: &'static str;
    /// Where the policy is read.
    const GET: Route;
    /// Where it is set.
    const PUT: Route;
    /// Where it is deleted.
    const DELETE: Route;
    /// The parameters of these paths.
    type Ids: Input;

    /// The level that a request is about.
    fn of(ids: Self::Ids) -> PolicyLevel<ProductRef>;
}

/// Of a level that has no product.
const ANY_CHANNEL: &str = "A `channel` is taken as it is: where a product does not have it, or \
                           nothing is live there, it counts as left out.";
/// Of a level that has a product.
const CHANNEL_OF_PRODUCT: &str =
    "`unknown_channel` (422) for a channel that the product does not have.";

/// The whole deployment.
pub struct Global;

impl Level for Global {
    const OWNER: &'static str = "the deployment";
    const CHANNEL_RULE: &'static str = ANY_CHANNEL;
    const GET: Route = get("policy-get", "/v1/policy").scope(Scope::AdminRead);
    const PUT: Route = put("policy-put", "/v1/policy").scope(Scope::AdminWrite).conditional();
    const DELETE: Route =
        delete("policy-delete", "/v1/policy").scope(Scope::AdminWrite).conditional();
    type Ids = ();

    fn of((): ()) -> PolicyLevel<ProductRef> {
        PolicyLevel { tenant_id: None, product_id: None }
    }
}

/// A product, on the clients of everybody.
pub struct Product;

impl Product {
    const PATH: &str = "/v1/products/{product_id}/policy";
}

impl Level for Product {
    const OWNER: &'static str = "a product";
    const CHANNEL_RULE: &'static str = CHANNEL_OF_PRODUCT;
    const GET: Route = get("product-policy-get", Self::PATH).scope(Scope::AdminRead);
    const PUT: Route = put("product-policy-put", Self::PATH).scope(Scope::AdminWrite).conditional();
    const DELETE: Route =
        delete("product-policy-delete", Self::PATH).scope(Scope::AdminWrite).conditional();
    type Ids = Path<ProductRef>;

    fn of(Path(product): Self::Ids) -> PolicyLevel<ProductRef> {
        PolicyLevel { tenant_id: None, product_id: Some(product) }
    }
}

/// A tenant, with all its products.
pub struct Tenant;

impl Tenant {
    const PATH: &str = "/v1/tenants/{tenant_id}/policy";
}

impl Level for Tenant {
    const OWNER: &'static str = "a tenant";
    const CHANNEL_RULE: &'static str = ANY_CHANNEL;
    const GET: Route = get("tenant-policy-get", Self::PATH).scope(Scope::AdminRead);
    const PUT: Route = put("tenant-policy-put", Self::PATH).scope(Scope::AdminWrite).conditional();
    const DELETE: Route =
        delete("tenant-policy-delete", Self::PATH).scope(Scope::AdminWrite).conditional();
    type Ids = Path<TenantId>;

    fn of(Path(tenant): Self::Ids) -> PolicyLevel<ProductRef> {
        PolicyLevel { tenant_id: Some(tenant), product_id: None }
    }
}

/// A product at a tenant.
pub struct TenantProduct;

impl TenantProduct {
    const PATH: &str = "/v1/tenants/{tenant_id}/policies/{product_id}";
}

impl Level for TenantProduct {
    const OWNER: &'static str = "a product at a tenant";
    const CHANNEL_RULE: &'static str = CHANNEL_OF_PRODUCT;
    const GET: Route = get("tenant-product-policy-get", Self::PATH).scope(Scope::AdminRead);
    const PUT: Route =
        put("tenant-product-policy-put", Self::PATH).scope(Scope::AdminWrite).conditional();
    const DELETE: Route =
        delete("tenant-product-policy-delete", Self::PATH).scope(Scope::AdminWrite).conditional();
    type Ids = Path<(TenantId, ProductRef)>;

    fn of(Path((tenant, product)): Self::Ids) -> PolicyLevel<ProductRef> {
        PolicyLevel { tenant_id: Some(tenant), product_id: Some(product) }
    }
}
