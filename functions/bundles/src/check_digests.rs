//! EventBridge looks at the clock four times a day: asks registries whether what release bundles
//! pin is still there.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use slipway_catalog::{BundlePosition, judged};
use slipway_edge::capabilities::{Entity, Registries, Writer};
use slipway_edge::{Capabilities, Ctx, InvocableJob, Job, JobInvoker, Result, Trigger};
use tokio::time::Instant;

use crate::digest_check::DigestCheck;

/// How often EventBridge starts the job.
const ROUND_MINUTES: u32 = 6 * 60;
/// In how many parts of the list rounds begin, one after the other: those of a week.
const PARTS: u64 = 28;
/// How long registries are asked in one run; Lambda ends it after five minutes.
const ASKING_TIME: Duration = Duration::from_mins(4);
/// For how long a run begins with more bundles. What is asked for then has two minutes.
const BEGINNING_TIME: Duration = Duration::from_mins(2);

/// Looks for each image that a release bundle pins, unless that is deprecated, and for the images
/// of all its platforms. A bundle whose image is gone becomes `broken`, with an audit event, and
/// `ok` once it is there again. A registry that does not answer changes nothing. What takes longer
/// than a run is gone on with in the next one, which the job starts by a message.
pub struct CheckDigests;

/// What it may touch.
pub(crate) type CheckCapabilities = Capabilities<Writer, (), Registries, JobInvoker<CheckDigests>>;

/// Where the job goes on. All is empty where EventBridge has started it: it begins anew then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckMessage {
    /// The last bundle that was looked at; none for the first one of the list.
    #[serde(default)]
    after: Option<BundlePosition>,
    /// Where in the list the round has begun, until it comes to the list's end; none for its
    /// beginning.
    #[serde(default)]
    began_after: Option<BundlePosition>,
    /// Where the round ends, once it has come to the list's end.
    #[serde(default)]
    until: Option<BundlePosition>,
}

impl CheckMessage {
    /// Whether a round begins with it.
    fn begins_anew(&self) -> bool {
        self.after.is_none() && self.until.is_none()
    }

    /// A round that begins at this place, goes on to the end, and from the list's beginning to
    /// where it began.
    fn round(began_after: Option<BundlePosition>) -> Self {
        Self { after: began_after.clone(), began_after, until: None }
    }

    /// Where the round goes on, which has come to `next` in the list; none at its end.
    fn then(self, next: Option<BundlePosition>) -> Option<Self> {
        let Self { began_after, until, .. } = self;
        match next {
            Some(next) if until.as_ref().is_some_and(|until| next >= *until) => None,
            Some(next) => Some(Self { after: Some(next), began_after, until }),
            None => began_after.map(Self::from_the_beginning),
        }
    }

    fn from_the_beginning(until: BundlePosition) -> Self {
        Self { after: None, began_after: None, until: Some(until) }
    }
}

impl Job for CheckDigests {
    const NAME: &'static str = "check-digests";
    const TRIGGER: Trigger = Trigger::Schedule { minutes: ROUND_MINUTES };
    const WRITES: &[Entity] = &[Entity::ReleaseBundle];
    type Capabilities = CheckCapabilities;
    type Event = CheckMessage;

    async fn handle(ctx: &Ctx<Self::Capabilities>, event: Self::Event) -> Result<()> {
        let end = Instant::now() + BEGINNING_TIME;
        let mut check = DigestCheck::new(ctx, ASKING_TIME);
        let mut at = if event.begins_anew() { begin(ctx).await? } else { event };
        loop {
            let next = check_some(ctx, &mut check, at.after.clone()).await?;
            let Some(then) = at.then(next) else { return Ok(()) };
            if Instant::now() >= end || ctx.deadline().has_passed() {
                return ctx.invoker().invoke(&then).await;
            }
            at = then;
        }
    }
}

/// A round begins in another part of the list than the one before, by the time: so a registry that
/// tells of some images and no more is not asked about the same ones each time.
async fn begin(ctx: &Ctx<CheckCapabilities>) -> Result<CheckMessage> {
    let rounds = ctx.now().as_second().unsigned_abs() / 60 / u64::from(ROUND_MINUTES);
    let start = ctx.catalog().bundles_from_part(rounds % PARTS, PARTS).await?;
    Ok(CheckMessage::round(start))
}

impl InvocableJob for CheckDigests {
    type Message = CheckMessage;
}

/// Checks the next bundles, and tells where those after them are. A bundle of which nothing new is
/// known is not written.
async fn check_some(
    ctx: &Ctx<CheckCapabilities>,
    check: &mut DigestCheck<'_>,
    after: Option<BundlePosition>,
) -> Result<Option<BundlePosition>> {
    let page = ctx.catalog().bundles_in_use(after).await?;
    let checks = check.check(&page.bundles).await?;
    for bundle in &page.bundles {
        if judged(bundle, &checks).is_some() {
            ctx.catalog().record_image_checks(&bundle.id, &checks, &ctx.audit()?).await?;
        }
    }
    Ok(page.next)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn position(segment: u64, number: u8) -> BundlePosition {
        let id = format!("01890000-0000-7000-8000-0000000000{number:02}");
        serde_json::from_value(json!({ "segment": segment, "id": id })).unwrap()
    }

    #[test]
    fn a_round_goes_to_the_end_and_from_the_beginning_to_where_it_began() {
        let (start, next) = (position(1, 40), position(2, 60));
        let at = CheckMessage::round(Some(start.clone()));
        assert_eq!(at.after, Some(start.clone()));
        let at = at.then(Some(next.clone())).unwrap();
        assert_eq!((&at.after, at.begins_anew()), (&Some(next), false));
        let at = at.then(None).unwrap();
        assert_eq!((&at.after, &at.until), (&None, &Some(start.clone())));
        assert!(!at.begins_anew());
        let at = at.then(Some(position(1, 20))).unwrap();
        assert_eq!((&at.after, &at.until), (&Some(position(1, 20)), &Some(start.clone())));
        for end in [Some(start), Some(position(1, 41)), None] {
            assert_eq!(at.clone().then(end), None);
        }
        let whole = CheckMessage::round(None);
        assert_eq!(whole.clone().then(None), None);
        assert!(whole.then(Some(position(1, 20))).unwrap().then(None).is_none());
    }

    #[test]
    fn a_message_of_before_goes_on_to_the_end() {
        let message = json!({ "after": position(1, 20) });
        let at: CheckMessage = serde_json::from_value(message).unwrap();
        assert!(!at.begins_anew());
        assert_eq!(at.then(None), None);
    }
}
