//! How a set of lengths is distributed.

/// What is said of a set of lengths, in lines.
#[derive(Debug, PartialEq, Eq)]
pub struct Distribution {
    /// How many there are.
    pub count: usize,
    /// Half of them are at most as long.
    pub median: usize,
    /// Nine of ten are at most as long.
    pub p90: usize,
    /// The longest.
    pub max: usize,
}

impl Distribution {
    /// Of `lengths`.
    pub fn of(lengths: impl IntoIterator<Item = usize>) -> Self {
        let mut sorted: Vec<_> = lengths.into_iter().collect();
        sorted.sort_unstable();
        let at = |percent: usize| {
            let rank = (sorted.len() * percent).div_ceil(100);
            sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
        };
        Self { count: sorted.len(), median: at(50), p90: at(90), max: at(100) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_counted_from_the_shortest() {
        let all = Distribution::of((1..=10).rev());
        assert_eq!(all, Distribution { count: 10, median: 5, p90: 9, max: 10 });
        assert_eq!(Distribution::of([]), Distribution { count: 0, median: 0, p90: 0, max: 0 });
    }
}
