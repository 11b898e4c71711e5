//! What lies under the cells: plates, the lines of the board, their names; and the light of danger at its top.

use super::FieldSystems;
use super::layout::{Area, CELL, HALF_BOARD, Layout, RIM};
use crate::window::play::Round;
use bevy::prelude::*;
use demo_ui::{PLATE_CORNER, Role, Shapes, Theme, Tint, WorldLettering, plate};
use tetris_rules::{Tetris, VISIBLE_HEIGHT, WIDTH};

/// A part of the ground. It is laid anew when the window is turned.
#[derive(Component, Clone, Copy, Debug)]
struct Ground;

/// Shines when the stack comes near the top.
#[derive(Component, Clone, Copy, Debug, Default)]
struct DangerLight {
    /// How strong it is, 0 to 1: it comes and goes softly.
    strength: f32,
}

/// How thick the lines between cells are: a pixel at least, in most windows.
const LINE: f32 = 1.3;
/// A stack of so many rows is not dangerous yet.
const SAFE_ROWS: i8 = 13;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Startup, spawn_light).add_systems(Update, (lay, warn).in_set(FieldSystems));
}

fn lay(layout: Res<Layout>, shapes: Res<Shapes>, old: Query<Entity, With<Ground>>, mut commands: Commands) {
    if !layout.is_changed() {
        return;
    }
    old.iter().for_each(|entity| commands.entity(entity).despawn());
    for (area, name) in [(Area::Board, ""), (Area::Hold, "HOLD"), (Area::Next, "NEXT")] {
        let half = layout.half_plate(area);
        let height = if layout.portrait { 6.5 } else { 9.0 };
        let name = WorldLettering { text: name.into(), role: Role::Muted, alpha: 1.0, glow: 0.0 };
        let head = Vec3::new(0.0, half.y - 1.4 * height - 3.0, 1.0);
        commands.spawn((Ground, area, Transform::from_xyz(0.0, 0.0, -10.0))).with_children(|ground| {
            plate(ground, &shapes, half);
            ground.spawn((name, Transform::from_translation(head).with_scale(Vec3::splat(height))));
            if area == Area::Board {
                lines(ground, &shapes);
            }
        });
    }
}

fn lines(board: &mut ChildSpawnerCommands, shapes: &Shapes) {
    let mut line = |place: Vec2, size: Vec2| {
        board.spawn((
            Sprite { image: shapes.plain.clone(), custom_size: Some(size), ..default() },
            Tint(Role::Line, 0.22),
            Transform::from_translation(place.extend(1.0)),
        ));
    };
    for x in 1..WIDTH {
        line(Vec2::new(f32::from(x) * CELL - HALF_BOARD.x, 0.0), Vec2::new(LINE, 2.0 * HALF_BOARD.y));
    }
    for y in 1..VISIBLE_HEIGHT {
        line(Vec2::new(0.0, f32::from(y) * CELL - HALF_BOARD.y), Vec2::new(2.0 * HALF_BOARD.x, LINE));
    }
}

fn spawn_light(mut commands: Commands, shapes: Res<Shapes>) {
    let size = Vec2::new(2.0 * (HALF_BOARD.x + RIM) - PLATE_CORNER, 9.0 * CELL);
    let place = Vec3::new(0.0, HALF_BOARD.y - size.y / 2.0, 1.0);
    let light = Sprite {
        image: shapes.fade.clone(),
        custom_size: Some(size),
        // It is opaque below.
        flip_y: true,
        color: Color::NONE,
        ..default()
    };
    commands.spawn(Area::Board).with_child((
        DangerLight::default(),
        light,
        Transform::from_translation(place),
        Visibility::Hidden,
    ));
}

/// How near to its end a game is: 0 to 1.
fn danger(game: &Tetris) -> f32 {
    let is_filled = |y: i8| (0..WIDTH).any(|x| game.board().is_filled(x, y));
    let height = (0..VISIBLE_HEIGHT).rev().find(|&y| is_filled(y)).map_or(0, |top| top + 1);
    f32::from((height - SAFE_ROWS).max(0)) / f32::from(VISIBLE_HEIGHT - SAFE_ROWS)
}

fn warn(
    time: Res<Time>,
    theme: Res<Theme>,
    round: Res<Round>,
    mut lights: Query<(&mut DangerLight, &mut Sprite, &mut Visibility)>,
) {
    let wanted = if round.game().ending().is_none() { danger(round.game()) } else { 0.0 };
    for (mut light, mut sprite, mut visibility) in &mut lights {
        let step = 2.0 * time.delta_secs();
        light.strength += (wanted - light.strength).clamp(-step, step);
        visibility.set_if_neq(if light.strength > 0.0 { Visibility::Inherited } else { Visibility::Hidden });
        if light.strength > 0.0 {
            let beat = if theme.reduced_motion { 0.0 } else { (time.elapsed_secs() * 6.0).sin() };
            sprite.color = theme.faded(Role::Warning, light.strength * (0.36 + 0.1 * beat));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tetris_rules::{Board, Config, Mode};

    #[test]
    fn danger_grows_with_the_stack() {
        let with_rows = |rows: usize| {
            let board = Board::drawn(&"I.........\n".repeat(rows));
            danger(&Tetris::on(board, 1, Config::new(Mode::Marathon)))
        };
        assert_eq!([with_rows(0), with_rows(13)], [0.0; 2]);
        assert!(with_rows(14) > 0.0 && with_rows(14) < with_rows(18));
        assert_eq!(with_rows(20), 1.0);
    }
}
