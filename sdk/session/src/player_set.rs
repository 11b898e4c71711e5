//! A set of players, as small as a byte.

use crate::{MAX_PLAYERS, PlayerIndex};
use core::fmt;

/// Some of the players of a match: a bit for each, the first lowest.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct PlayerSet(pub(crate) u8);

const _: () = assert!(MAX_PLAYERS == u8::BITS as usize);

impl PlayerSet {
    /// The first `count` players.
    pub(crate) fn first(count: u8) -> Self {
        (0..count.min(MAX_PLAYERS as u8)).map(PlayerIndex).collect()
    }

    pub(crate) fn contains(self, player: PlayerIndex) -> bool {
        self.0 & bit(player) != 0
    }

    pub(crate) fn insert(&mut self, player: PlayerIndex) {
        self.0 |= bit(player);
    }

    pub(crate) fn remove(&mut self, player: PlayerIndex) {
        self.0 &= !bit(player);
    }

    pub(crate) fn with(mut self, player: PlayerIndex) -> Self {
        self.insert(player);
        self
    }

    pub(crate) fn without(self, others: Self) -> Self {
        Self(self.0 & !others.0)
    }

    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(crate) fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = PlayerIndex> {
        (0..MAX_PLAYERS as u8).map(PlayerIndex).filter(move |&player| self.contains(player))
    }
}

impl FromIterator<PlayerIndex> for PlayerSet {
    fn from_iter<T: IntoIterator<Item = PlayerIndex>>(players: T) -> Self {
        players.into_iter().fold(Self::default(), Self::with)
    }
}

impl fmt::Debug for PlayerSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(|player| player.0)).finish()
    }
}

/// The player's bit; none for a number that no player has.
fn bit(player: PlayerIndex) -> u8 {
    1_u8.checked_shl(player.0.into()).unwrap_or(0)
}
