//! A layer of the backdrop's colour over the world, so that a menu can be read over a game. It comes and goes softly.
//!
//! It is one sprite without a picture, which costs a software renderer far less than a node of the menus does.

use crate::palette::{Role, Theme};
use crate::texture::Shapes;
use bevy::prelude::*;

/// Veils the world while it is there: so opaque. The strongest counts.
#[derive(Component, Clone, Copy, Debug)]
pub struct Veil(
    /// From 0 to 1.
    pub f32,
);

#[derive(Component, Clone, Copy, Debug)]
struct VeilSprite(f32);

/// Larger than any world that is seen at once.
const SIZE: f32 = 10_000.0;
/// In front of all that is veiled.
const DEPTH: f32 = 90.0;

pub(crate) fn plugin(app: &mut App) {
    app.add_systems(Startup, spawn).add_systems(PostUpdate, fade);
}

fn spawn(mut commands: Commands, shapes: Res<Shapes>) {
    commands.spawn((
        VeilSprite(0.0),
        Sprite { image: shapes.plain.clone(), custom_size: Some(Vec2::splat(SIZE)), ..default() },
        Transform::from_xyz(0.0, 0.0, DEPTH),
    ));
}

fn fade(
    time: Res<Time>,
    theme: Res<Theme>,
    veils: Query<&Veil>,
    mut sprites: Query<(&mut VeilSprite, &mut Sprite, &mut Visibility)>,
) {
    let wanted = veils.iter().map(|veil| veil.0).fold(0.0, f32::max);
    for (mut veil, mut sprite, mut visibility) in &mut sprites {
        let step = 4.0 * time.delta_secs().min(0.05);
        veil.0 += (wanted - veil.0).clamp(-step, step);
        sprite.color = theme.faded(Role::Backdrop, veil.0);
        visibility.set_if_neq(if veil.0 > 0.0 { Visibility::Inherited } else { Visibility::Hidden });
    }
}
