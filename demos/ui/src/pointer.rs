//! The one pointer: a mouse or the first finger, told apart only where a finger needs more room.

use bevy::input::touch::Touches;
use bevy::prelude::*;
use bevy::window::PrimaryWindow;

/// Where the mouse or the first finger is, and what it does.
#[derive(Resource, Clone, Copy, Debug, Default)]
pub struct Pointer {
    /// In physical pixels of the window, from its upper left corner; none while no finger touches.
    pub position: Option<Vec2>,
    /// Whether it is held down.
    pub held: bool,
    /// Whether it went down in this frame.
    pub pressed: bool,
    /// Whether it came up in this frame.
    pub released: bool,
    /// Whether it moved in this frame.
    pub moved: bool,
    /// Whether it is a finger.
    pub finger: bool,
}

pub(crate) fn plugin(app: &mut App) {
    app.init_resource::<Pointer>().add_systems(PreUpdate, follow.after(bevy::input::InputSystems));
}

fn follow(
    mut pointer: ResMut<Pointer>,
    mouse: Res<ButtonInput<MouseButton>>,
    touches: Res<Touches>,
    windows: Query<&Window, With<PrimaryWindow>>,
) {
    let Ok(window) = windows.single() else { return };
    let before = pointer.position;
    let finger = touches.iter().next();
    let lifted = touches.iter_just_released().next();
    if let Some(touch) = finger.or(lifted) {
        *pointer = Pointer {
            position: Some(touch.position() * window.scale_factor()),
            held: finger.is_some(),
            pressed: touches.just_pressed(touch.id()),
            released: finger.is_none(),
            moved: false,
            finger: true,
        };
    } else if pointer.finger && !mouse.just_pressed(MouseButton::Left) && window.cursor_position().is_none() {
        *pointer = Pointer { finger: true, ..default() };
    } else {
        *pointer = Pointer {
            position: window.physical_cursor_position(),
            held: mouse.pressed(MouseButton::Left),
            pressed: mouse.just_pressed(MouseButton::Left),
            released: mouse.just_released(MouseButton::Left),
            moved: false,
            finger: false,
        };
    }
    pointer.moved = pointer.position != before && pointer.position.is_some();
}
