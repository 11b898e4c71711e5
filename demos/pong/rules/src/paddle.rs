//! A paddle: it speeds up and brakes, and stays between the walls.

use crate::field::{HALF_HEIGHT, PADDLE_HALF_HEIGHT, UNIT};
use crate::input::Input;
use netcord_wire::serde::{Deserialize, Serialize};

/// A paddle. It moves along its wall; how far the wall is from the middle is fixed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(crate = "netcord_wire::serde")]
pub struct Paddle {
    /// Its centre's height, at most [`Paddle::MAX_Y`] from the middle. On a wall above or below, this is its x.
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

    /// Moves for one tick, up to `most` from the middle.
    pub(crate) fn step(&mut self, input: Input, most: i32) {
        let wanted = input.direction() * Self::MAX_SPEED;
        self.velocity += (wanted - self.velocity).clamp(-Self::ACCELERATION, Self::ACCELERATION);
        let y = (self.y + self.velocity).clamp(-most, most);
        // At a wall it loses the speed that it can't use, so that a hit there gets no spin from it.
        self.velocity = y - self.y;
        self.y = y;
    }

    /// Whether it is at most `most` from the middle, and not faster than it can be.
    pub(crate) fn is_within(&self, most: i32) -> bool {
        self.y.unsigned_abs() <= most.unsigned_abs()
            && self.velocity.unsigned_abs() <= Self::MAX_SPEED.unsigned_abs()
    }
}
