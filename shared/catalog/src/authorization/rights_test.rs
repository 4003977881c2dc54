//! What each kind of credential sees and changes.

use slipway_domain::tenant::Entitlement;
use slipway_domain::{Scope, Timestamp};

use super::*;

fn token(tenant: Option<&str>, product: Option<&str>, channel: Option<&str>) -> Token {
    Token {
        token_id: "tok_caller".parse().unwrap(),
        name: "caller".parse().unwrap(),
        scopes: Scope::ALL.into(),
        tenant_id: tenant.map(|id| id.parse().unwrap()),
        product_ids: product.map(|id| [id.parse().unwrap()].into()),
        channels: channel.map(|name| [name.parse().unwrap()].into()),
        expires_at: None,
        created_at: Timestamp::UNIX_EPOCH,
        created_by: "bootstrap".to_owned(),
        revoked_at: None,
    }
}

fn tenant(suspended: bool) -> Tenant {
    Tenant {
        tenant_id: "tenant_own".parse().unwrap(),
        name: "Own".parse().unwrap(),
        products: Entitlement::Only(["prod_own".parse().unwrap()].into()),
        suspended,
        created_at: Timestamp::UNIX_EPOCH,
        updated_at: Timestamp::UNIX_EPOCH,
    }
}

/// Whether `principal` sees each resource, and may change it: `s`, `c`, or `-`.
fn rights(principal: &Principal) -> Vec<(&'static str, String)> {
    let product = |id: &str| id.parse::<ProductId>().unwrap();
    let (own, other) = (product("prod_own"), product("prod_other"));
    let (stable, beta) = ("stable".parse().unwrap(), "beta".parse().unwrap());
    let tenant = |id: &str| id.parse::<TenantId>().unwrap();
    let (own_tenant, other_tenant) = (tenant("tenant_own"), tenant("tenant_other"));
    let (nothing, in_own) = (BTreeSet::new(), BTreeSet::from([own.clone()]));
    let (me, they) = ("tok_caller", "tok_other");
    [
        ("product", Resource::Product(&own)),
        ("other product", Resource::Product(&other)),
        ("stable", Resource::Channel(&own, &stable)),
        ("beta", Resource::Channel(&own, &beta)),
        ("stable of other product", Resource::Channel(&other, &stable)),
        ("live", Resource::Release { product: &own, channel: &beta, is_live: true }),
        ("draft", Resource::Release { product: &own, channel: &beta, is_live: false }),
        ("artifact of mine", Resource::Artifact { created_by: me, products: &nothing }),
        ("artifact in product", Resource::Artifact { created_by: they, products: &in_own }),
        ("other artifact", Resource::Artifact { created_by: they, products: &nothing }),
        ("upload of mine", Resource::Upload { created_by: me }),
        ("other upload", Resource::Upload { created_by: they }),
        ("tenant", Resource::Tenant(&own_tenant)),
        ("other tenant", Resource::Tenant(&other_tenant)),
        ("tenant's data", Resource::TenantData(&own_tenant)),
        ("other tenant's data", Resource::TenantData(&other_tenant)),
        ("deployment", Resource::Deployment),
    ]
    .map(|(name, resource)| {
        let letter = |is_allowed, letter| if is_allowed { letter } else { "-" };
        let sees = letter(resource.is_visible_to(principal), "s");
        let changes = letter(resource.authorize_change(principal).is_ok(), "c");
        (name, sees.to_owned() + changes)
    })
    .into()
}

#[track_caller]
fn has(principal: &Principal, expected: &[(&str, &str)]) {
    let rights = rights(principal);
    let allowed = rights.iter().map(|(name, rights)| (*name, rights.as_str()));
    assert_eq!(allowed.filter(|(_, rights)| *rights != "--").collect::<Vec<_>>(), expected);
}

#[test]
fn a_credential_that_is_bound_to_nothing_sees_and_changes_everything() {
    let unbound = Principal::holder(token(None, None, None), None).unwrap();
    for principal in [unbound, Principal::bootstrap(), Principal::job("x"), Principal::system()] {
        let sees = |(_, rights): &(&str, String)| rights.starts_with('s');
        assert!(rights(&principal).iter().all(sees), "{principal:?}");
        let changes =
            |(name, rights): &(&str, String)| rights.ends_with('c') || name.contains("artifact");
        assert!(rights(&principal).iter().all(changes), "{principal:?}");
    }
}

#[test]
fn a_binding_to_a_product_is_to_its_releases_and_to_what_one_has_brought() {
    let expected = [
        ("product", "s-"),
        ("stable", "sc"),
        ("beta", "sc"),
        ("live", "sc"),
        ("draft", "sc"),
        ("artifact of mine", "sc"),
        ("artifact in product", "s-"),
        ("upload of mine", "sc"),
    ];
    has(&Principal::holder(token(None, Some("prod_own"), None), None).unwrap(), &expected);
}

#[test]
fn a_binding_to_a_channel_is_about_changes() {
    let expected = [
        ("product", "s-"),
        ("other product", "s-"),
        ("stable", "s-"),
        ("beta", "sc"),
        ("stable of other product", "s-"),
        ("live", "sc"),
        ("draft", "sc"),
        ("artifact of mine", "sc"),
        ("artifact in product", "s-"),
        ("other artifact", "s-"),
        ("upload of mine", "sc"),
    ];
    has(&Principal::holder(token(None, None, Some("beta")), None).unwrap(), &expected);
}

#[test]
fn a_customer_sees_what_is_live_of_its_tenant_s_products_and_its_tenant_s_data() {
    let expected = [
        ("product", "s-"),
        ("stable", "sc"),
        ("beta", "sc"),
        ("live", "sc"),
        ("draft", "-c"),
        ("artifact of mine", "-c"),
        ("artifact in product", "s-"),
        ("upload of mine", "sc"),
        ("tenant", "s-"),
        ("tenant's data", "sc"),
    ];
    let bound = token(Some("tenant_own"), None, None);
    let customer = Principal::holder(bound.clone(), Some(&tenant(false))).unwrap();
    has(&customer, &expected);
    // It has no scope to change any of it with, but for its tenant's data.
    for scope in [Scope::CiWrite, Scope::ArtifactsWrite] {
        assert!(!customer.has_scope(scope), "{scope}");
    }
    let refused = Principal::holder(bound, Some(&tenant(true))).unwrap_err();
    assert_eq!(refused.code(), Code::Forbidden);
}

#[test]
fn a_policy_belongs_to_its_tenant_or_else_its_product_or_else_the_deployment() {
    let (product, tenant): (ProductId, TenantId) =
        ("prod_own".parse().unwrap(), "tenant_own".parse().unwrap());
    let of = |tenant: Option<&TenantId>, product: Option<&ProductId>| PolicyLevel {
        tenant_id: tenant.cloned(),
        product_id: product.cloned(),
    };
    for (level, resource) in [
        (of(None, None), Resource::Deployment),
        (of(None, Some(&product)), Resource::Product(&product)),
        (of(Some(&tenant), None), Resource::Tenant(&tenant)),
        (of(Some(&tenant), Some(&product)), Resource::Tenant(&tenant)),
    ] {
        assert_eq!(policy_of(&level), resource);
    }
}
