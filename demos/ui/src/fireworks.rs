//! Fireworks for a winner.

use crate::palette::{Role, Theme};
use crate::particles::{Burst, burst};
use crate::texture::Shapes;
use bevy::prelude::*;
use std::f32::consts::PI;

/// Fireworks over the world, while there is a colour for them.
#[derive(Resource, Clone, Copy, Debug, Default)]
pub struct Fireworks {
    /// Their colour.
    pub role: Option<Role>,
    /// How far from the middle of the world they go.
    pub half_size: Vec2,
    /// Seconds until the next rocket.
    next: f32,
    /// How many there were.
    count: u32,
}

impl Fireworks {
    /// Lets them off, or goes on with it.
    pub fn celebrate(&mut self, role: Role, half_size: Vec2) {
        (self.role, self.half_size) = (Some(role), half_size);
    }
}

pub(crate) fn plugin(app: &mut App) {
    app.init_resource::<Fireworks>().add_systems(Update, rise);
}

fn rise(
    time: Res<Time>,
    theme: Res<Theme>,
    shapes: Res<Shapes>,
    mut fireworks: ResMut<Fireworks>,
    mut commands: Commands,
) {
    let Some(role) = fireworks.role.filter(|_| !theme.reduced_motion) else { return };
    fireworks.next -= time.delta_secs();
    if fireworks.next > 0.0 {
        return;
    }
    fireworks.next = 0.45;
    fireworks.count += 1;
    let turn = fireworks.count as f32 * 2.4;
    let at = fireworks.half_size * Vec2::new(0.75 * (turn * 1.7).sin(), 0.6 * (turn * 1.1).cos());
    let role = if fireworks.count.is_multiple_of(3) { Role::Bright } else { role };
    burst(
        &mut commands,
        &shapes,
        Burst { at, towards: Vec2::Y, spread: PI, count: 30, speed: 230.0, size: 6.0, life: 1.1, role },
    );
}
