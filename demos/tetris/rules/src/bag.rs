//! Which pieces come: the guideline's random generator, a shuffled bag of all seven after the other.

use crate::piece::Kind;
use netcord_wire::GameRng;

/// How many of the coming pieces a player sees.
pub const NEXT: usize = 5;

/// The pieces to come, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Bag {
    /// Those from `first` on are still to come.
    pieces: [Kind; 14],
    first: u8,
    rng: GameRng,
}

impl Bag {
    pub(crate) fn new(seed: u64) -> Self {
        let mut bag = Self { pieces: [Kind::I; 14], first: 0, rng: GameRng::new(seed) };
        for half in [0, 7] {
            bag.fill(half);
        }
        bag
    }

    /// Takes the next piece.
    pub(crate) fn take(&mut self) -> Kind {
        let kind = self.pieces[usize::from(self.first)];
        self.first += 1;
        if self.first == 7 {
            self.pieces.copy_within(7.., 0);
            self.fill(7);
            self.first = 0;
        }
        kind
    }

    /// The pieces that come, the next one first.
    pub(crate) fn next(&self) -> [Kind; NEXT] {
        let first = usize::from(self.first);
        core::array::from_fn(|index| self.pieces[first + index])
    }

    /// All that is decided already, as a number for each, and the generator's state.
    pub(crate) fn fields(&self) -> impl Iterator<Item = i64> {
        let pieces = self.pieces.into_iter().map(|kind| kind as i64);
        // The bits of the state: the sign means nothing.
        [i64::from(self.first), self.rng.state() as i64].into_iter().chain(pieces)
    }

    /// Shuffles a bag (Fisher and Yates) into the seven places from `start` on.
    fn fill(&mut self, start: usize) {
        let bag = &mut self.pieces[start..start + 7];
        bag.copy_from_slice(&Kind::ALL);
        for last in (1..7).rev() {
            bag.swap(last, self.rng.below(last as u32 + 1) as usize);
        }
    }
}
