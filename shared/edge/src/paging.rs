//! Lists come in pages: what a request says about its page, and what the page looks like.

pub mod cursor;
pub mod cursor_page;
pub mod limit;
pub mod numbered;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::paging::limit::Limit;

/// Which page of a list.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Paging {
    /// Maximum number of items on the page; it may have fewer. Default: 50.
    pub limit: Option<Limit>,
    /// Cursor: the `next_cursor` of the previous page. Default: the first page.
    pub cursor: Option<String>,
}

/// The parameters that say which page of a list is asked for, whatever it is filtered by.
pub trait PageParameters: serde::de::DeserializeOwned + JsonSchema + Send {
    /// Their names.
    const PARAMETERS: [&str; 2];
}

impl PageParameters for Paging {
    const PARAMETERS: [&str; 2] = ["limit", "cursor"];
}
