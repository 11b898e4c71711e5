//! The points of two, large on the ground; the names of four, and their lives as lights behind each wall.

use super::EDGES;
use crate::window::play::view::View;
use crate::window::play::{Mode, Table};
use bevy::prelude::*;
use demo_ui::{Role, Shapes, Theme, WorldCamera, WorldLettering, motion::ease};

/// A player's points.
#[derive(Component, Clone, Copy, Debug)]
struct Points {
    player: usize,
    /// From 1 to 0: they just changed.
    fresh: f32,
}

/// One of a player's lives.
#[derive(Component, Clone, Copy, Debug)]
struct Life {
    player: usize,
    number: u16,
}

/// A player's name, by its wall.
#[derive(Component, Clone, Copy, Debug)]
struct NameTag(usize);

/// How high the points are.
const HEIGHT: f32 = 92.0;
/// How high names are.
const NAME_HEIGHT: f32 = 13.0;
/// Where they are: so far from the middle towards the edge, beside a wall and below or above one.
const NAME_PLACE: Vec2 = Vec2::new(0.5, 0.64);
/// The most lives that are shown.
const LIVES: u16 = 6;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Startup, spawn)
        .add_systems(Update, (show_points, show_names, show_lives).in_set(super::CourtSystems));
}

fn spawn(mut commands: Commands, shapes: Res<Shapes>) {
    for player in 0..2 {
        let text = WorldLettering { text: String::new(), role: super::role(player), alpha: 0.13, glow: 0.0 };
        commands.spawn((Points { player, fresh: 0.0 }, text));
    }
    for player in 0..4 {
        let text = WorldLettering { text: String::new(), role: super::role(player), alpha: 0.45, glow: 0.0 };
        commands.spawn((NameTag(player), text));
        for number in 0..LIVES {
            commands.spawn((
                Life { player, number },
                Sprite { image: shapes.disc.clone(), custom_size: Some(Vec2::ZERO), ..default() },
                Transform::default(),
            ));
        }
    }
}

fn show_points(
    time: Res<Time>,
    view: Res<View>,
    table: Res<Table>,
    camera: Query<&Transform, (With<WorldCamera>, Without<Points>)>,
    mut points: Query<(&mut Points, &mut WorldLettering, &mut Transform)>,
) {
    let upright = camera.single().map_or(Quat::IDENTITY, |camera| camera.rotation);
    let shown = table.seats.len() <= 2 && table.mode != Mode::Attract;
    for (mut points, mut text, mut transform) in &mut points {
        let tally = view.now.tallies[points.player].filter(|_| shown);
        let wanted = tally.map_or(String::new(), |tally| tally.to_string());
        if text.text != wanted {
            points.fresh = if text.text.is_empty() { 0.0 } else { 1.0 };
            text.text = wanted;
        }
        points.fresh = (points.fresh - 1.5 * time.delta_secs()).max(0.0);
        let side = if points.player == 0 { -1.0 } else { 1.0 };
        let pop = 1.0 + 0.5 * points.fresh * ease::out(points.fresh);
        *transform = Transform::from_xyz(side * view.now.half_size.x * 0.5, 0.0, -8.0)
            .with_rotation(upright)
            .with_scale(Vec3::splat(HEIGHT * pop));
    }
}

fn show_names(
    view: Res<View>,
    table: Res<Table>,
    camera: Query<&Transform, (With<WorldCamera>, Without<NameTag>)>,
    mut names: Query<(&NameTag, &mut WorldLettering, &mut Transform)>,
) {
    let upright = camera.single().map_or(Quat::IDENTITY, |camera| camera.rotation);
    let shown = table.seats.len() > 2 && table.mode != Mode::Attract;
    for (&NameTag(player), mut text, mut transform) in &mut names {
        let wanted = match view.now.tallies[player] {
            _ if !shown || player >= table.seats.len() => "",
            Some(0) => "OUT",
            Some(_) => table.name(player),
            None => "CLOSED",
        };
        if text.text != wanted {
            text.text = wanted.to_owned();
        }
        let edge = EDGES[player];
        let on_screen = (upright.inverse() * edge.extend(0.0)).truncate();
        let place = edge * view.now.half_size * (on_screen.abs() * NAME_PLACE).element_sum();
        *transform = Transform::from_translation(place.extend(-8.0))
            .with_rotation(upright)
            .with_scale(Vec3::splat(NAME_HEIGHT));
    }
}

fn show_lives(
    theme: Res<Theme>,
    view: Res<View>,
    table: Res<Table>,
    mut lives: Query<(&Life, &mut Sprite, &mut Transform)>,
) {
    for (life, mut sprite, mut transform) in &mut lives {
        let Some(left) = view.now.tallies[life.player].filter(|_| table.seats.len() > 2) else {
            sprite.custom_size = Some(Vec2::ZERO);
            continue;
        };
        let edge = EDGES[life.player];
        let along = edge.perp() * (f32::from(life.number) - f32::from(LIVES - 2) / 2.0) * 14.0;
        transform.translation = (edge * (view.now.half_size + 14.0) + along).extend(1.0);
        sprite.custom_size = Some(Vec2::splat(7.0));
        sprite.color = if life.number < left {
            theme.color(super::role(life.player))
        } else if life.number < LIVES - 1 {
            theme.color(Role::Line)
        } else {
            Color::NONE
        };
    }
}
