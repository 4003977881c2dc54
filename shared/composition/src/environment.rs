//! Environments: where release bundles are deployed, one after the other.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use slipway_domain::text::Name;
use slipway_domain::{Error, Result, Timestamp};

use crate::id::EnvironmentId;
use crate::name::ShortName;

/// How many approvals an environment may ask for.
const MAX_APPROVALS: u32 = 3;
/// The highest place in the order of environments.
const MAX_ORDER: u32 = 10_000;
/// How many environments there may be.
pub const MAX_ENVIRONMENTS: usize = 100;

/// An environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Environment {
    /// Id of the environment.
    pub id: EnvironmentId,
    /// Short name, unique among environments.
    pub name: ShortName,
    /// Display name.
    pub display_name: Name,
    /// Place among the environments, lowest first; those of one place are in the order of their
    /// names.
    pub order_index: u32,
    /// Whether customers use what is deployed there.
    pub is_production: bool,
    /// How many others have to approve a promotion to it; 0 for none.
    pub required_approvals: u32,
    /// Time of creation, RFC 3339, UTC.
    #[schemars(with = "slipway_domain::page::Rfc3339")]
    pub created_at: Timestamp,
    /// Time of the last change, RFC 3339, UTC.
    #[schemars(with = "slipway_domain::page::Rfc3339")]
    pub updated_at: Timestamp,
    /// Actor that created it, as the audit log names it; null where that is not known any more.
    pub created_by: Option<String>,
}

/// Request body of environment-create.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct NewEnvironment {
    /// Short name, unique among environments.
    pub name: ShortName,
    /// Display name. Default: the name.
    pub display_name: Option<Name>,
    /// Place among the environments, lowest first. Default: 0.
    #[schemars(range(max = 10_000))]
    pub order_index: Option<u32>,
    /// Whether customers use what is deployed there. Default: false.
    pub is_production: Option<bool>,
    /// How many others have to approve a promotion to it. Default: 0.
    #[schemars(range(max = 3))]
    pub required_approvals: Option<u32>,
}

/// Request body of environment-update. A member that is absent or null keeps its value.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct EnvironmentUpdate {
    /// New short name.
    pub name: Option<ShortName>,
    /// New display name.
    pub display_name: Option<Name>,
    /// New place among the environments.
    #[schemars(range(max = 10_000))]
    pub order_index: Option<u32>,
    /// Whether customers use what is deployed there.
    pub is_production: Option<bool>,
    /// How many others have to approve a promotion to it.
    #[schemars(range(max = 3))]
    pub required_approvals: Option<u32>,
}

impl NewEnvironment {
    /// The environment that `actor` creates at `now`.
    ///
    /// # Errors
    /// `invalid_field` for a place or a number of approvals that is too high.
    pub fn create(self, now: Timestamp, id: EnvironmentId, actor: &str) -> Result<Environment> {
        let display_name = self.name.display_name(self.display_name)?;
        Environment {
            id,
            name: self.name,
            display_name,
            order_index: self.order_index.unwrap_or_default(),
            is_production: self.is_production.unwrap_or_default(),
            required_approvals: self.required_approvals.unwrap_or_default(),
            created_at: now,
            updated_at: now,
            created_by: Some(actor.to_owned()),
        }
        .checked()
    }
}

impl Environment {
    /// The environment with `update` applied at `now`; None if that is the same.
    ///
    /// # Errors
    /// `invalid_field` for a place or a number of approvals that is too high.
    pub fn updated(&self, now: Timestamp, update: EnvironmentUpdate) -> Result<Option<Self>> {
        let old = self.clone();
        let new = Self {
            name: update.name.unwrap_or(old.name),
            display_name: update.display_name.unwrap_or(old.display_name),
            order_index: update.order_index.unwrap_or(old.order_index),
            is_production: update.is_production.unwrap_or(old.is_production),
            required_approvals: update.required_approvals.unwrap_or(old.required_approvals),
            ..old
        }
        .checked()?;
        Ok((new != *self).then_some(Self { updated_at: now, ..new }))
    }

    /// What environments are ordered by.
    #[must_use]
    pub fn order(&self) -> (u32, &ShortName) {
        (self.order_index, &self.name)
    }

    fn checked(self) -> Result<Self> {
        for (field, value, most) in [
            ("orderIndex", self.order_index, MAX_ORDER),
            ("requiredApprovals", self.required_approvals, MAX_APPROVALS),
        ] {
            if value > most {
                return Err(Error::invalid(field, format!("0 to {most}, not {value}")));
            }
        }
        Ok(self)
    }
}
