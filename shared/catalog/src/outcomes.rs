//! Outcomes of releases: the last one of each client, and counters that follow from them.
//!
//! They are no entity that anybody changes, so that no audit event goes with them. A client's row
//! and the counters change in one transaction: no counter drifts from what clients have reported.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use slipway_domain::adoption::date_of;
use slipway_domain::outcome::{
    ClientOutcome, DailyOutcomes, ErrorClass, Network, OTHER_CLASS, Outcome, OutcomeCounts,
    OutcomeReport, ReportSalt, SaltedDigest,
};
use slipway_domain::release::{Release, ReleaseStatus};
use slipway_domain::{Code, Error, Principal, ReleaseId, Result};

use crate::halting::add_check;
use crate::rows::CounterDay;
use crate::schema::{self, Key};
use crate::store::{
    Consistency, CounterUpdate, Item, KeyQuery, Reader, Row, Stored, Table, Transaction, decode,
    number, numbers,
};

/// How many days outcomes are kept.
const KEPT_DAYS: i64 = 400;
/// How many classes of errors a counter tells apart.
const MAX_CLASSES: u64 = 20;
/// The number of reports of a network in an hour.
const REPORTS: &str = "reports";
/// The number of classes that a counter has.
const CLASSES: &str = "classes";
/// What the names of the numbers of classes begin with.
const CLASS: &str = "class:";
/// What the names of the numbers of failures from networks with the same mark begin with.
const MARK: &str = "mark:";

/// Records outcomes, and changes nothing else.
#[derive(Debug, Clone)]
pub struct OutcomeRecorder {
    reader: Reader,
    hourly_limit: u64,
}

/// Random bits for a report.
#[derive(Debug, Clone, Copy)]
pub struct ReportEntropy {
    /// For the salt of a release of which nobody has reported before.
    pub salt: [u8; 16],
    /// For the name of the row that has the reports looked at.
    pub check: [u8; 16],
}

/// Who reports, and when.
#[derive(Clone, Copy)]
struct Reporter {
    client: SaltedDigest,
    network: SaltedDigest,
    check: [u8; 16],
    now: Timestamp,
}

/// A report that is counted, and what it is counted for.
struct Counting<'a> {
    report: &'a OutcomeReport,
    release: Release,
    by: Reporter,
}

/// How the class of a report is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CountedClass {
    /// By a name that the counter has, or there is none to count.
    Known,
    /// By its name, which the counter has got by it: it never gives a name up, so that a client may
    /// bring in one a day, however often it changes its mind.
    Named,
    /// As [`OTHER_CLASS`].
    Other,
}

impl OutcomeRecorder {
    /// Records outcomes in `table`: of a release, up to `hourly_limit` an hour from each network.
    #[must_use]
    pub fn new(table: Table, hourly_limit: u32) -> Self {
        let reader = Reader::new(table, Principal::system().into());
        Self { reader, hourly_limit: hourly_limit.into() }
    }

    /// Records what a client reports from `network`. It counts once, with its last outcome; saying
    /// the same again changes nothing.
    ///
    /// # Errors
    /// `not_found` for a release that clients were never offered; `rate_limited`.
    pub async fn record_outcome(
        &self,
        report: &OutcomeReport,
        network: &Network,
        entropy: ReportEntropy,
        now: Timestamp,
    ) -> Result<()> {
        let salt = self.salt(&report.release_id, entropy.salt).await?;
        let (client, network) = (salt.client(&report.client_id), salt.network(network));
        self.count_request(&report.release_id, &network, now).await?;
        self.count(report, Reporter { client, network, check: entropy.check, now }).await
    }

    /// A release that clients were offered.
    async fn load_offered(&self, id: &ReleaseId) -> Result<Release> {
        let release = self.reader.load_release(id).await?.value;
        let is_draft = release.status == ReleaseStatus::Draft;
        if is_draft { Err(Error::not_found("release", id)) } else { Ok(release) }
    }

    /// The salt of a release: the one that the first of its reporters has made. What clients were
    /// never offered has none.
    async fn salt(&self, release: &ReleaseId, entropy: [u8; 16]) -> Result<ReportSalt> {
        let (table, place) = (&self.reader.table, &schema::report_salt(release));
        table
            .transact(|mut tx| async move {
                if let Some(Stored { value, .. }) = table.get(place).await? {
                    return Ok(tx.returning(value));
                }
                self.load_offered(release).await?;
                // Of many that come first at once, all but one take that of the one.
                tx.create(Row::new(place.clone(), &ReportSalt(entropy))?)?
                    .or_else(Ok::<ReportSalt, _>);
                Ok(tx.returning(ReportSalt(entropy)))
            })
            .await
    }

