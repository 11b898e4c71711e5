//! Pong between four walls: two to four players in a square, one behind each wall; the last one left wins.
//!
//! The square is as high as the field of two players, 360 units, with its origin in the centre; ball, paddles and
//! inputs are the same. A wall without a player in play is solid. Every ball let past costs a life, of [`LIVES`];
//! who has none left is out, that wall is closed, and who faces it has a life more. A [`FourWalls`] is the whole state.
//!
//! ```
//! use pong_rules::four_walls::{FourWalls, Wall};
//! use pong_rules::{Bot, Input, Skill};
//!
//! let mut game = FourWalls::new(7);
//! let mut bot = Bot::new(7, Skill::Expert);
//! while game.winner().is_none() {
//!     // Three players: one holds no key, one always holds "up", which at the top is towards the right.
//!     let right = bot.input_at(&game, Wall::Right);
//!     game.step([Some(Input::NONE), Some(right), Some(Input::UP), None]);
//! }
//! assert_eq!(game.winner(), Some(Wall::Right));
//! ```

mod flight;
mod game;
mod inspect;
mod wall;

pub(crate) use flight::{Barrier, fly, out, pace};
pub use game::{FourWalls, LIVES, MAX_LIVES, Phase, Seat};
pub use inspect::{BALL, MATCH, PLAYERS};
pub(crate) use wall::CONTACT;
pub use wall::{HALF_SQUARE, PADDLE_TRAVEL, WALL_DISTANCE, Wall};
