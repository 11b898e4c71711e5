//! The field: its measures and its two sides.

use netcord_wire::serde::{Deserialize, Serialize};

/// One unit of length: all lengths are in 1/256 of it.
pub const UNIT: i32 = 256;
/// The rate at which the rules are played.
pub const TICKS_PER_SECOND: u32 = 60;
/// From the centre to either goal line.
pub const HALF_WIDTH: i32 = 320 * UNIT;
/// From the centre to either wall.
pub const HALF_HEIGHT: i32 = 180 * UNIT;
/// From the centre to the face of either paddle.
pub const PADDLE_DISTANCE: i32 = 296 * UNIT;
/// How thick a paddle is drawn, away from the centre; only its face stops the ball.
pub const PADDLE_THICKNESS: i32 = 8 * UNIT;
/// Half a paddle's height.
pub const PADDLE_HALF_HEIGHT: i32 = 28 * UNIT;
/// The ball's radius.
pub const BALL_RADIUS: i32 = 5 * UNIT;

/// A player's half of the field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(crate = "netcord_wire::serde")]
pub enum Side {
    /// The player with negative x: the first input.
    Left,
    /// The player with positive x: the second input.
    Right,
}

impl Side {
    /// Both sides, in the order of the inputs.
    pub const BOTH: [Self; 2] = [Self::Left, Self::Right];

    /// The place of this side in a pair.
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The other side.
    #[must_use]
    pub const fn opponent(self) -> Self {
        match self {
            Self::Left => Self::Right,
            Self::Right => Self::Left,
        }
    }

    /// The sign of x on this side.
    pub const fn sign(self) -> i32 {
        match self {
            Self::Left => -1,
            Self::Right => 1,
        }
    }
}
