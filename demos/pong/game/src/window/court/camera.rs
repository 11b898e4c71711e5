//! The camera over the court: all of it in any window, on its side in a high one, and shaken.

use crate::window::play::Table;
use crate::window::play::view::View;
use bevy::camera::ScalingMode;
use bevy::prelude::*;
use demo_ui::{Shake, Theme, Viewport};

/// The camera that shows the court, and the menus over it.
#[derive(Component, Clone, Copy, Debug)]
pub(crate) struct CourtCamera;

/// Room around the court for names and scores: beside it, and above and below it.
const MARGIN: Vec2 = Vec2::new(18.0, 44.0);

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Startup, spawn).add_systems(Update, aim.in_set(super::CourtSystems));
}

fn spawn(mut commands: Commands) {
    commands.spawn((
        CourtCamera,
        Camera2d,
        Msaa::Off,
        Projection::Orthographic(OrthographicProjection::default_2d()),
    ));
}

fn aim(
    view: Res<View>,
    viewport: Res<Viewport>,
    table: Res<Table>,
    theme: Res<Theme>,
    shake: Res<Shake>,
    mut camera: Query<(&mut Projection, &mut Transform), With<CourtCamera>>,
) {
    let Ok((mut projection, mut transform)) = camera.single_mut() else { return };
    let half = view.now.half_size;
    let half = if viewport.portrait { half.yx() } else { half };
    let size = 2.0 * (half + MARGIN);
    if let Projection::Orthographic(projection) = &mut *projection {
        projection.scaling_mode = ScalingMode::AutoMin { min_width: size.x, min_height: size.y };
    }
    // In a high window the own side is below, near the thumbs.
    let turn = match (viewport.portrait, table.own_player()) {
        (false, _) | (true, 3) => 0.0,
        (true, 0) => -std::f32::consts::FRAC_PI_2,
        (true, 1) => std::f32::consts::FRAC_PI_2,
        (true, _) => std::f32::consts::PI,
    };
    let (offset, tilt) = if theme.reduced_motion { default() } else { shake.offset() };
    *transform = Transform::from_rotation(Quat::from_rotation_z(turn + tilt * 0.012));
    transform.translation = (offset * 9.0).extend(0.0);
}
