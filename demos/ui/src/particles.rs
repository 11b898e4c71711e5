//! Particles: small things that fly, fade and are gone; and rings that spread.

use crate::palette::{Role, Theme};
use crate::texture::Shapes;
use bevy::prelude::*;

/// What flies.
#[derive(Component, Clone, Copy, Debug)]
struct Particle {
    velocity: Vec2,
    /// The part of its speed that is left after a second.
    drag: f32,
    age: f32,
    life: f32,
    size: (f32, f32),
    role: Role,
    alpha: f32,
}

/// How a [`burst`] looks.
#[derive(Clone, Copy, Debug)]
pub struct Burst {
    /// Where.
    pub at: Vec2,
    /// Which way most of them fly.
    pub towards: Vec2,
    /// How far to either side of that, in radians; pi is all around.
    pub spread: f32,
    /// How many.
    pub count: u32,
    /// The fastest of them, in units a second.
    pub speed: f32,
    /// How large they are at first.
    pub size: f32,
    /// How long the last of them lives, in seconds.
    pub life: f32,
    /// Their colour.
    pub role: Role,
}

/// Never more than this at a time.
const MAX_PARTICLES: usize = 400;

/// A random number for looks: from 0 to 1. It is of no consequence to a game.
fn chance(seed: &mut u32) -> f32 {
    *seed = seed.wrapping_mul(747_796_405).wrapping_add(2_891_336_453);
    let mixed = ((*seed >> ((*seed >> 28) + 4)) ^ *seed).wrapping_mul(277_803_737);
    ((mixed >> 22) ^ mixed) as f32 / u32::MAX as f32
}

/// Throws particles.
pub fn burst(commands: &mut Commands, shapes: &Shapes, burst: Burst) {
    let mut seed = burst.at.x.to_bits() ^ burst.at.y.to_bits().rotate_left(16) ^ burst.count;
    for _ in 0..burst.count {
        let angle = burst.towards.to_angle() + (chance(&mut seed) * 2.0 - 1.0) * burst.spread;
        let speed = burst.speed * (0.15 + 0.85 * chance(&mut seed));
        let size = burst.size * (0.4 + 0.6 * chance(&mut seed));
        commands.spawn((
            Particle {
                velocity: Vec2::from_angle(angle) * speed,
                drag: 0.08,
                age: 0.0,
                life: burst.life * (0.4 + 0.6 * chance(&mut seed)),
                size: (size, 0.0),
                role: burst.role,
                alpha: 1.0,
            },
            Sprite { image: shapes.disc.clone(), custom_size: Some(Vec2::ZERO), ..default() },
            Transform::from_translation(burst.at.extend(8.0)),
        ));
    }
}

/// A ring that spreads from `at` to `size` across.
pub fn ring(commands: &mut Commands, shapes: &Shapes, at: Vec2, size: f32, role: Role) {
    commands.spawn((
        Particle {
            velocity: Vec2::ZERO,
            drag: 1.0,
            age: 0.0,
            life: 0.4,
            size: (size * 0.2, size),
            role,
            alpha: 0.6,
        },
        Sprite { image: shapes.ring.clone(), custom_size: Some(Vec2::ZERO), ..default() },
        Transform::from_translation(at.extend(7.5)),
    ));
}

pub(crate) fn plugin(app: &mut App) {
    app.add_systems(Update, fly);
}

fn fly(
    time: Res<Time>,
    theme: Res<Theme>,
    mut commands: Commands,
    mut particles: Query<(Entity, &mut Particle, &mut Sprite, &mut Transform)>,
) {
    let seconds = time.delta_secs();
    for (index, (entity, mut particle, mut sprite, mut transform)) in particles.iter_mut().enumerate() {
        particle.age += seconds;
        let gone = particle.age / particle.life;
        if gone >= 1.0 || index >= MAX_PARTICLES {
            commands.entity(entity).despawn();
            continue;
        }
        transform.translation += (particle.velocity * seconds).extend(0.0);
        let drag = particle.drag.powf(seconds);
        particle.velocity *= drag;
        let size = particle.size.0 + (particle.size.1 - particle.size.0) * crate::motion::ease::out(gone);
        sprite.custom_size = Some(Vec2::splat(size));
        sprite.color = theme.faded(particle.role, particle.alpha * (1.0 - gone * gone));
    }
}
