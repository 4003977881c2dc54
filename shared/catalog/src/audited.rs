//! What audit events say of each entity: its id, what it belongs to, and its public form.

use serde::Serialize;
use serde_json::{Map, Value, json};
use slipway_composition::{
    BundlePromotion, Component, Environment, Integration, ReleaseBundle, SyncState, VersionMap,
};
use slipway_domain::approval::Approval;
use slipway_domain::artifact::Artifact;
use slipway_domain::audit::{AuditSubject, Change};
use slipway_domain::key::{KeyRing, SigningKey};
use slipway_domain::policy::LevelPolicy;
use slipway_domain::product::Product;
use slipway_domain::release::Release;
use slipway_domain::release_upload::ReleaseUpload;
use slipway_domain::tenant::Tenant;
use slipway_domain::token::Token;
use slipway_domain::trust_rule::TrustRule;
use slipway_domain::upload::Upload;
use slipway_domain::webhook::Webhook;
use slipway_domain::{Error, Result};
use slipway_snapshot::mirror::Mirror;
use slipway_snapshot::{Snapshot, SnapshotConfig, SnapshotStream};

/// An entity whose changes are audited.
pub(crate) trait Audited {
    /// Its id, and what it belongs to.
    fn subject(&self) -> AuditSubject;

    /// The form in which the API answers it. Whoever may read the audit log is told it for years:
    /// it has no secret, no digest of one, and no URL that is a credential.
    fn public_form(&self) -> Result<Value>;
}

/// What the API answers of an entity that is a type of the API itself.
fn as_answered(entity: &impl Serialize) -> Result<Value> {
    serde_json::to_value(entity).map_err(Error::internal)
}

/// `entity` has come about.
pub(crate) fn created(entity: &impl Audited) -> Result<AuditSubject> {
    Ok(entity.subject().with(Change::created(&entity.public_form()?)?))
}

/// `before` has become `after`.
pub(crate) fn updated<T: Audited>(before: &T, after: &T) -> Result<AuditSubject> {
    Ok(after.subject().with(Change::updated(&before.public_form()?, &after.public_form()?)?))
}

/// `entity` is gone.
pub(crate) fn deleted(entity: &impl Audited) -> Result<AuditSubject> {
    Ok(entity.subject().with(Change::deleted(&entity.public_form()?)?))
}

/// `after` was created, where there is no `before`, or has replaced it.
pub(crate) fn put<T: Audited>(before: Option<&T>, after: &T) -> Result<AuditSubject> {
    before.map_or_else(|| created(after), |before| updated(before, after))
}

impl Audited for Product {
    fn subject(&self) -> AuditSubject {
        AuditSubject::new(self.product_id.as_str()).of_product(&self.product_id)
    }

    fn public_form(&self) -> Result<Value> {
        as_answered(self)
    }
}

impl Audited for Release {
    fn subject(&self) -> AuditSubject {
        let subject = AuditSubject::new(self.release_id.as_str());
        subject.of_release(&self.release_id).of_product(&self.product_id)
    }

    fn public_form(&self) -> Result<Value> {
        as_answered(self)
    }
}

impl Audited for Approval {
    fn subject(&self) -> AuditSubject {
        let subject = AuditSubject::new(self.approval_id.as_str()).of_product(&self.product_id);
        AuditSubject { release_id: self.release_id.clone(), ..subject }
    }

    fn public_form(&self) -> Result<Value> {
        as_answered(self)
    }
}

impl Audited for Artifact {
    fn subject(&self) -> AuditSubject {
        AuditSubject::new(self.artifact_id.as_str())
    }

    fn public_form(&self) -> Result<Value> {
        as_answered(self)
    }
}

impl Audited for Tenant {
    fn subject(&self) -> AuditSubject {
        AuditSubject::new(self.tenant_id.as_str()).of_tenant(&self.tenant_id)
    }

    fn public_form(&self) -> Result<Value> {
        as_answered(self)
    }
}

impl Audited for Component {
    fn subject(&self) -> AuditSubject {
        AuditSubject::new(self.id.as_str())
    }

    fn public_form(&self) -> Result<Value> {
        as_answered(self)
    }
}

impl Audited for VersionMap {
    fn subject(&self) -> AuditSubject {
        AuditSubject::new(self.id.as_str())
    }

    fn public_form(&self) -> Result<Value> {
        as_answered(self)
    }
}

impl Audited for ReleaseBundle {
    fn subject(&self) -> AuditSubject {
        AuditSubject::new(self.id.as_str())
    }

    fn public_form(&self) -> Result<Value> {
        as_answered(self)
    }
}

impl Audited for BundlePromotion {
    fn subject(&self) -> AuditSubject {
        AuditSubject::new(self.id.as_str())
    }

    fn public_form(&self) -> Result<Value> {
        as_answered(self)
    }
}

impl Audited for Environment {
    fn subject(&self) -> AuditSubject {
        AuditSubject::new(self.id.as_str())
    }

    fn public_form(&self) -> Result<Value> {
        as_answered(self)
    }
}

impl Audited for Integration {
    fn subject(&self) -> AuditSubject {
        AuditSubject::new(self.id.as_str())
    }

    fn public_form(&self) -> Result<Value> {
        as_answered(self)
    }
}

impl Audited for LevelPolicy {
    fn subject(&self) -> AuditSubject {
        let subject = AuditSubject::new(self.level.subject());
        let (product_id, tenant_id) = (self.level.product_id.clone(), self.level.tenant_id.clone());
        AuditSubject { product_id, tenant_id, ..subject }
    }

