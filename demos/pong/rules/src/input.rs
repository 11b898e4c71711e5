//! What a player holds down during one tick, in one byte.

use core::fmt;
use core::ops::BitOr;
use netcord_wire::serde::{Deserialize, Serialize};

/// The keys held during a tick; combine them with `|`. Up and down together cancel out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(crate = "netcord_wire::serde", try_from = "u8", into = "u8")]
pub struct Input(u8);

/// A byte that is no [`Input`]: it has bits that mean nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidInput(pub u8);

impl Input {
    /// No key.
    pub const NONE: Self = Self(0);
    /// Towards positive y; on a wall above or below, towards positive x.
    pub const UP: Self = Self(1);
    /// Towards negative y; on a wall above or below, towards negative x.
    pub const DOWN: Self = Self(2);
    /// Ready: held by all players after a match, it starts the next.
    pub const SERVE: Self = Self(4);

    /// The input with these bits.
    ///
    /// # Errors
    /// [`InvalidInput`] when a bit is set that means nothing.
    pub const fn from_bits(bits: u8) -> Result<Self, InvalidInput> {
        if bits < 8 { Ok(Self(bits)) } else { Err(InvalidInput(bits)) }
    }

    /// The input's bits, below 8.
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// Whether every key of `keys` is held.
    pub const fn holds(self, keys: Self) -> bool {
        self.0 & keys.0 == keys.0
    }

    /// 1 for up, -1 for down, 0 for neither or both.
    pub const fn direction(self) -> i32 {
        self.holds(Self::UP) as i32 - self.holds(Self::DOWN) as i32
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
        write!(f, "{:#04x} is no input of Pong: only the lowest three bits have a meaning", self.0)
    }
}

impl core::error::Error for InvalidInput {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_without_meaning_are_refused() {
        for bits in 0..=u8::MAX {
            match Input::from_bits(bits) {
                Ok(input) => assert_eq!((input.bits(), bits < 8), (bits, true)),
                Err(InvalidInput(refused)) => assert_eq!((refused, bits >= 8), (bits, true)),
            }
        }
    }

    #[test]
    fn up_and_down_cancel_out() {
        assert_eq!(Input::UP.direction(), 1);
        assert_eq!((Input::DOWN | Input::SERVE).direction(), -1);
        assert_eq!((Input::UP | Input::DOWN).direction(), 0);
    }
}
