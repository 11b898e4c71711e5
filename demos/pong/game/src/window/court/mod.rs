//! The court: where it is on screen, and everything that is drawn on it.
//!
//! It draws what [`View`](super::play::view::View) says, and knows no rules.

mod camera;
mod effects;
mod field;
mod pieces;
mod tally;

use bevy::prelude::*;

/// The players' edges, as directions from the middle.
const EDGES: [Vec2; 4] = [Vec2::NEG_X, Vec2::X, Vec2::Y, Vec2::NEG_Y];

/// Draws the court.
#[derive(SystemSet, Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct CourtSystems;

pub(crate) fn plugin(app: &mut App) {
    app.configure_sets(Update, CourtSystems.after(super::play::PlaySystems)).add_plugins((
        camera::plugin,
        field::plugin,
        pieces::plugin,
        tally::plugin,
        effects::plugin,
    ));
}

/// The colour of a player.
pub(crate) fn role(player: usize) -> demo_ui::Role {
    demo_ui::Role::Accent(player as u8)
}
