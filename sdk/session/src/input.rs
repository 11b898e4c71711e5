//! Players and what they do in one tick.

use core::fmt::{self, Debug};
use core::ops::Index;
use serde::{Deserialize, Serialize};

/// The most players in a session.
pub const MAX_PLAYERS: usize = 8;

/// Names a player: its place, from zero, the same on every peer. Player 0 opens the match.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PlayerIndex(pub u8);

impl PlayerIndex {
    /// The place in a table of players.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Display for PlayerIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "player {}", self.0)
    }
}

/// What one player does in one tick: buttons, a stick's position, an order.
///
/// The default is "does nothing"; it stands for a player who left. Equal inputs must have equal bytes, and
/// small inputs that seldom change cost least on the wire.
pub trait PlayerInput: Copy + Default + PartialEq + Debug + 'static {
    /// Bytes of an encoded input, 1 to 64.
    const BYTES: usize;

    /// Writes the input; `bytes` is [`BYTES`](Self::BYTES) long.
    fn encode(&self, bytes: &mut [u8]);

    /// Reads an input from the network; `bytes` is [`BYTES`](Self::BYTES) long. `None` refuses what no honest
    /// peer sends, and ends the connection.
    fn decode(bytes: &[u8]) -> Option<Self>;
}

macro_rules! integer_inputs {
    ($($int:ty),*) => {$(
        impl PlayerInput for $int {
            const BYTES: usize = size_of::<$int>();

            fn encode(&self, bytes: &mut [u8]) {
                bytes.copy_from_slice(&self.to_le_bytes());
            }

            fn decode(bytes: &[u8]) -> Option<Self> {
                Some(Self::from_le_bytes(bytes.try_into().ok()?))
            }
        }
    )*};
}

integer_inputs!(u8, u16, u32, u64, i8, i16, i32, i64);

/// How sure an input is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum InputStatus {
    /// What the player did.
    Confirmed,
    /// A guess: the player's last known input, repeated. The tick is simulated again if it turns out wrong.
    Predicted,
    /// The player left before this tick; the input is the default.
    Disconnected,
}

/// The inputs of all players for one tick.
#[derive(Clone, Copy, PartialEq)]
pub struct Inputs<I> {
    values: [I; MAX_PLAYERS],
    statuses: [InputStatus; MAX_PLAYERS],
    players: u8,
}

impl<I: Copy + Default> Inputs<I> {
    /// Inputs of no player yet.
    pub fn new() -> Self {
        Self {
            values: [I::default(); MAX_PLAYERS],
            statuses: [InputStatus::Disconnected; MAX_PLAYERS],
            players: 0,
        }
    }

    /// Appends the input of the next player; a ninth is ignored.
    pub fn push(&mut self, value: I, status: InputStatus) {
        let next = usize::from(self.players);
        if next < MAX_PLAYERS {
            self.values[next] = value;
            self.statuses[next] = status;
            self.players += 1;
        }
    }
}

impl<I: Copy + Default> Default for Inputs<I> {
    fn default() -> Self {
        Self::new()
    }
}

impl<I> Inputs<I> {
    /// The inputs, in the order of the players.
    pub fn values(&self) -> &[I] {
        &self.values[..usize::from(self.players)]
    }

    /// How sure each input is, in the order of the players.
    pub fn statuses(&self) -> &[InputStatus] {
        &self.statuses[..usize::from(self.players)]
    }
}

impl<I> Index<PlayerIndex> for Inputs<I> {
    type Output = I;

    /// The player's input; panics when there is no such player.
    fn index(&self, player: PlayerIndex) -> &I {
        &self.values()[player.index()]
    }
}

impl<I: Debug> Debug for Inputs<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.values().iter().zip(self.statuses())).finish()
    }
}
