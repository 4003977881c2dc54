//! Each operation that changes something records one event, and each kind of event says what
//! `audit_events.json` has.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use slipway_catalog::AuditContext;
use slipway_domain::artifact::ArtifactCheck;
use slipway_domain::audit::EventType;
use slipway_domain::key::{KeyPurpose, SigningKey};
use slipway_edge::services::{Services, webhooks};
use slipway_edge::{HttpMethod, RegistryAccess};
use slipway_test_support::{
    AUDIENCE, EventDelivery, Method, Options, TestClock, TestIssuer, TestResponse, Value, World,
    file, finish_upload, json, perform, registration, release_path, rows_inserted, text,
    upload_path,
};

use super::found_by::{each_is_found_by_what_it_is_of, file_is_of};
use super::redaction::redacted;
use super::{event_types, events_by_request, log};
use crate::rows::Rows;

/// Operations that are no GET and change nothing that is audited: they answer, count, presign, or
/// hand on to a job.
const UNAUDITED: [&str; 8] = [
    "artifact-verify",
    "decision",
    "decision-explain",
    "decision-outcome",
    "decision-simulate",
    "integration-test",
    "upload-parts",
    "webhook-test",
];

/// Length of a file that is too large to be verified in a request.
const LARGE: usize = (256 << 20) + 1;

/// A world whose changes are noted by operation.
pub(super) struct Audited {
    /// Where they are made.
    pub(super) world: World,
    pub(super) clock: TestClock,
    issuer: TestIssuer,
    /// The requests that were made, with their operations.
    requests: Vec<(&'static str, String)>,
    /// What was presigned, with the release that it was presigned for.
    files: Vec<(Value, Value)>,
}

impl Audited {
    async fn open() -> Self {
        let (clock, issuer) = (TestClock::default(), TestIssuer::start().await);
        let options = Options {
            trusted_issuers: issuer.trusted(),
            events: EventDelivery::Disabled,
            webhooks: webhooks(vec!["*".to_owned()]),
            registries: RegistryAccess::with_internal_hosts(vec!["127.0.0.1".to_owned()]),
            clock: clock.clock(),
            ..Options::ephemeral()
        };
        Self {
            world: World::with(options).await,
            clock,
            issuer,
            requests: Vec::new(),
            files: Vec::new(),
        }
    }

    /// A change by an operation, which has to succeed, or to be judged as the bytes deserve.
    pub(super) async fn act(&mut self, op: &'static str, path: &str, body: Value) -> Value {
        let operations = slipway_registry::operations();
        let route = operations.iter().map(|operation| operation.route()).find(|one| one.op == op);
        let method = match route.unwrap().verb {
            HttpMethod::Post => Method::POST,
            HttpMethod::Put => Method::PUT,
            HttpMethod::Patch => Method::PATCH,
            HttpMethod::Delete => Method::DELETE,
            HttpMethod::Get => panic!("{op} changes nothing"),
        };
        let request = self.world.admin(method, path);
        let request = if body.is_null() { request } else { request.json(&body) };
        let answer = TestResponse::to(request).await;
        assert!(answer.status < 300 || op == "upload-complete", "{op}: {answer:?}");
        self.requests.push((op, answer.header("x-request-id").unwrap().to_owned()));
        answer.body
    }

    fn services(&self) -> &std::sync::Arc<Services> {
        &self.world.stack.services
    }

    async fn job(&self, name: &str) {
        perform(self.services(), name, json!({})).await.0.unwrap();
    }

    async fn products_and_policies(&mut self) {
        let product = json!({ "product_id": "prod_app", "name": "App", "slug": "app" });
        self.act("product-create", "/v1/products", product).await;
        let renamed = json!({ "name": "Application", "channels": ["nightly"] });
        self.act("product-update", "/v1/products/prod_app", renamed).await;
        let tenant = json!({ "tenant_id": "tenant_acme", "name": "Acme", "products": "*" });
        self.act("tenant-create", "/v1/tenants", tenant).await;
        let suspended = json!({ "products": ["prod_app"] });
        self.act("tenant-update", "/v1/tenants/tenant_acme", suspended).await;
        self.components().await;
        self.bundles().await;
        self.environments_and_integrations().await;
        for (put, delete, path) in [
            ("policy-put", "policy-delete", "/v1/policy"),
            ("product-policy-put", "product-policy-delete", "/v1/products/prod_app/policy"),
            ("tenant-policy-put", "tenant-policy-delete", "/v1/tenants/tenant_acme/policy"),
            (
                "tenant-product-policy-put",
                "tenant-product-policy-delete",
                "/v1/tenants/tenant_acme/policies/prod_app",
            ),
        ] {
            self.act(put, path, json!({ "mode": "NOTIFY_ONLY" })).await;
            self.act(delete, path, Value::Null).await;
        }
    }

