//! The field: where everything is in the window, and how a game looks.
//!
//! It draws what [`Round`](super::play::Round) says, and knows no keys.

mod callouts;
mod effects;
mod grid;
mod ground;
mod layout;
mod stats;
mod tiles;
mod waiting;

pub(crate) use layout::{Area, CELL, Layout};

use bevy::prelude::*;
use demo_ui::Role;
use tetris_rules::Kind;

/// Draws the field.
#[derive(SystemSet, Clone, Debug, PartialEq, Eq, Hash)]
struct FieldSystems;

pub(crate) fn plugin(app: &mut App) {
    app.add_plugins((
        layout::plugin,
        tiles::plugin,
        ground::plugin,
        grid::plugin,
        waiting::plugin,
        stats::plugin,
        effects::plugin,
        callouts::plugin,
    ));
}

/// The colour of a piece.
fn role(kind: Kind) -> Role {
    Role::Accent(match kind {
        Kind::I => 0,
        Kind::Z => 1,
        Kind::O => 2,
        Kind::T => 3,
        Kind::S => 4,
        Kind::J => 5,
        Kind::L => 6,
    })
}
