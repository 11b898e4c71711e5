//! What placements leave behind: light where a piece locked and where it fell, sparks and bars where lines were.

use super::callouts::Callouts;
use super::grid::{Grid, Look, cell_place};
use super::layout::{Area, CELL, HALF_BOARD, Layout};
use super::{FieldSystems, role};
use crate::window::play::{Happened, Purpose, Round};
use bevy::prelude::*;
use demo_ui::{Burst, Role, Shake, Shapes, Theme, burst, ring};
use std::f32::consts::PI;
use tetris_rules::{Ending, Events, Locked, WIDTH};

/// A light that fades.
#[derive(Component, Clone, Copy, Debug)]
struct Fading {
    role: Role,
    alpha: f32,
    age: f32,
    life: f32,
    /// How high it is at first; it shrinks to nothing.
    shrinks_from: Option<f32>,
}

pub(super) fn plugin(app: &mut App) {
    // What lines were made of is on the grid until it is drawn anew.
    app.add_systems(Update, react.before(FieldSystems)).add_systems(Update, fade);
}

/// Lights up what happened.
struct Lights<'a, 'w, 's> {
    commands: &'a mut Commands<'w, 's>,
    shapes: &'a Shapes,
    board: Vec2,
}

impl Lights<'_, '_, '_> {
    fn spawn(&mut self, image: Handle<Image>, place: Vec2, size: Vec2, light: Fading) {
        self.commands.spawn((
            light,
            Sprite { image, custom_size: Some(size), color: Color::NONE, ..default() },
            Transform::from_translation((self.board + place).extend(4.0)),
        ));
    }

    /// A piece locked.
    fn lock(&mut self, locked: &Locked) {
        for [x, y] in locked.piece.cells() {
            let light = Fading { role: Role::Bright, alpha: 0.7, age: 0.0, life: 0.2, shrinks_from: None };
            self.spawn(self.shapes.plain.clone(), cell_place(x, y), Vec2::splat(CELL - 2.0), light);
        }
    }

    /// A piece fell so many rows at once.
    fn streak(&mut self, locked: &Locked, rows: u8) {
        let cells = locked.piece.cells();
        let height = f32::from(rows) * CELL;
        for [x, y] in cells {
            // Only above the highest cell of a column.
            if cells.contains(&[x, y + 1]) {
                continue;
            }
            let place = cell_place(x, y) + Vec2::new(0.0, (CELL + height) / 2.0);
            let role = role(locked.piece.kind);
            let light = Fading { role, alpha: 0.32, age: 0.0, life: 0.25, shrinks_from: None };
            self.spawn(self.shapes.fade.clone(), place, Vec2::new(CELL, height), light);
        }
    }

    /// Lines were cleared.
    fn clear(&mut self, locked: &Locked, grid: &Grid, calm: bool) {
        for y in locked.cleared.iter() {
            let size = Vec2::new(2.0 * HALF_BOARD.x, CELL);
            let light =
                Fading { role: Role::Bright, alpha: 0.85, age: 0.0, life: 0.35, shrinks_from: Some(CELL) };
            self.spawn(self.shapes.plain.clone(), Vec2::new(0.0, cell_place(0, y).y), size, light);
            for x in 0..WIDTH {
                let kind = match grid.look(x, y) {
                    Look::Block(kind) => kind,
                    _ => locked.piece.kind,
                };
                let sparks = Burst {
                    at: self.board + cell_place(x, y),
                    towards: Vec2::Y,
                    spread: PI,
                    count: if calm { 1 } else { 3 },
                    speed: 190.0 + 50.0 * f32::from(locked.cleared.count()),
                    size: 7.0,
                    life: 0.7,
                    role: role(kind),
                };
                burst(self.commands, self.shapes, sparks);
            }
        }
    }
}

fn react(
    mut happened: MessageReader<Happened>,
    round: Res<Round>,
    layout: Res<Layout>,
    shapes: Res<Shapes>,
    theme: Res<Theme>,
    grid: Res<Grid>,
    mut shake: ResMut<Shake>,
    mut callouts: Callouts,
    mut commands: Commands,
) {
    let board = layout.place(Area::Board);
    // Behind the menus everything is quieter.
    let calm = round.purpose() == Purpose::Backdrop;
    let mut jolt: f32 = 0.0;
    for Happened(events) in happened.read() {
        let mut lights = Lights { commands: &mut commands, shapes: &shapes, board };
        if let Some(locked) = &events.locked {
            if let Some(rows) = events.hard_dropped.filter(|&rows| rows > 0) {
                lights.streak(locked, rows);
            }
            if locked.cleared.is_empty() {
                lights.lock(locked);
            } else {
                lights.clear(locked, &grid, calm || theme.reduced_motion);
                if locked.cleared.count() == 4 && !theme.reduced_motion {
                    let row = locked.cleared.iter().last().unwrap_or_default();
                    let middle = board + Vec2::new(0.0, cell_place(0, row).y);
                    ring(&mut commands, &shapes, middle, 420.0, Role::Bright);
                }
            }
        }
        jolt = jolt.max(jolt_of(events));
        if !calm {
            callouts.call(events);
        }
    }
    if jolt > 0.0 && !calm {
        shake.hit(jolt);
    }
}

/// How much the view is shaken.
fn jolt_of(events: &Events) -> f32 {
    let lines = events.locked.map_or(0, |locked| locked.cleared.count());
    match (events.over, lines) {
        (Some(Ending::BlockOut | Ending::LockOut), _) => 0.8,
        (_, 4) => 0.55,
        (_, 1..) => 0.2 + 0.08 * f32::from(lines),
        _ if events.hard_dropped.is_some_and(|rows| rows > 2) => 0.16,
        _ => 0.0,
    }
}

fn fade(
    time: Res<Time>,
    theme: Res<Theme>,
    mut commands: Commands,
    mut lights: Query<(Entity, &mut Fading, &mut Sprite)>,
) {
    for (entity, mut light, mut sprite) in &mut lights {
        light.age += time.delta_secs();
        let left = 1.0 - light.age / light.life;
        if left <= 0.0 {
            commands.entity(entity).despawn();
            continue;
        }
        let strength = if theme.reduced_motion { 0.5 } else { 1.0 };
        sprite.color = theme.faded(light.role, light.alpha * left * strength);
        if let (Some(height), Some(size)) = (light.shrinks_from, &mut sprite.custom_size) {
            size.y = height * left;
        }
    }
}
