//! The time that a function has. Lambda ends one that takes longer: its caller gets API Gateway's
//! 500 or 503 without a reason, and its log no line.

use std::time::Duration;

use slipway_domain::{Code, Error};
use tokio::time::timeout;

/// What of a function's time is kept for saying that it was not enough.
const MARGIN: Duration = Duration::from_millis(500);

/// How long a request or an event may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeLimit {
    /// As long as it takes.
    None,
    /// So long.
    Of(Duration),
}

impl TimeLimit {
    /// The limit of a function that Lambda ends after `left`.
    #[must_use]
    pub fn of_invocation(left: Duration) -> Self {
        Self::Of(left.saturating_sub(MARGIN))
    }

    /// What `work` comes to.
    ///
    /// # Errors
    /// `unavailable` if it takes longer. It is cut off between two calls to AWS or in the middle of
    /// one, as if the function had been killed there.
    pub(crate) async fn hold<T, E: From<Error>>(
        self,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let Self::Of(limit) = self else { return work.await };
        timeout(limit, work).await.unwrap_or_else(|_| {
            let message = "this took too long and was given up; a change may have been made all the same: repeat it, with the same Idempotency-Key if it had one";
            let error = Error::new(Code::Unavailable, message);
            Err(error.because(format!("nothing came of it within {limit:?}")).into())
        })
    }
}

#[cfg(test)]
mod tests {
    use slipway_domain::Result;

    use super::*;

    #[tokio::test]
    async fn what_takes_longer_is_given_up_and_what_does_not_is_answered() {
        let limit = TimeLimit::of_invocation(MARGIN + Duration::from_millis(20));
        let given_up: Result<()> = limit.hold(std::future::pending::<Result<()>>()).await;
        let error = given_up.unwrap_err();
        assert_eq!(error.code(), Code::Unavailable);
        for limit in [limit, TimeLimit::None] {
            let answered: Result<u8> = limit.hold(async { Ok(7) }).await;
            assert_eq!(answered.unwrap(), 7);
        }
    }

    #[tokio::test]
    async fn a_function_without_any_time_left_says_so_at_once() {
        let limit = TimeLimit::of_invocation(Duration::from_millis(1));
        let given_up: Result<()> = limit.hold(std::future::pending::<Result<()>>()).await;
        assert!(given_up.is_err());
    }
}
