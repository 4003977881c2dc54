//! The rows of what is deployed where, and of how components are used.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use slipway_composition::Deployment;
use slipway_domain::{Result, Timestamp};

use super::StoredEntity;
use super::text::StoredText;
use crate::component_uses::ComponentUses;

impl StoredEntity for Deployment {
    type Row<'a> = DeploymentRow<'a>;

    fn to_row(&self) -> DeploymentRow<'_> {
        DeploymentRow {
            environment_id: self.environment_id.to_text(),
            bundle_id: self.bundle_id.to_text(),
            deployed_at: self.deployed_at,
        }
    }

    fn from_row(row: DeploymentRow<'_>) -> Result<Self> {
        Ok(Self {
            environment_id: StoredText::from_text(row.environment_id)?,
            bundle_id: StoredText::from_text(row.bundle_id)?,
            deployed_at: row.deployed_at,
        })
    }
}

/// What is deployed in an environment.
#[derive(Serialize, Deserialize)]
pub(crate) struct DeploymentRow<'a> {
    environment_id: Cow<'a, str>,
    bundle_id: Cow<'a, str>,
    deployed_at: Timestamp,
}

impl StoredEntity for ComponentUses {
    type Row<'a> = ComponentUsesRow;

    fn to_row(&self) -> ComponentUsesRow {
        ComponentUsesRow {}
    }

    fn from_row(_: ComponentUsesRow) -> Result<Self> {
        Ok(Self::default())
    }
}

/// Nothing: the numbers are attributes beside it, which DynamoDB adds to.
#[derive(Serialize, Deserialize)]
pub(crate) struct ComponentUsesRow {}
