//! A listing in memory, in its order: who stands where, and who around them. It knows positions only, no scores.
//!
//! Kept in an [`indexset::BTreeSet`], of which only `insert`, `remove`, `rank` and `get_index` are used: its `range` takes a
//! bound that is not in the set for the one after it.

use crate::model::{Position, ScoreId};
use indexset::BTreeSet;
use std::ops::Range;

/// Positions in their order. Each call is at most logarithmic in how many there are, and linear in how many it returns.
#[derive(Clone, Debug)]
pub struct Ranking {
    positions: BTreeSet<Position>,
}

/// How many positions are moved at most to put one between them; a ranking of one allocates so many.
const NODE: usize = 512;

impl Ranking {
    /// An empty one.
    pub fn new() -> Self {
        Self { positions: BTreeSet::with_maximum_node_size(NODE) }
    }

    /// Adds a position; says whether it was not there.
    pub fn insert(&mut self, position: Position) -> bool {
        self.positions.insert(position)
    }

    /// Removes a position; says whether it was there.
    pub fn remove(&mut self, position: &Position) -> bool {
        self.positions.remove(position)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.positions.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many have a smaller key, whatever their ids are.
    pub fn count_less(&self, key: i64) -> usize {
        self.positions.rank(&Position { key, id: ScoreId(0) })
    }

    /// The first `limit` that are greater than `after`, in their order. Without `after`, the first of all.
    pub fn after(&self, after: Option<Position>, limit: usize) -> impl Iterator<Item = Position> {
        let start = after
            .map_or(0, |after| self.positions.rank(&after) + usize::from(self.positions.contains(&after)));
        self.slice(start..self.len().min(start.saturating_add(limit)))
    }

    /// The last `limit` that are less than `before`, in their order.
    pub fn before(&self, before: Position, limit: usize) -> impl Iterator<Item = Position> {
        let end = self.positions.rank(&before);
        self.slice(end.saturating_sub(limit)..end)
    }

    fn slice(&self, places: Range<usize>) -> impl Iterator<Item = Position> {
        places.filter_map(|place| self.positions.get_index(place).copied())
    }
}

impl Default for Ranking {
    fn default() -> Self {
        Self::new()
    }
}

impl Extend<Position> for Ranking {
    /// Fastest in their order.
    fn extend<I: IntoIterator<Item = Position>>(&mut self, positions: I) {
        for position in positions {
            self.insert(position);
        }
    }
}

impl FromIterator<Position> for Ranking {
    fn from_iter<I: IntoIterator<Item = Position>>(positions: I) -> Self {
        let mut ranking = Self::new();
        ranking.extend(positions);
        ranking
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    /// A change, and what is asked then.
    #[derive(Clone, Debug)]
    enum Step {
        Insert(Position),
        Remove(Position),
        /// Removes the one at this place and some after it: nodes that become empty.
        Cut(usize, usize),
        Ask(Position, usize),
    }

    fn position() -> impl Strategy<Value = Position> {
        let key = prop_oneof![4 => -40..40_i64, 1 => any::<i64>()];
        let id = prop_oneof![8 => 1..60_u64, 1 => any::<u64>()];
        (key, id).prop_map(|(key, id)| Position { key, id: ScoreId(id) })
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            4 => position().prop_map(Step::Insert),
            2 => position().prop_map(Step::Remove),
            1 => (any::<usize>(), 0..600_usize).prop_map(|(place, many)| Step::Cut(place, many)),
            3 => (position(), 0..300_usize).prop_map(|(position, limit)| Step::Ask(position, limit)),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

        #[test]
        fn a_ranking_answers_as_a_sorted_list_does(
            mut list in vec(position(), 0..4_000),
            steps in vec(step(), 1..300),
        ) {
            let mut ranking: Ranking = list.iter().copied().collect();
            list.sort_unstable();
            list.dedup();
            for step in steps {
                match step {
                    Step::Insert(position) => {
                        let place = list.binary_search(&position);
                        prop_assert_eq!(ranking.insert(position), place.is_err());
                        if let Err(place) = place {
                            list.insert(place, position);
                        }
                    }
                    Step::Remove(position) => {
                        let place = list.binary_search(&position);
                        prop_assert_eq!(ranking.remove(&position), place.is_ok());
                        if let Ok(place) = place {
                            list.remove(place);
                        }
                    }
                    Step::Cut(place, many) => {
                        let start = place.checked_rem(list.len()).unwrap_or(0);
                        let end = list.len().min(start + many);
                        for position in list.drain(start..end) {
                            prop_assert!(ranking.remove(&position));
                        }
                    }
                    Step::Ask(position, limit) => {
                        let after = list.partition_point(|other| *other <= position);
                        let expected = list[after..].iter().copied().take(limit);
                        prop_assert!(ranking.after(Some(position), limit).eq(expected));
                        prop_assert!(ranking.after(None, limit).eq(list.iter().copied().take(limit)));
                        let before = list.partition_point(|other| *other < position);
                        let expected = list[before.saturating_sub(limit)..before].iter().copied();
                        prop_assert!(ranking.before(position, limit).eq(expected));
                        let less = list.iter().filter(|other| other.key < position.key).count();
                        prop_assert_eq!(ranking.count_less(position.key), less);
                    }
                }
                prop_assert_eq!(ranking.len(), list.len());
            }
            prop_assert!(ranking.after(None, usize::MAX).eq(list));
        }
    }

    #[test]
    fn of_equal_keys_none_counts_as_less() {
        let ranking: Ranking =
            [(5, 1), (5, 2), (7, 3)].map(|(key, id)| Position { key, id: ScoreId(id) }).into_iter().collect();
        assert_eq!([4, 5, 6, 7, 8].map(|key| ranking.count_less(key)), [0, 0, 2, 2, 3]);
    }
}
