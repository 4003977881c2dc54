//! Numbered pages with totals: `page` and `pageSize` in the query string, `{"data": [...],
//! "meta": {...}}` in the body. They are for lists that a person leafs through, and that are
//! counted.

use std::num::NonZeroU32;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use slipway_catalog::{NumberedSlice, PageRange};

use crate::paging::PageParameters;

/// Which page of a list with numbered pages.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct NumberedPaging {
    /// Number of the page, from 1. Default: 1.
    page: NonZeroU32,
    /// Maximum number of items on the page. Default: 20.
    page_size: PageSize,
}

/// The largest number of items on a numbered page: 1 to 200, 20 where nothing is said.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "u16", into = "u16")]
#[schemars(inline, extend("minimum" = 1, "maximum" = 200))]
pub struct PageSize(u16);

/// One page of a list of `T`.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Numbered{T}Page")]
pub struct NumberedPage<T> {
    /// Items of this page; empty beyond the last one.
    data: Vec<T>,
    /// Position of the page in the list.
    meta: PageMeta,
}

/// Where a numbered page is in its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PageMeta {
    /// Number of the page, from 1.
    page: u32,
    /// Largest number of items on a page.
    page_size: u16,
    /// Number of items in the whole list.
    total_count: usize,
    /// Number of pages of the whole list; 0 if it is empty.
    total_pages: usize,
}

impl Default for NumberedPaging {
    fn default() -> Self {
        Self { page: NonZeroU32::MIN, page_size: PageSize::default() }
    }
}

impl PageParameters for NumberedPaging {
    const PARAMETERS: [&str; 2] = ["page", "pageSize"];
}

impl NumberedPaging {
    /// Which items of the list are on the page.
    #[must_use]
    pub fn range(self) -> PageRange {
        let limit = usize::from(self.page_size.0);
        let before = usize::try_from(self.page.get() - 1).unwrap_or(usize::MAX);
        PageRange { offset: before.saturating_mul(limit), limit }
    }
}

impl Default for PageSize {
    fn default() -> Self {
        Self(20)
    }
}

impl From<PageSize> for u16 {
    fn from(size: PageSize) -> Self {
        size.0
    }
}

impl TryFrom<u16> for PageSize {
    type Error = String;

    fn try_from(size: u16) -> Result<Self, String> {
        if (1..=200).contains(&size) {
            Ok(Self(size))
        } else {
            Err(format!("{size} is not between 1 and 200"))
        }
    }
}

impl<T> NumberedPage<T> {
    /// The page of `all` that `paging` asks for.
    #[must_use]
    pub fn of(all: Vec<T>, paging: NumberedPaging) -> Self {
        let (PageRange { offset, limit }, total) = (paging.range(), all.len());
        let items = all.into_iter().skip(offset).take(limit).collect();
        Self::counted(NumberedSlice { items, total }, paging)
    }

    /// The page of a list that was counted and is not read as a whole: `slice` has what is in
    /// [`NumberedPaging::range`].
    #[must_use]
    pub fn counted(slice: NumberedSlice<T>, paging: NumberedPaging) -> Self {
        let meta = PageMeta {
            page: paging.page.get(),
            page_size: paging.page_size.0,
            total_count: slice.total,
            total_pages: slice.total.div_ceil(usize::from(paging.page_size.0)),
        };
        Self { data: slice.items, meta }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::decode;

    fn page(all: usize, query: &str) -> serde_json::Value {
        json!(NumberedPage::of((1..=all).collect(), decode::query(query).unwrap()))
    }

    #[test]
    fn a_page_has_its_items_and_the_totals_of_the_list() {
        assert_eq!(
            page(5, "page=2&pageSize=2"),
            json!({ "data": [3, 4], "meta": { "page": 2, "pageSize": 2, "totalCount": 5, "totalPages": 3 } })
        );
        assert_eq!(page(5, "page=3&pageSize=2")["data"], json!([5]));
    }

    #[test]
    fn beyond_the_last_page_there_is_nothing_and_the_totals_stay() {
        assert_eq!(
            page(4, "page=4294967295&pageSize=200"),
            json!({ "data": [], "meta": { "page": 4_294_967_295_u32, "pageSize": 200, "totalCount": 4, "totalPages": 1 } })
        );
        assert_eq!(
            page(0, ""),
            json!({ "data": [], "meta": { "page": 1, "pageSize": 20, "totalCount": 0, "totalPages": 0 } })
        );
    }

    #[test]
    fn a_page_that_can_not_be_is_refused_by_name() {
        for (query, field) in
            [("page=0", "page"), ("pageSize=0", "pageSize"), ("pageSize=201", "pageSize")]
        {
            let error = decode::query::<NumberedPaging>(query).unwrap_err();
            assert_eq!(error.field(), Some(field), "{query}: {error}");
        }
    }
}