    /// Counts a request of a network, and refuses one too many.
    async fn count_request(
        &self,
        release: &ReleaseId,
        network: &SaltedDigest,
        now: Timestamp,
    ) -> Result<()> {
        let hour = now.as_second().div_euclid(3600) * 3600;
        let hour = Timestamp::from_second(hour).map_err(Error::internal)?;
        let end = hour.saturating_add(SignedDuration::from_hours(1)).unwrap_or(Timestamp::MAX);
        let key = schema::outcome_rate(release, network, hour);
        let mut count = CounterUpdate::new(key, &CounterDay(date_of(now)), end)?;
        count.add(REPORTS, 1);
        count.require_below(REPORTS, self.hourly_limit);
        if self.reader.table.count(count).await? { Ok(()) } else { Err(too_many(now, end)) }
    }

    async fn count(&self, report: &OutcomeReport, by: Reporter) -> Result<()> {
        let table = &self.reader.table;
        table
            .transact(|mut tx| async move {
                let place = schema::client_outcome(&report.release_id, &by.client);
                let stored: Option<Stored<ClientOutcome>> = table.get(&place).await?;
                // In each attempt, and after the client's row: a client never goes back a round.
                let release = self.load_offered(&report.release_id).await?;
                let counting = Counting { report, release, by };
                let rev = stored.as_ref().map(|stored| stored.rev);
                let before = stored.map(|stored| stored.value).filter(|one| counting.is_kept(one));
                if before.as_ref().is_some_and(|before| counting.repeats(before)) {
                    return Ok(tx.returning(()));
                }
                let counters = counting.move_count(table, before.as_ref()).await?;
                let (after, counters) = counters;
                let row = Row::new(place, &after)?.expires_at(end_of(after.date, KEPT_DAYS)?);
                tx.put_if_unchanged(row, rev)?;
                add_counters(&mut tx, counters)?;
                add_check(&mut tx, &counting.release, &HEXLOWER.encode(&by.check), by.now)?;
                Ok(tx.returning(()))
            })
            .await
    }
}

fn add_counters<T>(
    tx: &mut Transaction<'_, T>,
    counters: BTreeMap<Key, CounterUpdate>,
) -> Result<()> {
    counters.into_values().try_for_each(|counter| tx.update_counter(counter).map(|_| ()))
}

impl Counting<'_> {
    /// Whether the counters have what a client has reported `before`: DynamoDB deletes a row some
    /// time after its end.
    fn is_kept(&self, before: &ClientOutcome) -> bool {
        is_kept(before.date, self.by.now)
    }

    /// Whether it says what the client has reported `before`, in the present round of the release.
    fn repeats(&self, before: &ClientOutcome) -> bool {
        before.is_repeated_by(self.report, self.release.halting.round)
    }

    /// What is on record of the client after the report, and the counters that change with it.
    async fn move_count(
        &self,
        table: &Table,
        before: Option<&ClientOutcome>,
    ) -> Result<(ClientOutcome, BTreeMap<Key, CounterUpdate>)> {
        let (round, date) = (self.release.halting.round, date_of(self.by.now));
        let place = self.counter_key(round, date);
        let mut counter = counter_update(&place, date)?;
        let class = self.report.error_class.clone();
        let named_on = before.and_then(|before| before.named_on);
        let may_name = named_on != Some(date);
        let kind = self.count_class(table, class.as_ref(), may_name, &mut counter).await?;
        let is_other = kind == CountedClass::Other;
        let named_on = if kind == CountedClass::Named { Some(date) } else { named_on };
        let outcome = self.report.outcome;
        let mark = outcome.is_failure().then(|| self.by.network.mark());
        let after =
            ClientOutcome { outcome, error_class: class, is_other, named_on, date, round, mark };
        count_outcome(&mut counter, &after, 1);
        let mut counters = BTreeMap::from([(place, counter)]);
        if let Some(before) = before {
            let place = self.counter_key(before.round, before.date);
            if !counters.contains_key(&place) {
                counters.insert(place.clone(), counter_update(&place, before.date)?);
            }
            if let Some(counter) = counters.get_mut(&place) {
                count_outcome(counter, before, -1);
                if let Some(class) = before.counted_class() {
                    counter.add(&format!("{CLASS}{class}"), -1);
                }
            }
        }
        Ok((after, counters))
    }

    /// Adds a class to `counter`. Where it is the first of its name, the client has to be one that
    /// may name it.
    async fn count_class(
        &self,
        table: &Table,
        class: Option<&ErrorClass>,
        may_name: bool,
        counter: &mut CounterUpdate,
    ) -> Result<CountedClass> {
        let Some(class) = class.filter(|class| class.as_str() != OTHER_CLASS) else {
            if class.is_some() {
                counter.add(&format!("{CLASS}{OTHER_CLASS}"), 1);
            }
            return Ok(CountedClass::Known);
        };
        let name = format!("{CLASS}{class}");
        let item = table.get_item(&counter.key, Consistency::Strong).await?;
        let classes = item.as_ref().and_then(|item| number(item, CLASSES)).unwrap_or_default();
        if item.as_ref().is_some_and(|item| item.contains_key(&name)) {
            counter.require(&name);
            counter.add(&name, 1);
            Ok(CountedClass::Known)
        } else if may_name && classes < MAX_CLASSES {
            counter.require_room(&name, CLASSES, MAX_CLASSES);
            counter.add(CLASSES, 1);
            counter.add(&name, 1);
            Ok(CountedClass::Named)
        } else {
            counter.add(&format!("{CLASS}{OTHER_CLASS}"), 1);
            Ok(CountedClass::Other)
        }
    }

    fn counter_key(&self, round: u32, date: Date) -> Key {
        schema::outcome_counter(&self.release.release_id, round, date, self.by.client.shard())
    }
}

