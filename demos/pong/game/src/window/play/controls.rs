//! What the people at this machine press: keys, mouse and fingers, as the rules' keys.

use super::Seat;
use super::arena::Arena;
use bevy::input::touch::Touches;
use bevy::prelude::*;
use demo_ui::{Viewport, WorldCamera};
use pong_rules::{Input, PADDLE_HALF_HEIGHT, Paddle, UNIT};

/// What is held down at the moment.
#[derive(Resource, Clone, Copy, Debug, Default)]
pub(crate) struct Controls {
    /// W and S; A and D.
    left_keys: i32,
    /// The arrows.
    right_keys: i32,
    /// Where a finger or the held mouse is in the court, anywhere, on the left and on the right half of the screen.
    anywhere: Option<Vec2>,
    left_half: Option<Vec2>,
    right_half: Option<Vec2>,
    /// Whether people asked for a rematch.
    pub(crate) rematch: bool,
}

impl Controls {
    /// The input of the person on `seat`, who plays `player`.
    pub(crate) fn input(&self, seat: &Seat, arena: &Arena, player: usize) -> Input {
        let (keys, pointed) = match seat {
            Seat::Person => ((self.left_keys + self.right_keys).signum(), self.anywhere),
            Seat::LeftHand => (self.left_keys, self.left_half),
            Seat::RightHand => (self.right_keys, self.right_half),
            Seat::Bot(_) | Seat::Remote => (0, None),
        };
        let direction = if keys != 0 {
            keys
        } else if let Some(place) = pointed {
            let along = if player < 2 { place.y } else { place.x };
            steer(arena.paddle(player), (along * UNIT as f32) as i32)
        } else {
            0
        };
        match direction {
            1 => Input::UP,
            -1 => Input::DOWN,
            _ => Input::NONE,
        }
    }
}

/// The direction to hold so that the paddle comes to rest at `target`.
fn steer((place, velocity): (i32, i32), target: i32) -> i32 {
    let rest = place + velocity * velocity.abs() / (2 * Paddle::ACCELERATION);
    let off = target - rest;
    if off.abs() < PADDLE_HALF_HEIGHT / 8 { 0 } else { off.signum() }
}

pub(crate) fn plugin(app: &mut App) {
    app.init_resource::<Controls>().add_systems(PreUpdate, read.after(bevy::input::InputSystems));
}

fn read(
    keys: Res<ButtonInput<KeyCode>>,
    mouse: Res<ButtonInput<MouseButton>>,
    touches: Res<Touches>,
    windows: Query<&Window, With<bevy::window::PrimaryWindow>>,
    cameras: Query<(&Camera, &GlobalTransform), With<WorldCamera>>,
    viewport: Res<Viewport>,
    mut controls: ResMut<Controls>,
) {
    let held = |plus: [KeyCode; 2], minus: [KeyCode; 2]| {
        i32::from(keys.any_pressed(plus)) - i32::from(keys.any_pressed(minus))
    };
    let (Ok(window), Ok((camera, place))) = (windows.single(), cameras.single()) else { return };
    // In a high window the court lies on its side, with the own paddle below: what is up for the rules is to the left
    // or to the right.
    let turned = place.rotation().to_euler(EulerRot::XYZ).2;
    let sideways = if viewport.portrait { -turned.sin().signum() as i32 } else { 1 };
    controls.left_keys = match viewport.portrait {
        true => held([KeyCode::KeyD, KeyCode::KeyD], [KeyCode::KeyA, KeyCode::KeyA]) * sideways,
        false => held([KeyCode::KeyW, KeyCode::KeyD], [KeyCode::KeyS, KeyCode::KeyA]),
    };
    controls.right_keys = match viewport.portrait {
        true => {
            held([KeyCode::ArrowRight, KeyCode::ArrowRight], [KeyCode::ArrowLeft, KeyCode::ArrowLeft])
                * sideways
        }
        false => held([KeyCode::ArrowUp, KeyCode::ArrowRight], [KeyCode::ArrowDown, KeyCode::ArrowLeft]),
    };
    (controls.anywhere, controls.left_half, controls.right_half) = (None, None, None);
    let mouse = window.cursor_position().filter(|_| mouse.pressed(MouseButton::Left));
    for position in touches.iter().map(|touch| touch.position()).chain(mouse) {
        let Ok(on_court) = camera.viewport_to_world_2d(place, position) else { continue };
        controls.anywhere = Some(on_court);
        if on_court.x < 0.0 {
            controls.left_half = Some(on_court);
        } else {
            controls.right_half = Some(on_court);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paddle_that_is_steered_comes_to_rest_where_it_was_pointed_to() {
        let mut arena = Arena::new(2, 1);
        let controls = Controls { anywhere: Some(Vec2::new(100.0, 57.0)), ..default() };
        for _ in 0..120 {
            let input = controls.input(&Seat::Person, &arena, 0);
            arena.step([Some(input), None, None, None]);
        }
        let (place, velocity) = arena.paddle(0);
        assert!((place - 57 * UNIT).abs() <= PADDLE_HALF_HEIGHT / 4 && velocity == 0, "{place} {velocity}");
    }
}
