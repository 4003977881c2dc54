//! Rows that keep one value: pointers from one key to another, and last times.

use std::borrow::Cow;

use slipway_composition::{ComponentId, EnvironmentId, IntegrationId};
use slipway_domain::{Channel, ProductId, Result, Sha256, TenantId, Timestamp, TokenId, Version};

use super::StoredEntity;
use super::text::StoredText;

/// What a slug leads to, and what an artifact's use names.
impl StoredEntity for ProductId {
    type Row<'a> = Cow<'a, str>;

    fn to_row(&self) -> Cow<'_, str> {
        self.to_text()
    }

    fn from_row(row: Cow<'_, str>) -> Result<Self> {
        Self::from_text(row)
    }
}

/// What the name of a component leads to.
impl StoredEntity for ComponentId {
    type Row<'a> = Cow<'a, str>;

    fn to_row(&self) -> Cow<'_, str> {
        self.to_text()
    }

    fn from_row(row: Cow<'_, str>) -> Result<Self> {
        Self::from_text(row)
    }
}

/// What the name of an environment leads to.
impl StoredEntity for EnvironmentId {
    type Row<'a> = Cow<'a, str>;

    fn to_row(&self) -> Cow<'_, str> {
        self.to_text()
    }

    fn from_row(row: Cow<'_, str>) -> Result<Self> {
        Self::from_text(row)
    }
}

/// What the name of an integration leads to.
impl StoredEntity for IntegrationId {
    type Row<'a> = Cow<'a, str>;

    fn to_row(&self) -> Cow<'_, str> {
        self.to_text()
    }

    fn from_row(row: Cow<'_, str>) -> Result<Self> {
        Self::from_text(row)
    }
}

/// What guards the number of a tenant's streams.
impl StoredEntity for TenantId {
    type Row<'a> = Cow<'a, str>;

    fn to_row(&self) -> Cow<'_, str> {
        self.to_text()
    }

    fn from_row(row: Cow<'_, str>) -> Result<Self> {
        Self::from_text(row)
    }
}

/// What the id of a token leads to.
impl StoredEntity for Sha256 {
    type Row<'a> = Cow<'a, str>;

    fn to_row(&self) -> Cow<'_, str> {
        self.to_text()
    }

    fn from_row(row: Cow<'_, str>) -> Result<Self> {
        Self::from_text(row)
    }
}

/// What a JWT was exchanged for.
impl StoredEntity for TokenId {
    type Row<'a> = Cow<'a, str>;

    fn to_row(&self) -> Cow<'_, str> {
        self.to_text()
    }

    fn from_row(row: Cow<'_, str>) -> Result<Self> {
        Self::from_text(row)
    }
}

/// What the id of a release leads to.
impl StoredEntity for (ProductId, Channel, Version) {
    type Row<'a> = (Cow<'a, str>, Cow<'a, str>, Cow<'a, str>);

    fn to_row(&self) -> Self::Row<'_> {
        (self.0.to_text(), self.1.to_text(), self.2.to_text())
    }

    fn from_row((product, channel, version): Self::Row<'_>) -> Result<Self> {
        Ok((
            ProductId::from_text(product)?,
            Channel::from_text(channel)?,
            Version::from_text(version)?,
        ))
    }
}

/// When a scheduled task was last done.
impl StoredEntity for Timestamp {
    type Row<'a> = Self;

    fn to_row(&self) -> Self {
        *self
    }

    fn from_row(row: Self) -> Result<Self> {
        Ok(row)
    }
}