    async fn artifacts(&mut self) -> Value {
        let (_, sha256) = file(1, 64);
        let external = json!({ "source_type": "EXTERNAL", "sha256": sha256, "size_bytes": 64, "external_url": "https://example.com/app.msi" });
        let artifact = self.act("artifact-register", "/v1/artifacts", external).await;
        let now = self.clock.clock().now();
        let audit =
            AuditContext::new(now, "job:verify-artifact", "run", "evt_check".parse().unwrap());
        let check = ArtifactCheck::unreachable("the host answers 404 Not Found".to_owned(), now);
        let id = text(&artifact, "artifact_id").parse().unwrap();
        self.world.catalog().record_artifact_check(&id, &check, &audit).await.unwrap();

        for (seed, sent) in [(2, 2), (3, 4)] {
            let (_, sha256) = file(seed, 64);
            let wanted = json!({ "size_bytes": 64, "sha256": sha256, "filename": "app.msi" });
            let upload = self.act("upload-initiate", "/v1/artifacts/uploads", wanted).await;
            assert_eq!(self.world.send(&upload["upload_url"], file(sent, 64).0).await, 200);
            self.act("upload-complete", &upload_path(&upload, "/complete"), Value::Null).await;
        }
        let wanted = json!({ "size_bytes": 64, "sha256": sha256, "multipart": true });
        let upload = self.act("upload-initiate", "/v1/artifacts/uploads", wanted).await;
        self.act("upload-abort", &upload_path(&upload, ""), Value::Null).await;
        artifact
    }

    async fn releases(&mut self, artifact: &Value) {
        let new = |version| json!({ "product_id": "prod_app", "version": version });
        let deleted = self.act("release-create", "/v1/releases", new("0.9.0")).await;
        self.act("release-delete", &release_path(&deleted, ""), Value::Null).await;
        let release = self.act("release-create", "/v1/releases", new("1.0.0")).await;
        let path = |rest| release_path(&release, rest);
        let id = text(artifact, "artifact_id");
        let artifacts = World::release_of("", "", "", id)["artifacts"].clone();
        let added = json!({ "artifacts": artifacts });
        self.act("release-artifact-add", &path("/artifacts"), added).await;
        let file = json!({ "filename": "linux.tar.gz", "platform": "linux-x86_64" });
        let sent = self.act("release-artifact-presign", &path("/artifacts/presign"), file).await;
        let (bytes, sha256) = slipway_test_support::file(5, 64);
        assert_eq!(self.world.send(&sent["upload_url"], bytes).await, 200);
        let registration = registration(&sent, &sha256, 64);
        // It makes an artifact and changes the release: an event of each.
        self.world.register(&release, &registration).await.expect(200);
        self.files.push((sent, release.clone()));
        self.left_to_job(&release).await;
        let steps = json!({ "steps": [{ "percent": 10, "after": "0s" }, { "percent": 50, "after": "1h" }] });
        self.act("release-publish", &path("/publish"), json!({ "rollout": steps })).await;
        let notes = json!({ "metadata": { "release_notes": "x".repeat(600) } });
        self.act("release-update", &path(""), notes).await;
        self.clock.advance(SignedDuration::from_hours(1));
        self.job("advance-rollouts").await;
        self.act("release-rollout", &path("/rollout"), json!({ "percent": 100 })).await;
        self.act("release-promote", &path("/promote"), json!({ "channel": "beta" })).await;
        let reason = json!({ "reason": "crashes at start" });
        self.act("release-revoke", &path("/revoke"), reason).await;
        self.halted(id).await;
    }

    /// Registers a file of `release` that is too large to be verified in a request, with another
    /// digest than it has.
    async fn left_to_job(&mut self, release: &Value) {
        let presigned = self.world.presign(release, "linux.zip").await;
        let sent = vec![7; LARGE];
        assert_eq!(self.world.send(&presigned["upload_url"], sent).await, 200);
        let registration = registration(&presigned, &"d2".repeat(32), LARGE);
        self.world.register(release, &registration).await.refused(503, "unavailable", None);
        let upload = format!("upl_{}", text(&presigned, "artifact_id").replace('-', ""));
        finish_upload(self.services(), &upload).await.0.unwrap();
        self.files.push((presigned, release.clone()));
    }

