//! Shaking the view.

use bevy::prelude::*;

/// How much the view shakes: add to it when something hits.
#[derive(Resource, Clone, Copy, Debug, Default)]
pub struct Shake {
    /// From 0 to 1; it ebbs by itself.
    pub trauma: f32,
    phase: f32,
}

impl Shake {
    /// Shakes at least so much.
    pub fn hit(&mut self, trauma: f32) {
        self.trauma = self.trauma.max(trauma).min(1.0);
    }

    /// Where the view is now beside its place, at most 1 away either way, and how far it is turned, at most 1.
    pub fn offset(&self) -> (Vec2, f32) {
        let strength = self.trauma * self.trauma;
        let wave = |speed: f32, shift: f32| (self.phase * speed + shift).sin() * strength;
        (Vec2::new(wave(47.0, 0.0), wave(61.0, 1.3)), wave(53.0, 2.1))
    }
}

pub(crate) fn plugin(app: &mut App) {
    app.init_resource::<Shake>().add_systems(Update, ebb);
}

fn ebb(time: Res<Time>, mut shake: ResMut<Shake>) {
    if shake.trauma > 0.0 {
        shake.trauma = (shake.trauma - 1.6 * time.delta_secs()).max(0.0);
        shake.phase += time.delta_secs();
    }
}
