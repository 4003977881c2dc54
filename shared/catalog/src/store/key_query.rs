//! What is asked for: partitions of the table or of an index, and positions in them.

use std::collections::{BTreeMap, BTreeSet};

use slipway_domain::{Code, Error, Result};

use super::row::{Item, text};
use crate::schema::{Index, Key, PK, SK};

/// Where a page of a list ended: the key attributes of the last row that was read, or the partition
/// key alone where a partition was read to its end.
pub type StartKey = BTreeMap<String, String>;

/// A partition of the table or of an index, and which of its rows are asked for.
#[derive(Debug, Clone)]
pub(crate) struct KeyQuery {
    pub(super) index: Option<Index>,
    pub(super) pk: String,
    pub(super) rows: SortKeyCondition,
}

/// Which rows of a partition, by sort key.
#[derive(Debug, Clone)]
pub(super) enum SortKeyCondition {
    All,
    Prefix(String),
    Below(String),
    From(String),
    Between(String, String),
}

impl KeyQuery {
    /// A partition of an index, last first.
    pub(crate) fn of_index(index: Index, pk: String) -> Self {
        Self { index: Some(index), pk, rows: SortKeyCondition::All }
    }

    /// The rows of a partition of an index whose sort keys are below `bound`, last first.
    pub(crate) fn of_index_below(index: Index, pk: String, bound: String) -> Self {
        Self { index: Some(index), pk, rows: SortKeyCondition::Below(bound) }
    }

    /// The rows of a partition of an index whose sort keys begin with `prefix`, last first.
    pub(crate) fn of_index_with_prefix(index: Index, pk: String, prefix: String) -> Self {
        Self { index: Some(index), pk, rows: SortKeyCondition::Prefix(prefix) }
    }

    /// The rows of a partition of an index whose sort keys are `from` or above, up to `to`, last
    /// first.
    pub(crate) fn of_index_between(index: Index, pk: String, from: String, to: String) -> Self {
        Self { index: Some(index), pk, rows: SortKeyCondition::Between(from, to) }
    }

    /// A partition of the table.
    pub(crate) fn of_partition(pk: String) -> Self {
        Self { index: None, pk, rows: SortKeyCondition::All }
    }

    /// The rows of a partition of the table whose sort keys are below `bound`, last first.
    pub(crate) fn of_table_below(pk: String, bound: String) -> Self {
        Self { index: None, pk, rows: SortKeyCondition::Below(bound) }
    }

    /// The rows of a partition of the table whose sort keys begin with `prefix`, last first.
    pub(crate) fn of_table(pk: String, prefix: String) -> Self {
        Self { index: None, pk, rows: SortKeyCondition::Prefix(prefix) }
    }

    /// The rows of a partition of the table whose sort keys are `bound` or above, last first.
    pub(crate) fn of_table_from(pk: String, bound: String) -> Self {
        Self { index: None, pk, rows: SortKeyCondition::From(bound) }
    }

    /// The rows of a partition of the table whose sort keys are `from` or above, up to `to`, last
    /// first.
    pub(crate) fn of_table_between(pk: String, from: String, to: String) -> Self {
        Self { index: None, pk, rows: SortKeyCondition::Between(from, to) }
    }

    /// The names of the partition key and the sort key that are asked for.
    pub(super) fn keys(&self) -> (&'static str, &'static str) {
        self.index.map_or((PK, SK), Index::keys)
    }

    /// Where `item` is in it.
    pub(super) fn position(&self, item: &Item) -> StartKey {
        let (pk, sk) = self.keys();
        let of = |name: &str| text(item, name).map(|value| (name.to_owned(), value.to_owned()));
        [PK, SK, pk, sk].into_iter().filter_map(of).collect()
    }

    /// Its end.
    pub(super) fn end(&self) -> StartKey {
        StartKey::from([(self.keys().0.to_owned(), self.pk.clone())])
    }
}

/// What is left of `partitions`, which are in the order of their keys, or the other way round,
/// after `start`, and where to begin in the first of them. A partition that `start` names and that
/// is no longer among them has ended.
///
/// # Errors
/// `invalid_cursor` for a position in a list that is read elsewhere.
pub(super) fn partitions_after(
    partitions: &[KeyQuery],
    start: Option<StartKey>,
) -> Result<(&[KeyQuery], Option<StartKey>)> {
    let (Some(start), Some(any)) = (start, partitions.first()) else {
        return Ok((partitions, None));
    };
    let (pk, sk) = any.keys();
    let is_ended = has_names(&start, &[pk]);
    if !is_ended && !has_names(&start, &[PK, SK, pk, sk]) {
        return Err(read_elsewhere());
    }
    let named = start.get(pk).map_or("", String::as_str);
    let is_downward = partitions.last().is_some_and(|last| last.pk < any.pk);
    let rest = after(partitions, |partition| {
        let pk = partition.pk.as_str();
        if is_downward { pk > named } else { pk < named }
    });
    match rest.split_first() {
        Some((first, others)) if first.pk == named && is_ended => Ok((others, None)),
        Some((first, _)) if first.pk == named => Ok((rest, Some(start))),
        _ => Ok((rest, None)),
    }
}

