//! Pong in a window.

mod court;
mod launch;
mod play;
mod screens;
mod settings;

pub(crate) use launch::{Start, run};