/// A change of a counter, which is kept a day longer than the clients that it counts: what is taken
/// out has to be there.
fn counter_update(place: &Key, date: Date) -> Result<CounterUpdate> {
    CounterUpdate::new(place.clone(), &CounterDay(date), end_of(date, KEPT_DAYS + 1)?)
}

impl Reader {
    /// A release that the principal may know of, with all counters of its outcomes that are kept at
    /// `now`, several for each day.
    ///
    /// # Errors
    /// `not_found`; `forbidden` for customers: they are the vendor's.
    pub async fn list_outcomes(
        &self,
        id: &ReleaseId,
        now: Timestamp,
    ) -> Result<(Release, Vec<DailyOutcomes>)> {
        let release = self.load_release(id).await?.value;
        self.require_vendor("the health of a release")?;
        let all = KeyQuery::of_partition(schema::outcome_counters(id));
        Ok((release, self.counters(&all, now).await?))
    }

    /// The counters that are kept at `now`: DynamoDB deletes others some time later.
    pub(crate) async fn counters(
        &self,
        which: &KeyQuery,
        now: Timestamp,
    ) -> Result<Vec<DailyOutcomes>> {
        let mut counters = Vec::new();
        let take = |items: Vec<Item>| {
            for item in &items {
                counters.push(daily_outcomes(item)?);
            }
            Ok(())
        };
        self.table.each_page_of_rows(which, take).await?;
        counters.retain(|counter| is_kept(counter.date, now));
        Ok(counters)
    }
}

fn daily_outcomes(item: &Item) -> Result<DailyOutcomes> {
    let Stored { value: CounterDay(date), .. } = decode(item)?;
    let mut counts = OutcomeCounts::default();
    for outcome in [Outcome::Installed, Outcome::Failed, Outcome::RolledBack] {
        let clients = number(item, word(outcome));
        *counts.of(outcome) = clients.unwrap_or_default();
    }
    let classes = numbers(item, CLASS).map(|(class, clients)| (class.to_owned(), clients));
    counts.error_classes = classes.collect();
    let marks = numbers(item, MARK);
    counts.networks =
        marks.filter_map(|(mark, clients)| Some((mark.parse().ok()?, clients))).collect();
    Ok(DailyOutcomes { date, counts })
}

/// Adds `clients` to the numbers of an outcome, but for that of its class.
fn count_outcome(counter: &mut CounterUpdate, of: &ClientOutcome, clients: i64) {
    counter.add(word(of.outcome), clients);
    if let Some(mark) = of.mark {
        counter.add(&format!("{MARK}{mark}"), clients);
    }
}

/// The name of the number of an outcome.
fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Installed => "installed",
        Outcome::Failed => "failed",
        Outcome::RolledBack => "rolled_back",
    }
}

fn too_many(now: Timestamp, end: Timestamp) -> Error {
    // A second more than whole ones: who waits for it must not come too early.
    let wait = end.duration_since(now).as_secs() + 1;
    let message = format!(
        "too many reports of this release from this network; the next ones are taken in {wait} seconds"
    );
    let details = serde_json::json!({ "retry_after_seconds": wait });
    Error::new(Code::RateLimited, message).with(details)
}

/// Whether what is reported on `date` counts at `now`.
fn is_kept(date: Date, now: Timestamp) -> bool {
    end_of(date, KEPT_DAYS).is_ok_and(|end| end > now)
}

/// When what is of `date` ends that is kept for `days`.
fn end_of(date: Date, days: i64) -> Result<Timestamp> {
    let end = date.checked_add(days.days()).map_err(Error::internal)?;
    Ok(end.to_zoned(TimeZone::UTC).map_err(Error::internal)?.timestamp())
}
