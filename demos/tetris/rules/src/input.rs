//! What a player holds down during one tick, in seven bits.

use core::fmt;
use core::ops::BitOr;
use netcord_wire::serde::{Deserialize, Serialize};

/// The keys held during a tick; combine them with `|`.
///
/// Turns, the hard drop and hold happen once, in the tick in which their key goes down. Shifts repeat while their
/// key is held, as [`Handling`](crate::Handling) says; the soft drop lasts as long as its key is held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(crate = "netcord_wire::serde", try_from = "u8", into = "u8")]
pub struct Input(u8);

/// A byte that is no [`Input`]: it has a bit that means nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidInput(pub u8);

impl Input {
    /// No key.
    pub const NONE: Self = Self(0);
    /// Shift left.
    pub const LEFT: Self = Self(1);
    /// Shift right.
    pub const RIGHT: Self = Self(1 << 1);
    /// Turn clockwise.
    pub const CLOCKWISE: Self = Self(1 << 2);
    /// Turn counterclockwise. Both turns in one tick cancel out.
    pub const COUNTERCLOCKWISE: Self = Self(1 << 3);
    /// Soft drop.
    pub const SOFT_DROP: Self = Self(1 << 4);
    /// Hard drop.
    pub const HARD_DROP: Self = Self(1 << 5);
    /// Hold.
    pub const HOLD: Self = Self(1 << 6);

    /// The input with these bits.
    ///
    /// # Errors
    /// [`InvalidInput`] when a bit is set that means nothing.
    pub const fn from_bits(bits: u8) -> Result<Self, InvalidInput> {
        if bits < 1 << 7 { Ok(Self(bits)) } else { Err(InvalidInput(bits)) }
    }

    /// The input's bits, below 128.
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// Whether every key of `keys` is held.
    pub const fn holds(self, keys: Self) -> bool {
        self.0 & keys.0 == keys.0
    }

    /// The keys of this that `earlier` does not hold.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Self {
        Self(self.0 & !earlier.0)
    }
}

impl BitOr for Input {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl TryFrom<u8> for Input {
    type Error = InvalidInput;
    fn try_from(bits: u8) -> Result<Self, InvalidInput> {
        Self::from_bits(bits)
    }
}

impl From<Input> for u8 {
    fn from(input: Input) -> Self {
        input.bits()
    }
}

impl fmt::Display for InvalidInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#04x} is no input of Tetris: its highest bit has no meaning", self.0)
    }
}

impl core::error::Error for InvalidInput {}
