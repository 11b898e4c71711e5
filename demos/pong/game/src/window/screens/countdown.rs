//! Three, two, one: before the first serve of a match.

use super::Screen;
use crate::window::play::Mode;
use crate::window::play::Table;
use crate::window::play::arena::{COUNTDOWN_TICKS, Stage};
use crate::window::play::view::View;
use bevy::prelude::*;
use demo_ui::WorldCamera;
use demo_ui::{Role, Theme, WorldLettering, motion::ease};

#[derive(Component, Clone, Copy, Debug)]
struct Number;

/// How high a number is.
const HEIGHT: f32 = 120.0;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Startup, spawn).add_systems(Update, count.after(crate::window::court::CourtSystems));
}

fn spawn(mut commands: Commands) {
    commands
        .spawn((Number, WorldLettering { text: String::new(), role: Role::Bright, alpha: 1.0, glow: 0.5 }));
}

fn count(
    view: Res<View>,
    table: Res<Table>,
    theme: Res<Theme>,
    screen: Res<State<Screen>>,
    camera: Query<&Transform, (With<WorldCamera>, Without<Number>)>,
    mut numbers: Query<(&mut WorldLettering, &mut Transform), With<Number>>,
) {
    let Ok((mut text, mut transform)) = numbers.single_mut() else { return };
    let shown = *screen.get() == Screen::Match && table.mode != Mode::Attract;
    let wanted =
        view.now.stage.countdown().filter(|_| shown).map_or(String::new(), |number| number.to_string());
    if text.text != wanted {
        text.text = wanted;
    }
    let left = if let Stage::Serve { ticks, .. } = view.now.stage { ticks } else { 0 };
    let gone = 1.0 - (left % COUNTDOWN_TICKS) as f32 / COUNTDOWN_TICKS as f32;
    let size = if theme.reduced_motion { 1.0 } else { ease::pop(gone) };
    let upright = camera.single().map_or(Quat::IDENTITY, |camera| camera.rotation);
    let above = upright * Vec3::new(0.0, view.now.half_size.min_element() * 0.45, 20.0);
    *transform =
        Transform::from_translation(above).with_rotation(upright).with_scale(Vec3::splat(HEIGHT * size));
}
