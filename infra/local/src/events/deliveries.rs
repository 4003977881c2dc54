//! The loop of a source of events that are delivered one by one.

use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, watch};
use tokio::time::sleep;

use crate::engines::stopped;

/// Deliveries under way at once.
const AT_ONCE: usize = 4;
/// The pause before a failed delivery is repeated. Lambda waits a minute; who sits before a local
/// stack has less time.
pub(super) const PAUSE: Duration = Duration::from_secs(2);

/// Has `handle` deliver what `next` gives, of which some are under way at once, until `stop` says
/// otherwise; then those are finished. `source` is who complains where `next` fails.
pub(super) async fn deliver_each<T, E, N, H>(
    source: &str,
    next: impl Fn() -> N,
    handle: impl Fn(T) -> H,
    stop: watch::Receiver<bool>,
) where
    E: Display,
    N: Future<Output = Result<T, E>>,
    H: Future<Output = ()> + Send + 'static,
{
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let deliver = async {
        while let Ok(place) = Arc::clone(&places).acquire_owned().await {
            match next().await {
                Ok(event) => {
                    let delivery = handle(event);
                    tokio::spawn(async move {
                        delivery.await;
                        drop(place);
                    });
                }
                Err(error) => {
                    eprintln!("{source}: {error}");
                    sleep(PAUSE).await;
                }
            }
        }
    };
    tokio::select! {
        () = deliver => {}
        () = stopped(stop) => {}
    }
    // Every place free again means that nothing is under way.
    drop(places.acquire_many(u32::try_from(AT_ONCE).unwrap_or(u32::MAX)).await);
}
