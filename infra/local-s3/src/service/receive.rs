//! Taking in a body: streamed to a draft, hashed on the way, checked against everything that was
//! claimed of it.

use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt as _;
use http::HeaderMap;
use s3s::{S3Request, StdError, TrailingHeaders, dto::StreamingBlob};
use tokio::time::timeout;

use super::{MAX_IN_ONE_REQUEST, checksums};
use crate::{
    Store,
    error::{Outcome, StoreError},
    refusals,
    store::{
        UnpublishedBlob,
        digest::{self, Algorithm, Checksum, Digests, Hasher},
    },
};

/// How much is collected before it is hashed and written on a blocking thread.
const CHUNK: usize = 256 * 1024;

/// How long a client may send nothing. S3 documents no number; it is about twenty seconds.
const IDLE: Duration = Duration::from_secs(20);

/// A body and what its request says of it.
pub(super) struct IncomingBody {
    body: Option<StreamingBlob>,
    length: u64,
    md5: Option<String>,
    claim: Option<Checksum>,
    trailer: Option<Algorithm>,
    trailers: Option<TrailingHeaders>,
}

/// Bytes that are what they were claimed to be, not yet durable.
pub(super) struct ReceivedBody {
    pub(super) draft: UnpublishedBlob,
    pub(super) digests: Digests,
    /// What was claimed of them, by header or trailer, and is true.
    pub(super) claim: Option<Checksum>,
}

impl IncomingBody {
    /// Refuses, before a byte is read, what can be refused by the headers alone.
    pub(super) fn announced<T>(
        request: &S3Request<T>,
        body: Option<StreamingBlob>,
        length: Option<i64>,
    ) -> Outcome<Self> {
        let headers = &request.headers;
        // A chunked body has two lengths, the one that counts in a header of its own.
        let decoded = headers
            .get("x-amz-decoded-content-length")
            .and_then(|value| value.to_str().ok()?.parse().ok());
        let length = decoded.or(length).and_then(|length: i64| u64::try_from(length).ok());
        let length = length.ok_or_else(refusals::missing_content_length)?;
        if length > MAX_IN_ONE_REQUEST {
            return Err(refusals::entity_too_large().into());
        }
        let claim = checksums::claimed_of_bytes(headers)?;
        let trailer = checksums::announced_trailer(headers);
        require_announced_algorithm(headers, claim.as_ref(), trailer)?;
        Ok(Self {
            body,
            length,
            md5: md5(headers)?,
            claim,
            trailer,
            trailers: request.trailing_headers.clone(),
        })
    }

    /// Reads the body. Refuses, leaving nothing behind, if it is not what was claimed.
    pub(super) async fn receive(mut self, store: &Store) -> Outcome<ReceivedBody> {
        let body = self.body.take();
        let (draft, digests) = take_in(store, body, self.algorithms()).await?;
        if digests.size != self.length {
            return Err(refusals::incomplete_body().into());
        }
        if self.md5.is_some_and(|expected| expected != digests.md5) {
            return Err(refusals::bad_digest("Content-MD5").into());
        }
        let claim = match self.trailer {
            Some(algorithm) => Some(trailing_claim(self.trailers.as_ref(), algorithm)?),
            None => self.claim,
        };
        if let Some(claim) = &claim {
            checksums::verify(claim, &digests)?;
        }
        Ok(ReceivedBody { draft, digests, claim })
    }
}

fn md5(headers: &HeaderMap) -> Outcome<Option<String>> {
    let Some(value) = headers.get("content-md5") else { return Ok(None) };
    let md5 = value.to_str().ok().and_then(digest::md5_of_header);
    Ok(Some(md5.ok_or_else(refusals::invalid_md5)?))
}

