//! The rules of Pong: integers only, no clock, no allocation, the same on every platform.
//!
//! The field is 640 by 360 units with its origin in the centre, x to the right and y up; lengths are `i32` in
//! 1/256 of a unit ([`UNIT`]), speeds in the same a tick, 60 ticks a second. A [`Pong`] is the whole state: copy
//! it to save it, copy it back to roll back.
//!
//! ```
//! use netcord_wire::StateHash;
//! use pong_rules::{Bot, Input, Pong, Side, Skill};
//!
//! let mut pong = Pong::new(7);
//! let mut bot = Bot::new(7, Skill::Expert);
//! while pong.winner().is_none() {
//!     let right = bot.input(&pong, Side::Right);
//!     pong.step([Input::NONE, right]);
//! }
//! assert_eq!(pong.winner(), Some(Side::Right));
//! println!("{} : {}, {}", pong.score(Side::Left), pong.score(Side::Right), StateHash::of(&pong));
//! ```
//!
//! [`four_walls`] is the same game for up to four players in a square.
//!
//! Nothing here knows a network, a window or a thread.
#![cfg_attr(not(test), no_std)]

mod ball;
mod bot;
mod events;
mod field;
pub mod four_walls;
mod input;
mod inspect;
mod paddle;
mod pong;

pub use ball::Ball;
pub use bot::{Bot, Skill, UnknownSkill};
pub use events::{Event, Events};
pub use field::{
    BALL_RADIUS, HALF_HEIGHT, HALF_WIDTH, PADDLE_DISTANCE, PADDLE_HALF_HEIGHT, PADDLE_THICKNESS, Side,
    TICKS_PER_SECOND, UNIT,
};
pub use input::{Input, InvalidInput};
pub use inspect::{BALL, MATCH, PADDLES};
pub use paddle::Paddle;
pub use pong::{Phase, Pong, REMATCH_TICKS, WINNING_LEAD, WINNING_SCORE};
