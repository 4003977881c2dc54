//! The request for decisions: lenient, because installed clients outlive servers.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::{Error, Result};

/// Limit of products in one decision request.
pub const MAX_PRODUCTS: usize = 100;

/// Request body of decision. Unknown fields are ignored, because installed clients outlive servers.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct DecisionRequest {
    /// Installed products, 1 to 100.
    #[schemars(length(min = 1, max = MAX_PRODUCTS))]
    pub products: Vec<InstalledProduct>,
    /// Nonce of up to 128 characters. The signed response repeats it, which protects against
    /// replay. Default: none.
    #[schemars(length(max = 128))]
    pub nonce: Option<String>,
}

impl DecisionRequest {
    /// Checks the limits of the request.
    ///
    /// # Errors
    /// `invalid_field` for too few or too many products, one that stands twice, or a nonce that is
    /// too long.
    pub fn check(&self) -> Result<()> {
        if !(1..=MAX_PRODUCTS).contains(&self.products.len()) {
            return Err(Error::invalid(
                "products",
                format!("1 to {MAX_PRODUCTS} products, not {}", self.products.len()),
            ));
        }
        if self.nonce.as_ref().is_some_and(|nonce| nonce.chars().count() > 128) {
            return Err(Error::invalid("nonce", "at most 128 characters"));
        }
        let mut seen = BTreeMap::new();
        for (index, product) in self.products.iter().enumerate() {
            if let Some(first) = seen.insert(product, index) {
                let message = format!("repeats products[{first}]; ask for each product once");
                return Err(Error::invalid(format!("products[{index}]"), message));
            }
        }
        Ok(())
    }
}

/// An installed product. Fields are plain strings, and anything is accepted in place of one: an
/// invalid or missing id, version or channel affects the decision on this product only, not the
/// request.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct InstalledProduct {
    /// Id of the product.
    #[serde(default, deserialize_with = "text_member")]
    #[schemars(required)]
    pub product_id: String,
    /// Installed version, SemVer 2.0.0. A `v` in front is ignored; of four numbers, as in
    /// `1.2.3.4`, the fourth has no precedence.
    #[serde(default, deserialize_with = "text_member")]
    #[schemars(required)]
    pub current_version: String,
    /// Update channel. Where a policy names one that the product has, that is taken instead.
    /// Default: `stable`.
    #[serde(default, deserialize_with = "optional_text")]
    pub channel: Option<String>,
    /// Id of the tenant that the client belongs to. Default: none, and entitlements are not
    /// checked.
    #[serde(default, deserialize_with = "optional_text")]
    pub tenant_id: Option<String>,
    /// Operating system of the client, such as `windows`, or an alias, such as `win32`. Limits the
    /// offer to artifacts for it. Default: any.
    #[serde(default, deserialize_with = "optional_text")]
    pub platform: Option<String>,
    /// Processor architecture of the client, such as `x86_64`, or an alias, such as `x64`. Limits
    /// the offer to artifacts for it. Default: any.
    #[serde(default, deserialize_with = "optional_text")]
    pub arch: Option<String>,
    /// Version of the client's operating system, as the system reports it, such as `10.0.22631` or
    /// `14.1`: on macOS that of macOS, not of its kernel. Releases whose `min_os_version` is newer
    /// are not offered. Default: any.
    #[serde(default, deserialize_with = "optional_text")]
    pub os_version: Option<String>,
    /// Stable identifier of the client installation. Determines its place in staged rollouts;
    /// without it, or with a blank one, only releases at 10000 basis points are offered.
    #[serde(default, deserialize_with = "optional_text")]
    pub client_id: Option<String>,
}

/// A text; the JSON of anything else, which is then no valid value; and nothing for null.
fn optional_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Null => None,
        Value::String(text) => Some(text),
        other => Some(other.to_string()),
    })
}

/// The same of a member that is needed: what is missing or null is blank.
pub(crate) fn text_member<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(optional_text(deserializer)?.unwrap_or_default())
}
