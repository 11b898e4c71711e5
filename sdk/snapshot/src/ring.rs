//! The states of one section, tick by tick: what later sections are coded against. Both sides keep one.

use crate::SnapshotError;
use crate::schema::SnapshotSchema;
use crate::section::{Baseline, MAX_BASELINES, SectionHeader, usual_ages};
use crate::state::SectionState;
use netcord_wire::Tick;

/// The last so many ticks' states, as far as they are known. Memory is taken once per place, and used again.
///
/// ```
/// use netcord_snapshot::{SnapshotSchema, StateRing};
/// use netcord_wire::{ComponentSchema, FieldKind, FieldSchema, NetEntity, Schema, Tick};
///
/// let position = FieldSchema::new("position", FieldKind::Steps { axes: 2, step: 0.01 });
/// let schema = Schema::new().with_component(ComponentSchema::new("Ball", [position]));
/// let schema = SnapshotSchema::new(&schema, 60.0)?;
/// let mut ring = StateRing::new(&schema, 32);
/// let state = ring.insert(Tick(7));
/// let row = state.push(NetEntity(1), schema.whole())?;
/// state.row_mut(row).copy_from_slice(&[120, -40]);
/// assert_eq!(ring.get(Tick(7)).map(|state| state.row(0)), Some(&[120, -40][..]));
/// assert!(ring.get(Tick(6)).is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct StateRing {
    places: Vec<(Option<Tick>, SectionState)>,
}

impl StateRing {
    /// A ring for the states of `ticks` ticks, at least one.
    pub fn new(schema: &SnapshotSchema, ticks: usize) -> Self {
        Self { places: vec![(None, SectionState::new(schema)); ticks.max(1)] }
    }

    /// The place of a tick's state, empty, to be filled. What stood there, so many ticks before, is gone.
    pub fn insert(&mut self, tick: Tick) -> &mut SectionState {
        let place = self.place(tick);
        let (held, state) = &mut self.places[place];
        *held = Some(tick);
        state.clear();
        state
    }

    /// Forgets all states; their memory is kept.
    pub fn clear(&mut self) {
        self.places.iter_mut().for_each(|(held, _)| *held = None);
    }

    /// Forgets a tick's state: one that could not be read.
    pub fn remove(&mut self, tick: Tick) {
        let place = self.place(tick);
        if self.places[place].0 == Some(tick) {
            self.places[place].0 = None;
        }
    }

    /// A tick's state, if it is held.
    pub fn get(&self, tick: Tick) -> Option<&SectionState> {
        let (held, state) = &self.places[self.place(tick)];
        (*held == Some(tick)).then_some(state)
    }

    /// A tick's state, if it is held, to be changed.
    pub fn get_mut(&mut self, tick: Tick) -> Option<&mut SectionState> {
        let place = self.place(tick);
        let (held, state) = &mut self.places[place];
        (*held == Some(tick)).then_some(state)
    }

    /// The baselines that serve a section of `tick` best, the newest first, of those states that are held here and
    /// that the other side `has`: the newest, and older ones at about the [`usual_ages`].
    pub fn baselines(&self, tick: Tick, has: impl Fn(Tick) -> bool) -> Baselines<'_> {
        let state = |age: u8| {
            let at = Tick(tick.0.wrapping_sub(age.into()));
            self.get(at).filter(|_| has(at)).map(|state| Baseline { age, state })
        };
        let mut baselines = Baselines::default();
        let Some(newest) = (1..=u8::MAX).find_map(state) else { return baselines };
        baselines.push(newest);
        for wanted in usual_ages(newest.age).into_iter().flatten().skip(1) {
            let least = baselines.as_slice().last().map_or(0, |last| last.age + 1);
            // The nearest to the one that is wanted, at most as far again.
            let nearest = (0..=wanted / 2).find_map(|off| {
                let ages = [wanted.checked_add(off), wanted.checked_sub(off)];
                ages.into_iter().flatten().filter(|&age| age >= least).find_map(state)
            });
            if let Some(nearest) = nearest {
                baselines.push(nearest);
            }
        }
        baselines
    }

    /// The baselines that a section of `tick` asks for.
    ///
    /// # Errors
    /// [`SnapshotError::MissingBaseline`] when one of them is not held.
    pub fn baselines_of(&self, tick: Tick, header: &SectionHeader) -> Result<Baselines<'_>, SnapshotError> {
        let mut baselines = Baselines::default();
        for &age in header.ages() {
            let state = self.get(Tick(tick.0.wrapping_sub(age.into())));
            let state = state.ok_or(SnapshotError::MissingBaseline { age: age.into() })?;
            baselines.push(Baseline { age, state });
        }
        Ok(baselines)
    }

    fn place(&self, tick: Tick) -> usize {
        tick.0 as usize % self.places.len()
    }
}

/// A few baselines, the newest first, without an allocation.
#[derive(Clone, Copy, Debug, Default)]
pub struct Baselines<'a> {
    /// Filled up with the first.
    list: Option<[Baseline<'a>; MAX_BASELINES]>,
    count: usize,
}

impl<'a> Baselines<'a> {
    /// All of them.
    pub fn as_slice(&self) -> &[Baseline<'a>] {
        self.list.as_ref().and_then(|list| list.get(..self.count)).unwrap_or_default()
    }

    fn push(&mut self, baseline: Baseline<'a>) {
        let list = self.list.get_or_insert([baseline; MAX_BASELINES]);
        if let Some(place) = list.get_mut(self.count) {
            *place = baseline;
            self.count += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use netcord_wire::Schema;

    fn ring(ticks: impl IntoIterator<Item = u32>) -> StateRing {
        let mut ring = StateRing::new(&SnapshotSchema::new(&Schema::new(), 60.0).unwrap(), 32);
        ticks.into_iter().for_each(|tick| _ = ring.insert(Tick(tick)));
        ring
    }

    fn ages(baselines: &Baselines<'_>) -> Vec<u8> {
        baselines.as_slice().iter().map(|baseline| baseline.age).collect()
    }

    #[test]
    fn the_usual_ages_are_taken_where_they_are_held() {
        let ring = ring(0..100);
        assert_eq!(ages(&ring.baselines(Tick(100), |tick| tick.0 <= 94)), [6, 8, 12]);
        assert_eq!(ages(&ring.baselines(Tick(100), |tick| tick.0 <= 94 && tick.0 % 3 == 0)), [7, 10, 13]);
        assert_eq!(ages(&ring.baselines(Tick(100), |tick| tick.0 == 94)), [6]);
        assert_eq!(ages(&ring.baselines(Tick(100), |_| false)), []);
    }

    #[test]
    fn baselines_ascend_whatever_is_held() {
        for seed in 0..2_000_u64 {
            let mut rng = netcord_wire::GameRng::new(seed);
            let share = 1 + rng.below(9);
            let ring = ring((0..100).filter(|_| rng.below(10) < share));
            let ages = ages(&ring.baselines(Tick(100), |_| true));
            assert!(ages.windows(2).all(|pair| pair[0] < pair[1]), "seed {seed}: {ages:?}");
        }
    }

    #[test]
    fn a_state_makes_room_for_one_of_a_later_round() {
        let mut ring = ring([u32::MAX, 3]);
        assert!(ring.get(Tick(u32::MAX)).is_some() && ring.get(Tick(3)).is_some());
        ring.insert(Tick(35));
        assert!(ring.get(Tick(3)).is_none() && ring.get(Tick(35)).is_some());
        ring.remove(Tick(3));
        assert!(ring.get(Tick(35)).is_some());
        ring.remove(Tick(35));
        assert!(ring.get(Tick(35)).is_none());
    }
}
