//! What a pattern stands for, for all patterns and values; and which rules are none.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::Code;

/// A model that is too simple to be wrong, and too slow to be used.
fn stands_for(pattern: &[u8], value: &[u8]) -> bool {
    match pattern {
        [] => value.is_empty(),
        [b'*', b'*', rest @ ..] => (0..=value.len()).any(|at| stands_for(rest, &value[at..])),
        [b'*', rest @ ..] => (0..=value.len())
            .take_while(|at| !value[..*at].iter().any(|byte| matches!(byte, b'/' | b':')))
            .any(|at| stands_for(rest, &value[at..])),
        [byte, rest @ ..] => value.first() == Some(byte) && stands_for(rest, &value[1..]),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_pattern_stands_for_what_the_model_says(pattern in "[ab/:*é]{1,8}", value in "[ab/:é]{0,10}") {
        if let Ok(pattern) = pattern.parse::<ClaimPattern>() {
            let expected = stands_for(pattern.as_str().as_bytes(), value.as_bytes());
            prop_assert_eq!(pattern.matches(&value), expected, "{} {}", pattern, value);
        }
    }

    #[test]
    fn an_exact_pattern_stands_for_itself_alone(text in "[^*\\p{C}]{1,40}", other in "\\PC{0,40}") {
        let pattern: ClaimPattern = text.parse().unwrap();
        prop_assert!(pattern.is_exact() && pattern.matches(&text));
        prop_assert_eq!(pattern.matches(&other), other == text);
    }

    #[test]
    fn a_rule_that_is_taken_is_for_one_owner(
        owner in "[a-z]{1,6}", other in "[a-z]{1,6}", rest in "[a-z*]{1,2}(/[a-z*]{1,2})?", name in "[a-z/]{0,12}",
    ) {
        prop_assume!(owner != other);
        let conditions = conditions(&json!({ "repository": format!("{owner}/{rest}") }));
        if let Ok(conditions) = conditions && conditions::check(&conditions).is_ok() {
            let claim = |_: &str| Some(format!("{other}/{name}"));
            prop_assert!(conditions::require(&conditions, claim).is_err());
        }
    }
}

fn conditions(value: &Value) -> Result<Conditions, serde_json::Error> {
    serde_json::from_value(value.clone())
}

#[test]
fn a_star_crosses_neither_a_slash_nor_a_colon_and_nothing_is_around_a_pattern() {
    let judged =
        |pattern: &str, value: &str| pattern.parse::<ClaimPattern>().unwrap().matches(value);
    let main = "repo:acme/app:ref:refs/heads/main";
    assert!(judged(main, main));
    for (pattern, value) in [
        ("refs/tags/v*", "refs/tags/v1.0.0"),
        ("refs/heads/release/**", "refs/heads/release/1/2"),
        ("repo:acme/app:**", main),
        ("repo:acme/*:ref:refs/heads/main", main),
        ("acme/*", "acme/"),
    ] {
        assert!(judged(pattern, value), "{pattern} {value}");
    }
    for (pattern, value) in [
        (main, "repo:acme/app-evil:ref:refs/heads/main"),
        (main, "repo:acme/app:ref:refs/heads/main\n"),
        (main, "repo:acme/app:ref:refs/heads/main\u{0}"),
        (main, "REPO:acme/app:ref:refs/heads/main"),
        (main, "repo:acme%2Fapp:ref:refs/heads/main"),
        (main, "repo:аcme/app:ref:refs/heads/main"),
        (main, "xrepo:acme/app:ref:refs/heads/main"),
        ("repo:acme/app*", main),
        ("repo:acme/*", main),
        ("repo:acme/app:**", "repo:acme/app-evil:ref:refs/heads/main"),
        ("acme/*", "acme/app/evil"),
        ("acme/*", "acme/a:b"),
        ("acme/*", "acme/a\nb"),
        ("acme/**", &format!("acme/{}", "x".repeat(1020))),
        ("refs/tags/v?", "refs/tags/v1"),
        ("refs/tags/[a-z]", "refs/tags/v"),
    ] {
        assert!(!judged(pattern, value), "{pattern} {value}");
    }
    for wrong in ["", "a\nb", "a***", &"x".repeat(513), &"*a".repeat(9)] {
        assert!(wrong.parse::<ClaimPattern>().is_err(), "{wrong}");
    }
}

fn new_rule(others: &Value) -> Value {
    let mut rule = json!({
        "name": "ci", "issuer": "https://a.example", "audience": "slipway",
        "conditions": { "repository": "acme/app" }, "scopes": ["ci:write"],
    });
    for (name, value) in others.as_object().unwrap() {
        rule[name] = value.clone();
    }
    rule
}

fn created(others: &Value, creator: &Principal) -> Result<TrustRule> {
    let new: NewTrustRule = serde_json::from_value(new_rule(others)).unwrap();
    new.create(Timestamp::UNIX_EPOCH, "trust_1".parse().unwrap(), creator)
}

#[test]
fn a_rule_names_a_repository_or_project_of_one_owner() {
    let judged =
        |conditions: Value| created(&json!({ "conditions": conditions }), &Principal::bootstrap());
    for right in [
        json!({ "repository": "acme/*" }),
        json!({ "repository_id": "74" }),
        json!({ "project_path": "acme/**" }),
        json!({ "project_id": "22", "ref": "*" }),
        json!({ "sub": "repo:acme/app:**" }),
        json!({ "sub": "project_path:acme/app:ref_type:branch:ref:*" }),
    ] {
        judged(right).unwrap();
    }
    for wrong in [
        json!({}),
        json!({ "ref": "refs/heads/main" }),
        json!({ "repository_owner": "acme" }),
        json!({ "repository": "acme" }),
        json!({ "repository": "*/app" }),
        json!({ "repository": "acme*/app" }),
        json!({ "repository": "**" }),
        json!({ "repository": "/app" }),
        json!({ "repository": "acme/" }),
        json!({ "repository_id": "7*" }),
        json!({ "project_id": "*" }),
        json!({ "sub": "acme/app" }),
        json!({ "sub": "repo:*/app:**" }),
        json!({ "sub": "repo:**" }),
        json!({ "sub": "**repo:acme/app" }),
        json!({ "sub": "project_path:*/app" }),
        json!({ "workflow_ref": "acme/app/.github/workflows/x.yml@refs/heads/main" }),
    ] {
        let refused = judged(wrong.clone()).unwrap_err();
        assert_eq!(
            (refused.code(), refused.field()),
            (Code::InvalidField, Some("conditions")),
            "{wrong}"
        );
    }
    let refused = judged(json!({ "repository": "acme/app", "aud": "x" })).unwrap_err();
    assert_eq!(refused.field(), Some("conditions.aud"));
    let many: BTreeMap<_, _> =
        (0..17).map(|number| (format!("repository{number}"), "a/b")).collect();
    assert!(judged(json!(many)).is_err());
}

/// The subjects that owners of other repositories and projects can give their jobs, where they choose
/// what `sub` is made of, and call their environments, workflows and branches as they like.
const FOREIGN_SUBJECTS: [&str; 14] = [
    "environment:repo%3Aacme/app%3Aref%3Arefs/heads/main",
    "environment:repo:acme/app:ref:refs/heads/main",
    "environment:acme/app",
    "ref:refs/heads/repo:acme/app",
    "workflow:repo:acme/app:ref:refs/heads/main",
    "actor:acme:repo:evil/app:ref:refs/heads/main",
    "repository_owner:evil:repo:evil/app:environment:production",
    "repository:acme/app",
    "repo:evil/app:environment:repo:acme/app",
    "repo:evil/acme:app:ref:refs/heads/main",
    "repo:acme-evil/app:ref:refs/heads/main",
    "repo:acme@evil/app:ref:refs/heads/main",
    "project_path:evil/acme/app:ref_type:branch:ref:main",
    "repo:acme:app/x:ref:refs/heads/main",
];

#[test]
fn no_subject_that_others_can_choose_fulfils_a_condition_on_sub() {
    for pattern in [
        "repo:acme/app:ref:refs/heads/main",
        "repo:acme/app:**",
        "repo:acme/*:environment:*",
        "repo:acme/**",
        "repo:acme/**:environment:production",
        "repo:acme@1/app@2:**",
        "project_path:acme/**",
    ] {
        let conditions = conditions(&json!({ "sub": pattern })).unwrap();
        conditions::check(&conditions).unwrap();
        for subject in FOREIGN_SUBJECTS {
            let claim = |_: &str| Some(subject.to_owned());
            assert!(conditions::require(&conditions, claim).is_err(), "{pattern}: {subject}");
        }
    }
    // What could be fooled is no rule.
    for pattern in [
        "environment:acme/app",
        "environment:**",
        "ref:refs/heads/main",
        "workflow:release",
        "repository_owner:acme:**",
        "repository:acme/app",
        "*:acme/app:**",
        "repo:**/app:**",
        "repo*:acme/app",
        "repo:acme",
    ] {
        let conditions = conditions(&json!({ "sub": pattern })).unwrap();
        assert!(conditions::check(&conditions).is_err(), "{pattern}");
    }
}

#[test]
fn a_rule_gives_no_more_than_its_creator_has_and_governs_nothing() {
    let judged = |others: Value, creator: &Principal| {
        created(&others, creator).map_err(|error| (error.code(), error.field().map(str::to_owned)))
    };
    let field = |code, field: &str| Err((code, Some(field.to_owned())));
    let all = Principal::bootstrap();
    for scope in ["admin:read", "admin:write", "audit:read"] {
        let judged = judged(json!({ "scopes": [scope] }), &all);
        assert_eq!(judged, field(Code::InvalidField, "scopes"), "{scope}");
    }
    let customer = json!({ "tenant_id": "tenant_a", "scopes": ["ci:write"] });
    assert_eq!(judged(customer, &all), field(Code::InvalidField, "scopes"));
    for (seconds, is_right) in [(59, false), (60, true), (3600, true), (3601, false)] {
        let judged = judged(json!({ "lifetime_seconds": seconds }), &all);
        assert_eq!(judged.is_ok(), is_right, "{seconds}");
    }
    let holder = Principal::holder(
        serde_json::from_value(json!({
            "token_id": "tok_1", "name": "a", "scopes": ["admin:write", "releases:draft"],
            "tenant_id": null, "product_ids": null, "channels": null, "created_by": "bootstrap",
            "expires_at": "1970-01-01T01:00:00Z", "created_at": "1970-01-01T00:00:00Z", "revoked_at": null,
        }))
        .unwrap(),
        None,
    )
    .unwrap();
    assert_eq!(judged(json!({}), &holder), field(Code::Forbidden, "scopes"));
    let rule = judged(json!({ "scopes": ["releases:draft"] }), &holder).unwrap();
    assert_eq!(rule.expires_at, holder.credential().expires_at);
    let later = json!({ "scopes": ["releases:draft"], "expires_at": "1970-01-01T02:00:00Z" });
    assert_eq!(judged(later, &holder), field(Code::InvalidField, "expires_at"));
}

#[test]
fn tokens_of_one_subject_have_one_actor_and_end_with_the_rule() {
    let rule =
        created(&json!({ "expires_at": "1970-01-01T00:20:00Z" }), &Principal::bootstrap()).unwrap();
    let jwt = JwtUse::new("https://a.example", Some("1"), "", Timestamp::MAX);
    let workload = Workload::new(Some("repo:acme/app:ref:refs/heads/a b"), jwt.clone()).unwrap();
    let at = |minutes: i64| Timestamp::from_second(minutes * 60).unwrap();
    let [first, second] =
        [0, 10].map(|minutes| rule.token(at(minutes), "tok_1".parse().unwrap(), &workload));
    assert_eq!((first.expires_at, second.expires_at), (Some(at(15)), Some(at(20))));
    assert_eq!(first.created_by, "trust_1:repo:acme/app:ref:refs/heads/a%20b");
    assert_eq!(first.created_by, second.created_by);
    assert_eq!(first.trust_rule(), Some(rule.trust_rule_id));
    for subject in [None, Some(""), Some("a\nb"), Some(&*"x".repeat(901)), Some(&*"é".repeat(151))]
    {
        let refused = Workload::new(subject, jwt.clone()).unwrap_err();
        assert_eq!(refused.code(), Code::JwtMalformed);
    }
    for actor in ["bootstrap", "tok_1", "oidc:trust_1:a", "job:trust_1", "trust_1", "trust:a"] {
        assert_eq!(
            crate::token::Token { created_by: actor.to_owned(), ..first.clone() }.trust_rule(),
            None
        );
    }
}

#[test]
fn a_jwt_is_used_by_its_issuer_and_name() {
    let digest = |issuer, jti, signed| JwtUse::new(issuer, jti, signed, Timestamp::MAX).digest;
    let used = digest("https://a.example", Some("1"), "x.y");
    assert_eq!(used, digest("https://a.example", Some("1"), "x.z"));
    assert_ne!(used, digest("https://b.example", Some("1"), "x.y"));
    assert_ne!(used, digest("https://a.example", None, "1"));
}
