//! A paddle: it speeds up and brakes, and stays between the walls.

use crate::field::{HALF_HEIGHT, PADDLE_HALF_HEIGHT, UNIT};
use crate::input::Input;
use netcord_wire::serde::{Deserialize, Serialize};

/// A paddle. Its x is fixed by its side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(crate = "netcord_wire::serde")]
pub struct Paddle {
    /// Its centre's height, at most [`Paddle::MAX_Y`] from the middle.
    pub y: i32,
    /// How far it moves a tick, at most [`Paddle::MAX_SPEED`] either way.
    pub velocity: i32,
}

impl Paddle {
    /// The farthest from the middle that a paddle's centre gets.
    pub const MAX_Y: i32 = HALF_HEIGHT - PADDLE_HALF_HEIGHT;
    /// The fastest that a paddle moves.
    pub const MAX_SPEED: i32 = 6 * UNIT;
    /// The most by which its speed changes in a tick.
    pub const ACCELERATION: i32 = 3 * UNIT / 2;

    pub(crate) fn step(&mut self, input: Input) {
        let wanted = input.direction() * Self::MAX_SPEED;
        self.velocity += (wanted - self.velocity).clamp(-Self::ACCELERATION, Self::ACCELERATION);
        let y = (self.y + self.velocity).clamp(-Self::MAX_Y, Self::MAX_Y);
        // At a wall it loses the speed that it can't use, so that a hit there gets no spin from it.
        self.velocity = y - self.y;
        self.y = y;
    }

    pub(crate) fn is_valid(&self) -> bool {
        self.y.unsigned_abs() <= Self::MAX_Y.unsigned_abs()
            && self.velocity.unsigned_abs() <= Self::MAX_SPEED.unsigned_abs()
    }
}
