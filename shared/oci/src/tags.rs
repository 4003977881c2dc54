//! The tags of a repository, page by page.

use http::StatusCode;
use serde::Deserialize;
use slipway_composition::{ImageRepository, ImageTag};
use slipway_outbound::{Fetch, Response};
use url::Url;

use crate::error::{Error, Result};
use crate::link;
use crate::registry::Registry;

/// How many tags are asked for at once. A registry may give fewer, or all it has.
const AT_ONCE: usize = 1000;
/// The longest place to go on at, in bytes: it is kept in a row.
const LONGEST_CURSOR: usize = 2048;

/// Where a list of tags goes on, as its registry has said: path and query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagsCursor(String);

impl TagsCursor {
    /// Path and query, to be kept.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What was kept.
    #[must_use]
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }
}

/// Some of the tags of a repository.
#[derive(Debug, PartialEq, Eq)]
pub struct TagPage {
    /// The tags, in the registry's order.
    pub tags: Vec<ImageTag>,
    /// Where the list goes on; none at its end.
    pub next: Option<TagsCursor>,
}

/// What registries answer: `null` where a repository has lost its last tag.
#[derive(Deserialize)]
struct TagList {
    tags: Option<Vec<String>>,
}

impl Registry {
    /// A page of the tags of a repository: the first one, or that at `cursor`.
    ///
    /// # Errors
    /// [`Error::NoRepository`], and all others of [`Error`].
    pub async fn tags(
        &self,
        repository: &ImageRepository,
        cursor: Option<&TagsCursor>,
    ) -> Result<TagPage> {
        let url = match cursor {
            Some(cursor) => self.own_url(&cursor.0)?,
            None => self.own_url(&format!("/v2/{repository}/tags/list?n={AT_ONCE}"))?,
        };
        let response = self.send(Some(repository), &Fetch::get(url.clone())).await?;
        match response.status {
            StatusCode::OK => self.tag_page(&url, response).await,
            StatusCode::NOT_FOUND | StatusCode::FORBIDDEN => Err(Error::NoRepository {
                host: self.host().to_owned(),
                repository: repository.to_string(),
            }),
            status => Err(Error::Status { host: self.host().to_owned(), status }),
        }
    }

    async fn tag_page(&self, url: &Url, response: Response) -> Result<TagPage> {
        let next = match link::next(&response.headers) {
            Some(target) => Some(self.cursor(url, target)?),
            None => None,
        };
        let list: TagList = self.json(response, "a list of tags").await?;
        let tags = list.tags.unwrap_or_default().into_iter();
        let tags = tags.map(|tag| {
            ImageTag::try_from(tag).map_err(|error| self.malformed(format!("a list with {error}")))
        });
        Ok(TagPage { tags: tags.collect::<Result<_>>()?, next })
    }

    /// The place that a link leads to, which is of the same registry and not the one it stands on:
    /// else a list would have no end.
    fn cursor(&self, from: &Url, target: &str) -> Result<TagsCursor> {
        let to = from.join(target).ok().filter(|to| to.origin() == from.origin() && to != from);
        let cursor = to.map(|to| match to.query() {
            Some(query) => format!("{}?{query}", to.path()),
            None => to.path().to_owned(),
        });
        let cursor = cursor.filter(|cursor| cursor.len() <= LONGEST_CURSOR);
        cursor.map(TagsCursor).ok_or_else(|| {
            self.malformed("a list that goes on elsewhere, or where it is already".to_owned())
        })
    }
}
