//! Pong in a window.

mod closing;
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
