//! Tetris in a window.

// A system's arguments are what it uses of the world, each by its type.
#![allow(clippy::too_many_arguments)]

mod field;
mod kept;
mod launch;
mod play;
mod ranking;
mod report;
mod screens;
#[cfg(feature = "sound")]
mod sound;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod world_tests;

pub(crate) use launch::run;
