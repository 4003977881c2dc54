//! The law of who sees what: every GET of every row in every state by every kind of principal.
//!
//! A worker, whose token is bound to products, sees all of these. A customer, whose token is bound
//! to a tenant, sees what is live of what the tenant is entitled to, and the tenant's own data.

use slipway_edge::{Authorization, HttpMethod, Route, Scope};
use slipway_test_support::{
    EventDelivery, Options, SampleRequest, Value, World, json, release_path, text, upload_path,
};

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    /// Somebody whose token is bound to nothing.
    Unbound,
    /// A worker on one product.
    Worker(&'static str),
    /// A customer: the tenant, and the only product it is entitled to, or all.
    Customer(&'static str, Option<&'static str>),
}

/// What a row belongs to.
#[derive(Debug, Clone, Copy)]
enum Owner {
    /// A product itself.
    Product(&'static str),
    /// A release of a product, and whether it is live.
    Release(&'static str, bool),
    /// An artifact of a release of a product, and whether the release is live.
    Artifact(&'static str, bool),
    /// An artifact that no release has.
    Unreleased,
    /// Somebody else's upload.
    Upload,
    /// A snapshot or a mirror of a tenant.
    TenantData(&'static str),
    /// A tenant itself, for which it takes a scope that no bound token has.
    Tenant(&'static str),
}

/// A row: the prefix of its id, the id, and what it belongs to.
type Row = (&'static str, String, Owner);

impl Owner {
    /// Whose it is what an operation at `path` answers about the row: what is below a tenant is
    /// what the tenant has.
    fn at(self, path: &str) -> Self {
        match self {
            Self::Tenant(tenant) if path.contains(&format!("/{tenant}/")) => {
                Self::TenantData(tenant)
            }
            // What is known of a product's clients, and what a release was before, is the vendor's,
            // as what is not live.
            Self::Product(product)
                if path.ends_with("/adoption") || path.ends_with("/activity") =>
            {
                Self::Release(product, false)
            }
            Self::Release(product, _)
                if path.ends_with("/history") || path.ends_with("/health") =>
            {
                Self::Release(product, false)
            }
            owner => owner,
        }
    }
}

impl Kind {
    /// The law.
    fn sees(self, owner: Owner) -> bool {
        let may_have = |product: &str| match self {
            Self::Unbound => true,
            Self::Worker(own) => own == product,
            Self::Customer(_, entitled) => entitled.is_none_or(|entitled| entitled == product),
        };
        match owner {
            Owner::Product(product) => may_have(product),
            Owner::Release(product, is_live) => {
                may_have(product) && (is_live || !matches!(self, Self::Customer(..)))
            }
            Owner::Artifact(product, is_live) => {
                self == Self::Unbound || (is_live && may_have(product))
            }
            Owner::Unreleased | Owner::Upload | Owner::Tenant(_) => self == Self::Unbound,
            Owner::TenantData(tenant) => match self {
                Self::Unbound => true,
                Self::Worker(_) => false,
                Self::Customer(own, _) => own == tenant,
            },
        }
    }

    /// Whether the id may be told: that of an artifact stands in its release, that of a tenant in
    /// its snapshots.
    fn may_be_told(self, owner: Owner) -> bool {
        match owner {
            Owner::Artifact(product, is_live) => self.sees(Owner::Release(product, is_live)),
            Owner::Tenant(tenant) => self.sees(Owner::TenantData(tenant)),
            owner => self.sees(owner),
        }
    }

    /// Whether the token has a scope: it has every one that goes with its binding.
    fn has_scope(self, scope: Scope) -> bool {
        match self {
            Self::Unbound => true,
            Self::Worker(_) => !scope.is_deployment_wide(),
            Self::Customer(..) => !scope.is_deployment_wide() && !scope.is_for_vendors(),
        }
    }

    /// Whether the token may use an operation.
    fn may_use(self, route: Route) -> bool {
        match route.access {
            Authorization::Scope(scope) => self.has_scope(scope),
            Authorization::Public | Authorization::Optional | Authorization::Credential => true,
            Authorization::IntegrationWebhook => false,
        }
    }

    async fn secret(self, world: &World) -> String {
        let scopes: Vec<_> =
            Scope::ALL.into_iter().filter(|scope| self.has_scope(*scope)).collect();
        let binding = match self {
            Self::Unbound => json!({ "scopes": scopes }),
            Self::Worker(product) => json!({ "scopes": scopes, "product_ids": [product] }),
            Self::Customer(tenant, _) => json!({ "scopes": scopes, "tenant_id": tenant }),
        };
        world.secret(binding).await
    }
}

/// A product with a release in each state, and their artifacts.
async fn product(world: &World, product: &'static str, rows: &mut Vec<Row>) {
    let new = json!({ "product_id": product, "name": product, "artifact_access": "token" });
    world.post("/v1/products", new).await.expect(201);
    rows.push(("prod", product.to_owned(), Owner::Product(product)));
    let published = world.publish(product, "1.0.0", "stable").await;
    let revoked = world.publish(product, "2.0.0", "stable").await;
    world.revoke(&revoked).await;
    let artifact = world.external(99).await;
    let mut draft = World::release_of(product, "3.0.0", "stable", &artifact);
    draft["draft"] = json!(true);
    let draft = world.post("/v1/releases", draft).await.expect(201);
    assert_eq!(world.get(&release_path(&draft, "")).await.expect(200)["status"], "draft");
    for (release, is_live) in [(&published, true), (&revoked, false), (&draft, false)] {
        let id = text(release, "release_id").to_owned();
        rows.push(("rel", id, Owner::Release(product, is_live)));
        let artifact = text(&release["artifacts"][0], "artifact_id").to_owned();
        rows.push(("art", artifact, Owner::Artifact(product, is_live)));
    }
}

/// A tenant with a snapshot and a mirror.
async fn tenant(world: &World, tenant: &'static str, products: Value, rows: &mut Vec<Row>) {
    world.tenant(tenant, products).await;
    let snapshot = world.generate_snapshot(json!({ "tenant_id": tenant })).await;
    let mirror = json!({ "tenant_id": tenant, "name": "Berlin" });
    let mirror = world.post("/v1/mirrors", mirror).await.expect(201);
    rows.push(("tenant", tenant.to_owned(), Owner::Tenant(tenant)));
    let owner = Owner::TenantData(tenant);
    rows.push(("snapshot", text(&snapshot, "snapshot_id").to_owned(), owner));
    rows.push(("mir", text(&mirror, "id").to_owned(), owner));
}

/// A policy of every level of each product and tenant, and of those that sample requests name
/// beside the one that a row is about.
async fn policies(world: &World) {
    world.product("prod_xyz789").await;
    world.tenant("tenant_abc123", json!("*")).await;
    let put =
        async |path: &str| world.put(path, json!({ "mode": "NOTIFY_ONLY" })).await.expect(200);
    put("/v1/policy").await;
    let products = ["prod_a", "prod_b", "prod_xyz789"];
    for product in products {
        put(&format!("/v1/products/{product}/policy")).await;
    }
    for tenant in ["tenant_narrow", "tenant_everything", "tenant_abc123"] {
        put(&format!("/v1/tenants/{tenant}/policy")).await;
        for product in products {
            put(&format!("/v1/tenants/{tenant}/policies/{product}")).await;
        }
    }
}

async fn rows(world: &World) -> Vec<Row> {
    let mut rows = Vec::new();
    product(world, "prod_a", &mut rows).await;
    product(world, "prod_b", &mut rows).await;
    tenant(world, "tenant_narrow", json!(["prod_a"]), &mut rows).await;
    tenant(world, "tenant_everything", json!("*"), &mut rows).await;
    policies(world).await;
    rows.push(("art", world.external(100).await, Owner::Unreleased));
    let (open, aborted) =
        (world.initiate(1, &"ab".repeat(32)).await, world.initiate(1, &"cd".repeat(32)).await);
    world.delete(&upload_path(&aborted, "")).await.expect(204);
    for upload in [open, aborted] {
        rows.push(("upl", text(&upload, "upload_id").to_owned(), Owner::Upload));
    }
    rows
}

/// Each kind of credential.
const KINDS: [Kind; 4] = [
    Kind::Unbound,
    Kind::Worker("prod_a"),
    Kind::Customer("tenant_narrow", Some("prod_a")),
    Kind::Customer("tenant_everything", None),
];

async fn world_with_rows() -> (World, Vec<Row>) {
    let options = Options { events: EventDelivery::Disabled, ..Options::ephemeral() };
    let world = World::with(options).await;
    let rows = rows(&world).await;
    (world, rows)
}

#[tokio::test]
async fn every_get_shows_every_row_to_whom_the_law_says() {
    let (world, rows) = world_with_rows().await;
    let routes = slipway_registry::operations().into_iter().map(|operation| operation.route());
    let gets: Vec<_> = routes
        .filter(|route| route.verb == HttpMethod::Get && route.access != Authorization::Public)
        .collect();
    let mut answers = 0;
    for kind in KINDS {
        let secret = kind.secret(&world).await;
        let hidden: Vec<&str> = rows
            .iter()
            .filter(|(_, _, owner)| !kind.may_be_told(*owner))
            .map(|(_, id, _)| id.as_str())
            .collect();
        for route in &gets {
            let sample = SampleRequest::of(route.op);
            for (prefix, id, owner) in &rows {
                let request = sample.clone().with_ids(|one| (one == *prefix).then(|| id.clone()));
                if request.path == sample.path {
                    continue;
                }
                let answer = request.send(&world, &secret).await;
                let asked = format!("{kind:?}: {} {}: {}", route.op, request.path, answer.status);
                // A list that is filtered by what is hidden may be empty as well.
                let is_list = request.path.contains('?');
                let shows = kind.may_use(*route) && kind.sees(owner.at(&request.path));
                assert!(shows == (answer.status < 400) || is_list, "{asked}, {owner:?}");
                if answer.status < 400 {
                    let told = answer.body.to_string();
                    let told_hidden = hidden.iter().find(|id| told.contains(**id));
                    assert_eq!(told_hidden, None, "{asked}: {told}");
                    answers += 1;
                }
            }
        }
    }
    assert!(answers > 80, "{answers}");
    world.stack.stop().await;
}

#[tokio::test]
async fn every_list_shows_what_the_law_says_and_no_more() {
    let (world, rows) = world_with_rows().await;
    for kind in KINDS {
        let secret = kind.secret(&world).await;
        for (list, prefix) in [
            ("products", "prod"),
            ("channels", "prod"),
            ("releases", "rel"),
            ("artifacts", "art"),
            ("snapshots", "snapshot"),
            ("mirrors", "mir"),
            ("tenants", "tenant"),
        ] {
            let answer = world.get_as(&secret, &format!("/v1/{list}")).await;
            if answer.status == 403 {
                assert_ne!(kind, Kind::Unbound, "{list}");
                continue;
            }
            let told = answer.expect(200).to_string();
            for (_, id, owner) in rows.iter().filter(|(one, _, _)| *one == prefix) {
                let is_told = told.contains(&format!("\"{id}\""));
                assert_eq!(is_told, kind.sees(*owner), "{kind:?}: {list}: {id} {owner:?}");
            }
        }
    }
    world.stack.stop().await;
}