    async fn halted(&mut self, artifact: &str) {
        let mut new = World::release_of("prod_app", "2.0.0", "stable", artifact);
        new["halt_on"] = json!({ "failure_basis_points": 5_000, "min_reports": 10 });
        let release = self.act("release-create", "/v1/releases", new).await;
        for client in 0..10 {
            self.world.report(&release, client, "failed").await.expect(200);
        }
        let checks: Vec<_> = Rows::of(&self.world).await.with("HALTCHECK#", "").cloned().collect();
        rows_inserted(self.services(), "halt-releases", &checks).await.0.unwrap();
    }

    async fn snapshots(&mut self) {
        let config = json!({ "retention": { "keep_snapshots": 1, "cleanup_older_than": "1h" } });
        self.act("snapshot-config-put", "/v1/snapshots/config", config).await;
        let forced = json!({ "tenant_id": "tenant_acme", "force": true });
        for _ in 0..2 {
            self.act("snapshot-generate", "/v1/snapshots/generate", forced.clone()).await;
        }
        self.act("snapshot-generate", "/v1/snapshots/generate", json!({})).await;
        let beta = json!({ "tenant_id": "tenant_acme", "channels": ["beta"] });
        let snapshot = self.act("snapshot-generate", "/v1/snapshots/generate", beta).await;
        let stream = format!("/v1/tenants/tenant_acme/streams/{}", text(&snapshot, "stream"));
        self.act("snapshot-stream-delete", &stream, Value::Null).await;
        // The first run notes the time only.
        self.job("retention").await;
        self.clock.advance(SignedDuration::from_hours(25));
        self.job("retention").await;
        let mirror = json!({ "tenant_id": "tenant_acme", "name": "Berlin" });
        let mirror = self.act("mirror-create", "/v1/mirrors", mirror).await;
        let report = format!("/v1/mirrors/{}/report", text(&mirror, "id"));
        let failed = json!({ "outcome": "failed", "error": "no route to host" });
        self.act("mirror-report", &report, failed).await;
    }

    /// A change that waits for sign-off is approved and made, and another one is rejected.
    async fn sign_off(&mut self, artifact: &Value) {
        self.clock.advance(SignedDuration::from_hours(1));
        let product = json!({
            "product_id": "prod_gated", "name": "Gated",
            "channel_sign_off": { "stable": { "required_approvals": 1 } },
        });
        self.world.post("/v1/products", product).await.expect(201);
        let requester = self.world.secret(json!({ "scopes": ["ci:write"] })).await;
        let id = text(artifact, "artifact_id");
        let new = |version| World::release_of("prod_gated", version, "stable", id);
        let approval =
            |waits: &Value, rest| format!("/v1/approvals/{}{rest}", text(waits, "approval_id"));
        let waits = self.world.post_as(&requester, "/v1/releases", new("1.0.0")).await.expect(202);
        let seen = json!({ "change_sha256": waits["change_sha256"] });
        self.act("approval-approve", &approval(&waits, "/approve"), seen).await;
        self.world.post_as(&requester, "/v1/releases", new("1.0.0")).await.expect(201);
        let waits = self.world.post_as(&requester, "/v1/releases", new("2.0.0")).await.expect(202);
        let reason = json!({ "reason": "not before the holidays" });
        self.act("approval-reject", &approval(&waits, "/reject"), reason).await;
    }

    async fn workloads(&mut self) {
        let issuer = self.issuer.url();
        let rule = json!({
            "name": "App", "issuer": issuer, "audience": AUDIENCE, "scopes": ["ci:write"],
            "conditions": { "repository": "acme/app", "environment": "production" },
            "product_ids": ["prod_app"],
        });
        let rule = self.act("trust-create", "/v1/trust-rules", rule).await;
        let claims = json!({
            "iss": issuer, "aud": AUDIENCE, "exp": self.clock.clock().now().as_second() + 300,
            "sub": "repo:acme/app:environment:production", "repository": "acme/app",
            "environment": "production", "jti": "1",
        });
        let jwt = self.issuer.token("a", &claims);
        let body = json!({ "trust_rule_id": rule["trust_rule_id"], "token": jwt });
        self.act("token-exchange", "/v1/tokens/exchange", body).await;
        let path = format!("/v1/trust-rules/{}", text(&rule, "trust_rule_id"));
        self.act("trust-delete", &path, Value::Null).await;
    }

    /// A webhook is created and deleted; one whose receiver is gone is disabled.
    async fn webhooks(&mut self) {
        let wanted = json!({
            "url": "https://hooks.example.com/in", "event_types": ["release.published"],
            "product_id": "prod_app", "format": "slack",
        });
        let webhook = self.act("webhook-create", "/v1/webhooks", wanted.clone()).await;
        let path = format!("/v1/webhooks/{}", text(&webhook, "webhook_id"));
        self.act("webhook-delete", &path, Value::Null).await;
        let webhook = self.act("webhook-create", "/v1/webhooks", wanted).await;
        let id = text(&webhook, "webhook_id").parse().unwrap();
        let (now, event) = (self.clock.clock().now(), "evt_gone".parse().unwrap());
        let audit = AuditContext::new(now, "job:deliver-webhook-events", "run", event);
        let reason = "the receiver answers 410";
        self.world.catalog().disable_webhook(&id, reason, &audit).await.unwrap();
    }

