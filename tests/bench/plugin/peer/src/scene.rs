//! The scene that all of them simulate: things that move, bounce and get worn, by integers.

use serde::{Deserialize, Serialize};

/// Rollback entities in the scene.
pub const ENTITIES: usize = 1_000;
/// How many ticks each one goes back.
pub const DEPTH: u32 = 8;

/// The side of the square that things move in.
const SIDE: i32 = 1 << 16;

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Position {
    pub x: i32,
    pub y: i32,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Velocity {
    pub x: i32,
    pub y: i32,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Health(pub u32);

/// What the thing with this number starts as.
pub fn thing(number: usize) -> (Position, Velocity, Health) {
    let number = number as i32;
    let position = Position { x: number * 6_151 % SIDE, y: number * 3_079 % SIDE };
    (position, Velocity { x: number % 257 - 128, y: number % 193 - 96 }, Health(1_000))
}

/// Moves a thing by a tick, and turns it at the walls.
pub fn travel(position: &mut Position, velocity: &mut Velocity, thrust: i32) {
    position.x += velocity.x + thrust;
    position.y += velocity.y;
    if !(0..SIDE).contains(&position.x) {
        velocity.x = -velocity.x;
    }
    if !(0..SIDE).contains(&position.y) {
        velocity.y = -velocity.y;
    }
}

/// Wears a thing by a tick.
pub fn wear(position: Position, health: &mut Health) {
    health.0 = health.0.wrapping_sub((position.x & 1) as u32);
}

/// What a thing adds to a checksum of the scene.
pub fn digest(position: Position, health: Health) -> i64 {
    i64::from(position.x) * 3 + i64::from(position.y) * 5 + i64::from(health.0) * 7
}
