//! What each role may do, for every operation that needs a scope. A role is a set of scopes.

use slipway_edge::{Authorization, Route, Scope};
use slipway_test_support::{Options, SampleRequest, TestClock, Value, World, json};

use crate::principals::get_operator::{claims, world as operators};

/// The scopes of the roles.
fn roles() -> [(&'static str, Vec<Scope>); 3] {
    let reads = Scope::ALL.into_iter().filter(|scope| scope.as_str().ends_with(":read"));
    let publisher = vec![
        Scope::CiWrite,
        Scope::ArtifactsWrite,
        Scope::ReleasesRead,
        Scope::SnapshotsWrite,
        Scope::MirrorsRead,
        Scope::BundlesRead,
        Scope::BundlesWrite,
    ];
    [
        ("platform_admin", Scope::ALL.into()),
        ("platform_support", reads.collect()),
        ("release_publisher", publisher),
    ]
}

fn guarded() -> impl Iterator<Item = (Route, Scope)> {
    let routes = slipway_registry::operations().into_iter().map(|operation| operation.route());
    routes.filter_map(|route| match route.access {
        Authorization::Scope(scope) => Some((route, scope)),
        Authorization::Public
        | Authorization::Optional
        | Authorization::Credential
        | Authorization::IntegrationWebhook => None,
    })
}

/// Sends every guarded operation with `secret`, which has a role's `scopes`.
async fn walk(world: &World, role: &str, scopes: &[Scope], secret: &str) {
    for (route, needed) in guarded() {
        let answer = SampleRequest::of(route.op).about_nothing().send(world, secret).await;
        let may = scopes.iter().any(|scope| scope.includes(needed));
        let told = format!("{role} {}: {} {:#}", route.op, answer.status, answer.body);
        if may {
            assert!(!matches!(answer.status, 401 | 403), "{told}");
        } else {
            assert_eq!(answer.status, 403, "{told}");
            assert_eq!(answer.body["error"]["details"]["scope"], needed.as_str(), "{told}");
        }
    }
}

#[tokio::test]
async fn a_role_may_use_the_operations_of_its_scopes_and_no_other() {
    let webhooks = slipway_edge::services::webhooks(vec!["*".to_owned()]);
    let world = World::with(Options { webhooks, ..Options::ephemeral() }).await;
    for (role, scopes) in roles() {
        let secret = world.secret(json!({ "scopes": scopes })).await;
        walk(&world, role, &scopes, &secret).await;
    }
}

#[tokio::test]
async fn an_operator_may_use_the_operations_of_its_roles_and_no_other() {
    let (world, issuer) = operators(&TestClock::default()).await;
    let token = |roles: Value| issuer.token("a", &claims(&issuer, &json!({ "roles": roles })));
    for (role, scopes) in roles() {
        walk(&world, role, &scopes, &token(json!([role]))).await;
    }
    let [_, (support, mut both), (publisher, more)] = roles();
    both.extend(more);
    walk(&world, "both", &both, &token(json!([support, publisher]))).await;
    for (route, _) in guarded() {
        let sample = SampleRequest::of(route.op).about_nothing();
        let answer = sample.send(&world, &token(json!(["somebody"]))).await;
        answer.refused(403, "forbidden", None);
    }
}

#[test]
fn whoever_supports_changes_nothing_and_whoever_publishes_governs_nothing() {
    let changes = |route: &Route| {
        !matches!(route.verb.as_str(), "GET")
            && route.op != "decision-explain"
            && route.op != "decision-simulate"
            && route.op != "mirror-report"
    };
    let [_, (_, support), (_, publisher)] = roles();
    for (route, needed) in guarded() {
        let may = |scopes: &[Scope]| scopes.iter().any(|scope| scope.includes(needed));
        assert!(!(may(&support) && changes(&route)), "{}", route.op);
        assert!(!(may(&publisher) && needed.is_deployment_wide()), "{}", route.op);
    }
}