    async fn credentials(&mut self) {
        let wanted =
            json!({ "name": "CI of app", "scopes": ["ci:write"], "product_ids": ["prod_app"] });
        let token = self.act("token-create", "/v1/tokens", wanted).await;
        let path = format!("/v1/tokens/{}", text(&token, "token_id"));
        self.act("token-revoke", &path, Value::Null).await;
        let ring = self.world.catalog().get_key_ring().await.unwrap();
        let is_decision = |key: &&SigningKey| key.purpose == KeyPurpose::Decision;
        let key = ring.keys.iter().find(is_decision).unwrap().clone();
        let kid = key.kid.clone();
        let (not_before, not_after) = (Timestamp::now(), None);
        let successor = SigningKey { kid: "s".repeat(43), not_before, not_after, ..key };
        self.world.join_key(&successor, SignedDuration::from_hours(1)).await;
        self.world
            .change_key_ring(EventType::KeyRevoked, &kid, |ring| {
                Ok(vec![ring.revoked(&kid, Timestamp::now())?])
            })
            .await;
    }
}

/// The first event of each type, redacted; of those of one time the one that is first as text.
fn first_of_each(events: &[Value]) -> BTreeMap<String, Value> {
    let mut told: Vec<_> = events
        .iter()
        .map(|event| {
            let redacted = redacted(event);
            (text(event, "at").parse::<Timestamp>().unwrap(), redacted.to_string(), redacted)
        })
        .collect();
    told.sort_by(|one, other| (one.0, &one.1).cmp(&(other.0, &other.1)));
    let mut first = BTreeMap::new();
    for (_, _, event) in told {
        first.entry(text(&event, "event_type").to_owned()).or_insert(event);
    }
    first
}

fn hold(found: &BTreeMap<String, Value>) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/flows/audit_events.json");
    if std::env::var_os("UPDATE_AUDIT_EVENTS").is_some() {
        std::fs::write(&file, serde_json::to_string_pretty(found).unwrap() + "\n").unwrap();
    }
    let committed: BTreeMap<String, Value> =
        serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    for (kind, event) in found {
        assert_eq!(
            Some(event),
            committed.get(kind),
            "{kind}: what an event says is kept for years"
        );
    }
    assert_eq!(found.keys().collect::<Vec<_>>(), committed.keys().collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn each_change_records_one_event_and_each_kind_says_what_it_said_before() {
    let mut audited = Box::pin(Audited::open()).await;
    Box::pin(audited.products_and_policies()).await;
    let artifact = Box::pin(audited.artifacts()).await;
    Box::pin(audited.releases(&artifact)).await;
    Box::pin(audited.snapshots()).await;
    Box::pin(audited.credentials()).await;
    Box::pin(audited.workloads()).await;
    Box::pin(audited.webhooks()).await;
    Box::pin(audited.sign_off(&artifact)).await;

    let counts = events_by_request(&audited.world).await;
    for (op, request) in &audited.requests {
        assert_eq!(counts.get(request), Some(&1), "{op} records one event");
    }
    let acted: BTreeSet<&str> = audited.requests.iter().map(|(op, _)| *op).collect();
    let operations = slipway_registry::operations();
    let routes = operations.iter().map(|operation| operation.route());
    let changing = routes.filter(|route| route.verb != HttpMethod::Get).map(|route| route.op);
    let expected: BTreeSet<&str> = changing.filter(|op| !UNAUDITED.contains(op)).collect();
    assert_eq!(acted, expected, "every operation that changes something is called here");

    let events = log(&audited.world).await;
    let found = first_of_each(&events);
    let kinds: BTreeSet<String> = event_types().into_iter().collect();
    assert_eq!(
        found.keys().cloned().collect::<BTreeSet<_>>(),
        kinds,
        "cause an event of each kind"
    );
    for (kind, job) in [
        ("release.rollout_step", "job:advance-rollouts"),
        ("release.halted", "job:halt-releases"),
        ("snapshot.deleted", "job:retention"),
    ] {
        assert_eq!(found[kind]["actor"], job, "{kind}");
    }
    hold(&found);
    each_is_found_by_what_it_is_of(&audited.world, &events).await;
    for (presigned, release) in &audited.files {
        file_is_of(presigned, release, &events);
    }
    audited.world.stack.stop().await;
}
