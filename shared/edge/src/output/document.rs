//! 200 with a document as it was written, byte for byte.

use std::marker::PhantomData;

use bytes::Bytes;
use http::StatusCode;
use http::header::LOCATION;
use schemars::{JsonSchema, SchemaGenerator};
use slipway_domain::Result;
use slipway_storage::DocumentBody;

use crate::caching::Caching;
use crate::describe::ResponseDoc;
use crate::media_type::MediaType;
use crate::output::{Output, ResponseParts};

/// 200 with a document of the media type `M` that is compiled in.
#[derive(Debug)]
pub struct StaticDocument<M> {
    text: &'static str,
    media_type: PhantomData<fn() -> M>,
}

impl<M> StaticDocument<M> {
    /// The document whose text this is.
    #[must_use]
    pub fn new(text: &'static str) -> Self {
        Self { text, media_type: PhantomData }
    }
}

impl<M: MediaType> Output for StaticDocument<M> {
    fn to_response_parts(&self) -> Result<ResponseParts> {
        Ok(ResponseParts::of::<M>(StatusCode::OK, Bytes::from_static(self.text.as_bytes())))
    }

    fn describe(_: &mut SchemaGenerator) -> Vec<ResponseDoc> {
        vec![ResponseDoc::with_body(200, "The document.", M::NAME, M::schema())]
    }
}

/// 200 with a stored JSON document, or 303 to where it is, if it is longer than a function can
/// answer.
#[derive(Debug)]
pub struct StoredDocument<T> {
    content: DocumentBody,
    caching: Caching,
    document: PhantomData<fn() -> T>,
}

impl<T> StoredDocument<T> {
    /// A document that will never change.
    #[must_use]
    pub fn immutable(content: DocumentBody) -> Self {
        Self { content, caching: Caching::PrivateImmutable, document: PhantomData }
    }

    /// A document in whose place another may be in a moment.
    #[must_use]
    pub fn current(content: DocumentBody) -> Self {
        Self { content, caching: Caching::Revalidate, document: PhantomData }
    }
}

impl<T: JsonSchema> Output for StoredDocument<T> {
    fn to_response_parts(&self) -> Result<ResponseParts> {
        Ok(match &self.content {
            DocumentBody::Inline(body) => {
                ResponseParts { body: body.clone(), ..ResponseParts::empty(StatusCode::OK) }
                    .cached(self.caching)
            }
            // The URL bears a credential that ends soon.
            DocumentBody::At(url) => ResponseParts::empty(StatusCode::SEE_OTHER)
                .with(LOCATION, url)
                .cached(Caching::Never),
        })
    }

    fn describe(schemas: &mut SchemaGenerator) -> Vec<ResponseDoc> {
        vec![
            ResponseDoc::json(
                200,
                "The document, byte for byte as it was written.",
                schemas.subschema_for::<T>(),
            ),
            ResponseDoc::empty(
                303,
                "The document is larger than 4 MiB: `Location` is a URL of its bytes that expires after 15 minutes and takes no `Authorization` header.",
            ),
        ]
    }
}

#[cfg(test)]
mod tests {
    use http::header::CONTENT_TYPE;

    use super::*;

    #[derive(Debug)]
    struct TextPlain;

    impl MediaType for TextPlain {
        const NAME: &'static str = "text/plain; charset=utf-8";
    }

    #[test]
    fn a_document_is_sent_and_described_with_its_own_media_type() {
        let parts = StaticDocument::<TextPlain>::new("hello").to_response_parts().unwrap();
        assert_eq!(parts.headers, [(CONTENT_TYPE, TextPlain::NAME.to_owned())]);
        let docs = StaticDocument::<TextPlain>::describe(&mut SchemaGenerator::default());
        let content = docs.first().and_then(|doc| doc.content.first()).unwrap();
        assert_eq!(content.media_type, TextPlain::NAME);
    }
}
