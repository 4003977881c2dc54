//! SDK clients that are made when they are first used.

use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, LazyLock};

type Make<C> = Box<dyn FnOnce() -> C + Send>;

/// An SDK client that is made when it is first used: making one parses the table of AWS's
/// partitions, and most functions need two of five. Clones share the client.
pub struct LazyClient<C>(Arc<LazyLock<C, Make<C>>>);

impl<C> LazyClient<C> {
    /// A client that `make` will make.
    pub fn new(make: impl FnOnce() -> C + Send + 'static) -> Self {
        Self(Arc::new(LazyLock::new(Box::new(make))))
    }

    /// Makes the client now, where it has not been made.
    pub fn make(&self) {
        LazyLock::force(&self.0);
    }

    /// Whether the client has been made.
    #[must_use]
    pub fn is_made(&self) -> bool {
        LazyLock::get(&self.0).is_some()
    }
}

impl<C: Send + 'static> From<C> for LazyClient<C> {
    fn from(client: C) -> Self {
        Self::new(move || client)
    }
}

impl<C> Clone for LazyClient<C> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<C> Deref for LazyClient<C> {
    type Target = C;

    fn deref(&self) -> &C {
        &self.0
    }
}

impl<C> fmt::Debug for LazyClient<C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("LazyClient").field("is_made", &self.is_made()).finish()
    }
}
