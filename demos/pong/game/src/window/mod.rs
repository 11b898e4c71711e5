//! Pong in a window.

// A system's arguments are what it uses of the world, each by its type.
#![allow(clippy::too_many_arguments)]

mod court;
mod launch;
mod overlay;
mod play;
mod report;
mod screens;
mod settings;
#[cfg(feature = "sound")]
mod sound;

pub(crate) use launch::{Start, run};
