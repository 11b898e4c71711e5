//! A plate: a box with round corners and a rim, on which a game is played.

use crate::palette::{Role, Tint};
use crate::texture::Shapes;
use bevy::prelude::*;

/// The radius of the corners.
pub const PLATE_CORNER: f32 = 12.0;
/// How thick the rim is: as the ring's at a corner.
const RIM: f32 = 0.18 * PLATE_CORNER;

/// Spawns a plate around the parent's place, so far from there to its edges.
pub fn plate(parent: &mut ChildSpawnerCommands, shapes: &Shapes, outer: Vec2) {
    let plain = |size: Vec2| Sprite { image: shapes.plain.clone(), custom_size: Some(size), ..default() };
    // Boxes that don't lie over each other: without a graphics card every pixel counts.
    let boxes = [
        (Vec2::ZERO, Vec2::new(2.0 * (outer.x - PLATE_CORNER), 2.0 * outer.y)),
        (Vec2::X, Vec2::new(PLATE_CORNER, 2.0 * (outer.y - PLATE_CORNER))),
        (Vec2::NEG_X, Vec2::new(PLATE_CORNER, 2.0 * (outer.y - PLATE_CORNER))),
    ];
    for (side, size) in boxes {
        let at = side * (outer.x - PLATE_CORNER / 2.0);
        parent.spawn((plain(size), Tint(Role::Surface, 1.0), Transform::from_translation(at.extend(0.0))));
    }
    for corner in [Vec2::ONE, Vec2::NEG_ONE, Vec2::new(1.0, -1.0), Vec2::new(-1.0, 1.0)] {
        // Of a disc and a ring, the quarter that is seen.
        for (image, role, depth) in [(&shapes.disc, Role::Surface, 0.1), (&shapes.ring, Role::Line, 0.2)] {
            let from =
                Vec2::new(if corner.x > 0.0 { 0.5 } else { 0.0 }, if corner.y > 0.0 { 0.0 } else { 0.5 });
            let quarter = Rect::from_corners(from * Shapes::PIXELS, (from + 0.5) * Shapes::PIXELS);
            parent.spawn((
                Sprite {
                    image: image.clone(),
                    custom_size: Some(Vec2::splat(PLATE_CORNER)),
                    rect: Some(quarter),
                    ..default()
                },
                Tint(role, 1.0),
                Transform::from_translation((corner * (outer - PLATE_CORNER / 2.0)).extend(depth)),
            ));
        }
    }
    for edge in [Vec2::X, Vec2::NEG_X, Vec2::Y, Vec2::NEG_Y] {
        let along = edge.perp().abs();
        let straight = 2.0 * ((outer * along).element_sum() - PLATE_CORNER);
        parent.spawn((
            plain(along * straight + along.yx() * RIM),
            Tint(Role::Line, 1.0),
            Transform::from_translation((edge * (outer - 0.12 * PLATE_CORNER)).extend(0.3)),
        ));
    }
}
