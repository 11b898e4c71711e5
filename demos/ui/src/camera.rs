//! The camera over the world: it shows all of a room in any window, and shakes.

use crate::palette::Theme;
use crate::shake::Shake;
use bevy::camera::ScalingMode;
use bevy::prelude::*;

/// The camera that shows the world, and the menus over it.
#[derive(Component, Clone, Copy, Debug, PartialEq)]
#[require(Camera2d, Msaa::Off)]
pub struct WorldCamera {
    /// How much of the world is always seen, in its units.
    pub room: Vec2,
    /// How far the camera is turned, in radians.
    pub turn: f32,
}

pub(crate) fn plugin(app: &mut App) {
    app.add_systems(PostUpdate, aim.before(bevy::transform::TransformSystems::Propagate));
}

fn aim(
    theme: Res<Theme>,
    shake: Res<Shake>,
    mut cameras: Query<(&WorldCamera, &mut Projection, &mut Transform)>,
) {
    for (camera, mut projection, mut transform) in &mut cameras {
        let wanted = ScalingMode::AutoMin { min_width: camera.room.x, min_height: camera.room.y };
        if let Projection::Orthographic(projection) = &mut *projection {
            projection.scaling_mode = wanted;
        }
        let (offset, tilt) = if theme.reduced_motion { default() } else { shake.offset() };
        *transform = Transform::from_rotation(Quat::from_rotation_z(camera.turn + tilt * 0.012));
        transform.translation = (offset * 9.0).extend(0.0);
    }
}
