//! The ground: the field, its edges and its centre line. It is laid anew when another game is played.

use super::EDGES;
use crate::window::play::Table;
use crate::window::play::view::View;
use bevy::prelude::*;
use demo_ui::{Role, Shapes, Theme, Tint, plate};

/// A part of the ground.
#[derive(Component, Clone, Copy, Debug)]
struct Ground;

/// The light along an edge: brighter when the ball hits it.
#[derive(Component, Clone, Copy, Debug)]
pub(super) struct EdgeLight {
    /// Which edge, as a direction from the middle.
    pub(super) edge: Vec2,
    /// From 0 to 1; it ebbs.
    pub(super) flash: f32,
}

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Update, (lay, ebb).chain().in_set(super::CourtSystems));
}

fn lay(
    view: Res<View>,
    table: Res<Table>,
    shapes: Res<Shapes>,
    mut commands: Commands,
    old: Query<Entity, With<Ground>>,
    mut laid: Local<Option<(Vec2, usize)>>,
) {
    let half = view.now.half_size;
    if *laid == Some((half, table.seats.len())) {
        return;
    }
    *laid = Some((half, table.seats.len()));
    for entity in &old {
        commands.entity(entity).despawn();
    }
    let plain = |size: Vec2| Sprite { image: shapes.plain.clone(), custom_size: Some(size), ..default() };
    commands
        .spawn((Ground, Transform::from_xyz(0.0, 0.0, -10.0), Visibility::default()))
        .with_children(|ground| plate(ground, &shapes, half + 6.0));
    for (player, edge) in EDGES.into_iter().enumerate() {
        // A player's edge has the player's colour.
        let owned = player < table.seats.len();
        let role = if owned { super::role(player) } else { Role::Bright };
        let along = if edge.x == 0.0 { Vec2::X } else { Vec2::Y };
        let length = (half * along).element_sum() * 2.0;
        if owned {
            commands.spawn((
                Ground,
                plain(along * (length - 20.0) + along.yx() * 3.0),
                Tint(role, 0.6),
                Transform::from_translation((edge * (half + 2.5)).extend(-9.0)),
            ));
        }
        commands.spawn((
            Ground,
            EdgeLight { edge, flash: 0.0 },
            Sprite {
                image: shapes.glow.clone(),
                custom_size: Some(along * length * 1.1 + along.yx() * 70.0),
                color: Color::NONE,
                ..default()
            },
            Transform::from_translation((edge * half).extend(-8.5)),
        ));
    }
    if table.seats.len() <= 2 {
        let dashes = 13;
        for dash in 0..dashes {
            let y = (dash as f32 - (dashes - 1) as f32 / 2.0) * (2.0 * half.y / dashes as f32);
            commands.spawn((
                Ground,
                plain(Vec2::new(3.0, 12.0)),
                Tint(Role::Line, 0.7),
                Transform::from_xyz(0.0, y, -9.0),
            ));
        }
    }
}

fn ebb(
    time: Res<Time>,
    theme: Res<Theme>,
    table: Res<Table>,
    mut lights: Query<(&mut EdgeLight, &mut Sprite, &mut Visibility)>,
) {
    for (mut light, mut sprite, mut visibility) in &mut lights {
        light.flash = (light.flash - 3.0 * time.delta_secs()).max(0.0);
        visibility.set_if_neq(if light.flash > 0.0 { Visibility::Inherited } else { Visibility::Hidden });
        let player = EDGES.iter().position(|&edge| edge == light.edge);
        let owner = player.filter(|&player| player < table.seats.len());
        let role = owner.map_or(Role::Bright, super::role);
        sprite.color = theme.faded(role, 0.55 * light.flash * theme.palette().glow);
    }
}
