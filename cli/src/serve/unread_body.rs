//! Bodies that nobody reads: whoever is refused early is told why all the same.
//!
//! A connection that is closed while its client still sends is reset, and the client sees a broken
//! pipe in place of the response.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, BodyDataStream, Bytes};
use axum::extract::Request;
use axum::http::header::EXPECT;
use axum::middleware::Next;
use axum::response::Response;
use futures::{Stream, StreamExt};
use tokio::time::timeout;

/// How much of a body is read to no purpose.
const MOST: usize = 4 << 20;
/// For how long.
const LONGEST: Duration = Duration::from_secs(2);

/// Answers a request, after what its handler left of the body has been read too, within limits.
pub async fn discard(request: Request, next: Next) -> Response {
    if request.headers().contains_key(EXPECT) {
        // Its client asks first whether it is to send the body at all.
        return next.run(request).await;
    }
    let (head, body) = request.into_parts();
    let body = LentBody(Arc::new(Mutex::new(body.into_data_stream())));
    let lent = Body::from_stream(body.clone());
    let response = next.run(Request::from_parts(head, lent)).await;
    // Whoever is slower, or sends more, has had its chance.
    drop(timeout(LONGEST, body.discard()).await);
    response
}

/// A body that comes back from who was to read it.
#[derive(Clone)]
struct LentBody(Arc<Mutex<BodyDataStream>>);

impl LentBody {
    async fn discard(mut self) {
        let mut left = MOST;
        while let Some(Ok(bytes)) = self.next().await {
            match left.checked_sub(bytes.len()) {
                Some(less) => left = less,
                None => return,
            }
        }
    }
}

impl Stream for LentBody {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut body = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        body.poll_next_unpin(context)
    }
}
