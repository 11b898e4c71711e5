//! Motion: curves for it, and nodes that slide into place.

use crate::palette::Theme;
use bevy::prelude::*;

/// Curves from 0 to 1.
pub mod ease {
    /// Fast, then slow.
    pub fn out(t: f32) -> f32 {
        1.0 - (1.0 - t.clamp(0.0, 1.0)).powi(3)
    }

    /// Slow, fast, slow.
    pub fn in_out(t: f32) -> f32 {
        let t = t.clamp(0.0, 1.0);
        t * t * (3.0 - 2.0 * t)
    }

    /// How large a number or a word is that pops up: the way from its start to its place is the first half.
    pub fn pop(t: f32) -> f32 {
        0.6 + 0.4 * back(t * 2.2)
    }

    /// A little too far, and back.
    pub fn back(t: f32) -> f32 {
        let t = t.clamp(0.0, 1.0) - 1.0;
        1.0 + t * t * (2.7 * t + 1.7)
    }
}

/// Slides into its place from `from`, `delay` seconds after it appeared.
#[derive(Component, Clone, Copy, Debug)]
#[require(UiTransform)]
pub struct SlideIn {
    /// Where it starts, beside its place, in logical pixels.
    pub from: Vec2,
    /// Seconds.
    pub delay: f32,
    /// Seconds since it appeared.
    age: f32,
}

impl SlideIn {
    /// How long the way takes, in seconds.
    const DURATION: f32 = 0.35;

    /// From `from`, `delay` seconds after it appeared.
    pub fn new(from: Vec2, delay: f32) -> Self {
        Self { from, delay, age: 0.0 }
    }
}

pub(crate) fn plugin(app: &mut App) {
    app.add_systems(PostUpdate, slide.before(bevy::ui::UiSystems::Layout));
}

fn slide(
    time: Res<Time>,
    theme: Res<Theme>,
    mut commands: Commands,
    mut sliding: Query<(Entity, &mut SlideIn, &mut UiTransform)>,
) {
    for (entity, mut slide, mut transform) in &mut sliding {
        // A frame that took long, as the first one of a screen does, must not swallow the motion.
        slide.age += time.delta_secs().min(0.05);
        let gone = if theme.reduced_motion { 1.0 } else { (slide.age - slide.delay) / SlideIn::DURATION };
        let rest = slide.from * (1.0 - ease::out(gone));
        transform.translation = Val2::px(rest.x, rest.y);
        if gone >= 1.0 {
            transform.translation = Val2::ZERO;
            commands.entity(entity).remove::<SlideIn>();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ease;

    #[test]
    fn curves_start_at_nothing_and_end_at_all() {
        for curve in [ease::out, ease::in_out, ease::back] {
            assert!(curve(0.0).abs() < 1e-5 && (curve(1.0) - 1.0).abs() < 1e-5);
            assert!((curve(7.0) - 1.0).abs() < 1e-5 && curve(-7.0).abs() < 1e-5);
        }
    }
}