    fn public_form(&self) -> Result<Value> {
        as_answered(self)
    }
}

impl Audited for Token {
    fn subject(&self) -> AuditSubject {
        let subject = AuditSubject::new(self.token_id.as_str());
        AuditSubject { tenant_id: self.tenant_id.clone(), ..subject }
    }

    fn public_form(&self) -> Result<Value> {
        as_answered(self)
    }
}

impl Audited for TrustRule {
    fn subject(&self) -> AuditSubject {
        let subject = AuditSubject::new(self.trust_rule_id.as_str());
        AuditSubject { tenant_id: self.tenant_id.clone(), ..subject }
    }

    fn public_form(&self) -> Result<Value> {
        as_answered(self)
    }
}

impl Audited for Snapshot {
    fn subject(&self) -> AuditSubject {
        AuditSubject::new(self.snapshot_id.as_str()).of_tenant(&self.tenant_id)
    }

    fn public_form(&self) -> Result<Value> {
        as_answered(self)
    }
}

impl Audited for Mirror {
    fn subject(&self) -> AuditSubject {
        AuditSubject::new(self.mirror_id.as_str()).of_tenant(&self.tenant_id)
    }

    fn public_form(&self) -> Result<Value> {
        // As it was answered at its last report: later its status depends on when one asks.
        as_answered(&self.clone().view(self.last_report_at.unwrap_or(self.created_at)))
    }
}

impl Audited for Webhook {
    fn subject(&self) -> AuditSubject {
        // Of no product, even if it is told of one's events alone: it is the deployment's, and not
        // shown in the product's activity.
        AuditSubject::new(self.webhook_id.as_str())
    }

    fn public_form(&self) -> Result<Value> {
        as_answered(self)
    }
}

impl Audited for SnapshotConfig {
    fn subject(&self) -> AuditSubject {
        AuditSubject::new("snapshots")
    }

    fn public_form(&self) -> Result<Value> {
        as_answered(self)
    }
}

impl Audited for SnapshotStream {
    fn subject(&self) -> AuditSubject {
        AuditSubject::new(self.channels.stream_id().as_str()).of_tenant(&self.tenant_id)
    }

    fn public_form(&self) -> Result<Value> {
        let latest = self.latest.as_ref();
        Ok(json!({
            "channels": latest.map(|latest| &latest.channels),
            "sequence": latest.map(|latest| latest.sequence),
            "snapshot_id": latest.map(|latest| &latest.snapshot_id),
        }))
    }
}

impl Audited for Upload {
    fn subject(&self) -> AuditSubject {
        AuditSubject::new(self.upload_id.as_str())
    }

    /// Without how far verification has got, and without the id of the upload in S3.
    fn public_form(&self) -> Result<Value> {
        Ok(json!({
            "artifact_id": self.artifact_id,
            "status": self.status,
            "size_bytes": self.size_bytes,
            "sha256": self.sha256,
            "filename": self.filename,
            "part_count": self.multipart.as_ref().map(|parts| parts.part_count),
            "expires_at": self.expires_at,
            "failure": self.failure,
        }))
    }
}

impl Audited for ReleaseUpload {
    fn subject(&self) -> AuditSubject {
        AuditSubject::new(self.upload_id.as_str()).of_release(&self.release_id)
    }

    fn public_form(&self) -> Result<Value> {
        Ok(json!({
            "artifact_id": self.artifact_id,
            "object_key": self.object_key,
            "platform": self.platform,
            "arch": self.arch,
            "installer_type": self.installer_type,
            "filename": self.filename,
            "expires_at": self.expires_at,
        }))
    }
}

/// The public half of a key, and never where the other one is.
fn public_key(key: &SigningKey) -> Value {
    json!({
        "purpose": key.purpose,
        "public_key": key.public_key,
        "not_before": key.not_before,
        "not_after": key.not_after,
    })
}

/// The key `kid` was added or revoked, which has made `ring` have the keys `changed`: by their ids,
/// those that are other than they were.
pub(crate) fn key_ring(kid: &str, ring: &KeyRing, changed: &[SigningKey]) -> Result<AuditSubject> {
    let by_id = |keys: &mut dyn Iterator<Item = &SigningKey>| -> Map<String, Value> {
        keys.map(|key| (key.kid.clone(), public_key(key))).collect()
    };
    let is_changed = |key: &&SigningKey| changed.iter().any(|one| one.kid == key.kid);
    let before = by_id(&mut ring.keys.iter().filter(is_changed));
    let after = by_id(&mut changed.iter());
    Ok(AuditSubject::new(kid).with(Change::updated(&before, &after)?))
}

/// Of the version maps of `component` by `state`, the actor has added this many.
pub(crate) fn synced(component: &Component, state: &SyncState, added: u64) -> Result<AuditSubject> {
    let before = json!({ "versionMaps": state.version_maps.saturating_sub(added) });
    let after = json!({ "versionMaps": state.version_maps });
    Ok(component.subject().with(Change::updated(&before, &after)?))
}

/// `component` is gone, and with it so many version maps.
pub(crate) fn component_deleted(component: &Component, version_maps: u64) -> Result<AuditSubject> {
    let mut form = component.public_form()?;
    if let Value::Object(members) = &mut form {
        members.insert("versionMaps".to_owned(), version_maps.into());
    }
    Ok(component.subject().with(Change::deleted(&form)?))
}
