//! What hits leave behind: sparks, rings, light along an edge, a flash and a shaken view.

use super::EDGES;
use super::field::EdgeLight;
use super::pieces::{BallSprite, PaddleSprite};
use crate::window::play::arena::{conceder, hitter};
use crate::window::play::view::{Happened, View};
use crate::window::play::{Mode, Table};
use bevy::prelude::*;
use demo_ui::{Burst, Role, Shake, Shapes, Theme, burst, ring};
use pong_rules::Event;
use std::f32::consts::FRAC_PI_2;

/// Light over the whole court.
#[derive(Component, Clone, Copy, Debug)]
struct Flash {
    left: f32,
    role: Role,
}

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Startup, spawn).add_systems(Update, (react, fade).in_set(super::CourtSystems));
}

fn spawn(mut commands: Commands, shapes: Res<Shapes>) {
    commands.spawn((
        Flash { left: 0.0, role: Role::Bright },
        Sprite { image: shapes.glow.clone(), color: Color::NONE, ..default() },
        Transform::from_xyz(0.0, 0.0, 1.0),
    ));
}

fn react(
    mut happened: MessageReader<Happened>,
    view: Res<View>,
    table: Res<Table>,
    theme: Res<Theme>,
    shapes: Res<Shapes>,
    mut shake: ResMut<Shake>,
    mut commands: Commands,
    mut paddles: Query<&mut PaddleSprite>,
    mut ball: Query<&mut BallSprite>,
    mut edges: Query<&mut EdgeLight>,
    mut flash: Query<(&mut Flash, &mut Transform)>,
) {
    let Ok(mut ball) = ball.single_mut() else { return };
    // Behind the menus everything is quieter.
    let calm = if table.mode == Mode::Attract { 0.4 } else { 1.0 };
    let at = view.now.ball;
    for &Happened(event) in happened.read() {
        if let Some(player) = hitter(event) {
            for mut paddle in &mut paddles {
                if paddle.player == player {
                    paddle.hit = 1.0;
                }
            }
            (ball.hit, ball.last) = (1.0, Some(player));
            shake.hit(calm * (0.12 + 0.22 * view.now.pace));
            let sparks = Burst {
                at,
                towards: -EDGES[player],
                spread: FRAC_PI_2,
                count: (calm * (8.0 + 14.0 * view.now.pace)) as u32,
                speed: 130.0 + 200.0 * view.now.pace,
                size: 5.0,
                life: 0.45,
                role: super::role(player),
            };
            burst(&mut commands, &shapes, sparks);
            ring(&mut commands, &shapes, at, 44.0, super::role(player));
        }
        if event == Event::Wall {
            ball.hit = 0.7;
            let nearest = EDGES.into_iter().max_by(|a, b| {
                let near = |edge: &Vec2| at.dot(*edge) / view.now.half_size.dot(edge.abs());
                near(a).total_cmp(&near(b))
            });
            let Some(nearest) = nearest else { continue };
            for mut light in &mut edges {
                if light.edge == nearest {
                    light.flash = calm;
                }
            }
            let sparks = Burst {
                at,
                towards: -nearest,
                spread: FRAC_PI_2,
                count: (6.0 * calm) as u32,
                speed: 120.0,
                size: 4.0,
                life: 0.35,
                role: Role::Bright,
            };
            burst(&mut commands, &shapes, sparks);
        }
        if let Some(player) = conceder(event) {
            // It shines in the colour of who gains: in a duel the other one, else everybody loses a little.
            let role = if table.seats.len() <= 2 { super::role(1 - player) } else { super::role(player) };
            ball.last = None;
            shake.hit(0.85 * calm);
            if let Ok((mut flash, mut place)) = flash.single_mut() {
                *flash = Flash { left: calm, role };
                place.translation = (EDGES[player] * view.now.half_size).extend(1.0);
            }
            for (count, speed, size) in [(46, 420.0, 7.0), (26, 200.0, 10.0)] {
                let count = (count as f32 * calm) as u32;
                let burst =
                    Burst { at, towards: -EDGES[player], spread: 1.7, count, speed, size, life: 0.9, role };
                demo_ui::burst(&mut commands, &shapes, burst);
            }
            if !theme.reduced_motion {
                ring(&mut commands, &shapes, at, 240.0, role);
            }
        }
        if event == Event::Served {
            ball.last = None;
            ring(&mut commands, &shapes, at, 60.0, Role::Bright);
        }
    }
}

fn fade(
    time: Res<Time>,
    theme: Res<Theme>,
    view: Res<View>,
    mut flash: Query<(&mut Flash, &mut Sprite, &mut Visibility)>,
) {
    let Ok((mut flash, mut sprite, mut visibility)) = flash.single_mut() else { return };
    flash.left = (flash.left - 1.8 * time.delta_secs()).max(0.0);
    visibility.set_if_neq(if flash.left > 0.0 { Visibility::Inherited } else { Visibility::Hidden });
    let strength = if theme.reduced_motion { 0.25 } else { 0.75 };
    sprite.custom_size = Some(Vec2::splat(view.now.half_size.x * 1.7));
    sprite.color = theme.faded(flash.role, flash.left * strength);
}