/// What is left of `keys`, which are in their order, after `start`.
///
/// # Errors
/// `invalid_cursor` for a position in a list that is read elsewhere.
pub(super) fn keys_after(keys: &[Key], start: Option<StartKey>) -> Result<&[Key]> {
    let Some(start) = start else { return Ok(keys) };
    if !has_names(&start, &[PK, SK]) {
        return Err(read_elsewhere());
    }
    let named = |name| start.get(name).map_or("", String::as_str);
    let last = (named(PK), named(SK));
    Ok(after(keys, |key| (key.pk.as_str(), key.sk.as_str()) <= last))
}

/// The sort key that `start` names, which is a position in the partition `pk` of the table.
///
/// # Errors
/// `invalid_cursor` for a position in a list that is read elsewhere.
pub(super) fn sort_key_within(pk: &str, start: &StartKey) -> Result<String> {
    let is_within = has_names(start, &[PK, SK]) && start.get(PK).is_some_and(|named| named == pk);
    let sk = start.get(SK).filter(|_| is_within);
    sk.cloned().ok_or_else(read_elsewhere)
}

/// What is left of `sorted` after those that are `passed`.
fn after<T>(sorted: &[T], passed: impl Fn(&T) -> bool) -> &[T] {
    sorted.get(sorted.partition_point(passed)..).unwrap_or_default()
}

fn has_names(position: &StartKey, names: &[&str]) -> bool {
    position.keys().map(String::as_str).eq(names.iter().copied().collect::<BTreeSet<_>>())
}

fn read_elsewhere() -> Error {
    let message = "what the credential is bound to has changed since the cursor was issued, or Slipway was upgraded; start without a cursor";
    Error::new(Code::InvalidCursor, message).at("cursor")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{product, releases_of};

    fn partitions() -> Vec<KeyQuery> {
        let of =
            |id: &str| KeyQuery::of_index(Index::ByRelation, releases_of(&id.parse().unwrap()));
        ["prod_a", "prod_b", "prod_d"].map(of).into()
    }

    fn position(names: &[(&str, &str)]) -> StartKey {
        names.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn in_partition(pk: &str) -> StartKey {
        position(&[(PK, "x"), (SK, "y"), ("GSI2PK", pk), ("GSI2SK", "z")])
    }

    /// The partitions that are left, and whether the first of them is begun in the middle.
    fn left(start: Option<StartKey>) -> (Vec<String>, bool) {
        let partitions = partitions();
        let (rest, start) = partitions_after(&partitions, start).unwrap();
        (rest.iter().map(|partition| partition.pk.clone()).collect(), start.is_some())
    }

    #[test]
    fn a_list_goes_on_in_the_partition_where_it_stopped_or_in_the_next_one() {
        let names = |ids: &[&str]| ids.iter().map(|id| format!("RELEASES#prod_{id}")).collect();
        assert_eq!(left(None), (names(&["a", "b", "d"]), false));
        assert_eq!(left(Some(in_partition("RELEASES#prod_b"))), (names(&["b", "d"]), true));
        let end = partitions().get(1).map(KeyQuery::end);
        assert_eq!(left(end), (names(&["d"]), false));
        // It may be bound to this one no longer.
        assert_eq!(left(Some(in_partition("RELEASES#prod_c"))), (names(&["d"]), false));
        assert_eq!(left(Some(in_partition("RELEASES#prod_e"))), (Vec::new(), false));
    }

    #[test]
    fn a_list_from_the_last_partition_down_goes_on_in_the_one_below() {
        let days = ["2026-01-03", "2026-01-02", "2025-12-31"];
        let days = days.map(|day| KeyQuery::of_partition(format!("AUDIT#{day}")));
        let left = |start: StartKey| {
            let (rest, start) = partitions_after(&days, Some(start)).unwrap();
            (rest.len(), start.is_some())
        };
        let within = |day: &str| position(&[(PK, &format!("AUDIT#{day}")), (SK, "evt_1")]);
        assert_eq!(left(within("2026-01-03")), (3, true));
        assert_eq!(left(within("2026-01-02")), (2, true));
        assert_eq!(left(days[1].end()), (1, false));
        // A day that is no longer asked for.
        assert_eq!(left(within("2026-01-01")), (1, false));
        assert_eq!(left(within("2025-12-30")), (0, false));
    }

    #[test]
    fn a_position_in_another_kind_of_list_is_refused() {
        let of_kind = position(&[(PK, "x"), (SK, "y"), ("GSI1PK", "RELEASES"), ("GSI1SK", "z")]);
        for wrong in [of_kind.clone(), position(&[(PK, "x"), (SK, "y")]), StartKey::new()] {
            let refused = partitions_after(&partitions(), Some(wrong)).unwrap_err();
            assert_eq!(refused.code(), Code::InvalidCursor);
        }
        let keys = ["prod_a", "prod_b"].map(|id| product(&id.parse().unwrap()));
        assert_eq!(keys_after(&keys, Some(of_kind)).unwrap_err().code(), Code::InvalidCursor);
        let first = position(&[(PK, "PRODUCT#prod_a"), (SK, "PRODUCT")]);
        assert_eq!(keys_after(&keys, Some(first)).unwrap(), &keys[1..]);
    }
}