/// A client that says which algorithm it uses must also send the checksum.
fn require_announced_algorithm(
    headers: &HeaderMap,
    claim: Option<&Checksum>,
    trailer: Option<Algorithm>,
) -> Outcome<()> {
    if headers.contains_key("x-amz-sdk-checksum-algorithm") && claim.is_none() && trailer.is_none()
    {
        return Err(refusals::invalid_request(
            "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were \
             found.",
        )
        .into());
    }
    Ok(())
}

fn trailing_claim(trailers: Option<&TrailingHeaders>, algorithm: Algorithm) -> Outcome<Checksum> {
    let headers = trailers.and_then(TrailingHeaders::take).unwrap_or_default();
    let claim = checksums::claimed_of_bytes(&headers)?.filter(|claim| claim.algorithm == algorithm);
    Ok(claim.ok_or_else(|| {
        refusals::invalid_request("The trailer named by x-amz-trailer is missing.")
    })?)
}

/// A draft that hashes what is written to it.
struct Intake {
    draft: UnpublishedBlob,
    hasher: Hasher,
}

impl Intake {
    fn take(mut self, chunks: &[Bytes]) -> Outcome<Self> {
        for chunk in chunks {
            self.hasher.update(chunk);
            self.draft.write(chunk)?;
        }
        Ok(self)
    }
}

async fn take_in(
    store: &Store,
    body: Option<StreamingBlob>,
    algorithms: Vec<Algorithm>,
) -> Outcome<(UnpublishedBlob, Digests)> {
    let mut intake = store
        .run(move |store| {
            Ok(Intake { draft: store.begin_blob()?, hasher: Hasher::new(&algorithms) })
        })
        .await?;
    let mut body = body;
    while let Some(chunks) = next_chunks(&mut body, IDLE).await? {
        intake = store.run(move |_| intake.take(&chunks)).await?;
    }
    Ok((intake.draft, intake.hasher.finish()))
}

/// Some of the body, about [`CHUNK`] bytes of it, from a client that pauses for no longer than `idle`.
/// `None` when all of it was had.
async fn next_chunks(
    body: &mut Option<StreamingBlob>,
    idle: Duration,
) -> Outcome<Option<Vec<Bytes>>> {
    let (mut chunks, mut length) = (Vec::new(), 0);
    while let Some(stream) = body
        && length < CHUNK
    {
        match timeout(idle, stream.next()).await.map_err(|_| refusals::request_timeout())? {
            Some(chunk) => {
                let chunk = chunk.map_err(|error| reading_failed(&error))?;
                length += chunk.len();
                chunks.push(chunk);
            }
            None => *body = None,
        }
    }
    Ok((!chunks.is_empty()).then_some(chunks))
}

impl IncomingBody {
    /// The algorithms every blob's row has, and the one that was claimed.
    fn algorithms(&self) -> Vec<Algorithm> {
        let claimed = self.claim.as_ref().map(|claim| claim.algorithm);
        [Some(Algorithm::Sha256), Some(Algorithm::Crc64Nvme), claimed, self.trailer]
            .into_iter()
            .flatten()
            .collect()
    }
}

fn reading_failed(error: &StdError) -> StoreError {
    // The protocol layer's error types are private; their text is all there is to tell them apart
    // by.
    let text = error.to_string();
    let refusal = if text.contains("Sha256Mismatch") {
        refusals::content_sha256_mismatch()
    } else if text.contains("SignatureMismatch") {
        refusals::signature_does_not_match()
    } else {
        refusals::incomplete_body()
    };
    refusal.into()
}

#[cfg(test)]
mod tests {
    use futures::stream;
    use s3s::S3ErrorCode;

    use super::*;

    #[tokio::test]
    async fn a_client_that_stops_sending_is_sent_away() {
        let sent = stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(b"hello"))]);
        let mut body = Some(StreamingBlob::wrap(sent.chain(stream::pending())));
        let refused = next_chunks(&mut body, Duration::from_millis(50)).await;
        let Err(StoreError::Refused(error)) = refused else { panic!("it waits for no more") };
        assert_eq!(error.code(), &S3ErrorCode::RequestTimeout);
    }
}
