//! The camera over the court: all of it in any window, on its side in a high one.

use crate::window::play::Table;
use crate::window::play::view::View;
use bevy::prelude::*;
use demo_ui::{Viewport, WorldCamera};

/// Room around the court for names and scores: beside it, and above and below it.
const MARGIN: Vec2 = Vec2::new(18.0, 44.0);

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Startup, spawn).add_systems(Update, aim.in_set(super::CourtSystems));
}

fn spawn(mut commands: Commands) {
    commands.spawn(WorldCamera { room: Vec2::ONE, turn: 0.0 });
}

fn aim(view: Res<View>, viewport: Res<Viewport>, table: Res<Table>, mut cameras: Query<&mut WorldCamera>) {
    let Ok(mut camera) = cameras.single_mut() else { return };
    let half = view.now.half_size;
    let half = if viewport.portrait { half.yx() } else { half };
    // In a high window the own side is below, near the thumbs.
    let turn = match (viewport.portrait, table.own_player()) {
        (false, _) | (true, 3) => 0.0,
        (true, 0) => -std::f32::consts::FRAC_PI_2,
        (true, 1) => std::f32::consts::FRAC_PI_2,
        (true, _) => std::f32::consts::PI,
    };
    camera.set_if_neq(WorldCamera { room: 2.0 * (half + MARGIN), turn });
}
