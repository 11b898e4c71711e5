//! Highscores of Tetris: which boards there are, what a run comes to, and how the service plays it again.
//!
//! The game says what a run came to with [`claim`], the service finds it out with the same code: they can't differ but
//! by their versions.
//!
//! ```
//! use tetris_rules::{Bot, Config, Limits, Mode, run_headless};
//! use tetris_scores::{board_id, claim};
//!
//! let (game, replay) = run_headless(7, Config::new(Mode::Sprint), Bot::FASTEST, Limits::default());
//! let claim = claim(&replay).expect("the bot completes it");
//! assert_eq!(claim.points, i64::from(game.ticks()));
//! assert_eq!(board_id(Mode::Sprint).as_str(), "tetris-sprint");
//! ```
//!
//! Of a sprint, its ticks count, and only if it was completed; of all else, the points. How keys are handled is the
//! player's taste; a game that begins above level 1 is another game.
//!
//! Nothing here knows a network, a file or a clock. With the feature `server`, `game()` is what a server of scores is
//! started with, in a program of its own or inside of the game.

#[cfg(feature = "server")]
mod board;
#[cfg(feature = "server")]
mod game;
mod outcome;
#[cfg(feature = "server")]
mod rules;

#[cfg(feature = "server")]
pub use board::boards;
#[cfg(feature = "server")]
pub use game::game;
pub use outcome::{board_id, claim, claim_of, counts};
#[cfg(feature = "server")]
pub use rules::rules;
