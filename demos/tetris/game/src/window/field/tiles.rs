//! The tiles that cells are drawn with: a block, the same with a mark for each piece, and the outline of a ghost. They
//! are drawn once into one texture, in white.

use bevy::prelude::*;
use demo_ui::{Pixel, from_pixels};
use tetris_rules::Kind;

/// A tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tile {
    Block,
    /// With a mark, for who can't go by the colour.
    Marked(Kind),
    Ghost,
}

/// The texture with all tiles.
#[derive(Resource, Clone, Debug)]
pub(super) struct Tiles(pub(super) Handle<Image>);

/// The edge of a tile, in pixels.
const PIXELS: usize = 64;
const COUNT: usize = 2 + Kind::ALL.len();

impl Tile {
    /// The block of a piece.
    pub(super) fn block(kind: Kind, marked: bool) -> Self {
        if marked { Self::Marked(kind) } else { Self::Block }
    }

    /// Its part of the texture.
    pub(super) fn rect(self) -> Rect {
        let index = match self {
            Self::Block => 0,
            Self::Marked(kind) => kind as usize,
            Self::Ghost => COUNT - 1,
        };
        let corner = Vec2::new((index * PIXELS) as f32, 0.0);
        Rect::from_corners(corner, corner + PIXELS as f32)
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Tiles>();
}

impl FromWorld for Tiles {
    fn from_world(world: &mut World) -> Self {
        let pixels = (0..PIXELS * PIXELS * COUNT).map(|index| {
            let (x, y) = (index % (PIXELS * COUNT), index / (PIXELS * COUNT));
            let place = (Vec2::new((x % PIXELS) as f32, y as f32) + 0.5) / PIXELS as f32 * 2.0 - 1.0;
            match x / PIXELS {
                0 => block(place),
                ghost if ghost == COUNT - 1 => self::ghost(place),
                number => marked(place, Kind::ALL[number - 1]),
            }
        });
        let image = from_pixels(PIXELS * COUNT, PIXELS, pixels.collect());
        Self(world.resource_mut::<Assets<Image>>().add(image))
    }
}

/// The width of a pixel, where a tile reaches from -1 to 1.
const PIXEL: f32 = 2.0 / PIXELS as f32;
/// From the middle of a tile to the edges of what is drawn on it.
const HALF: f32 = 0.94;

/// How much a shape covers of a pixel that is so far outside of it.
fn cover(distance: f32) -> f32 {
    (0.5 - distance / PIXEL).clamp(0.0, 1.0)
}

/// How far a place is outside of a box with round corners.
fn outside_box(place: Vec2, half: f32, corner: f32) -> f32 {
    let off = place.abs() - half + corner;
    off.max(Vec2::ZERO).length() + off.max_element().min(0.0) - corner
}

/// Lit from above: y goes down.
fn block(place: Vec2) -> Pixel {
    const BEVEL: f32 = 0.17;
    let outside = outside_box(place, HALF, 0.24);
    let face = 0.86 - 0.06 * place.y;
    let light = if outside < -BEVEL {
        face
    } else if place.x.abs() > place.y.abs() {
        if place.x < 0.0 { 0.94 } else { 0.72 }
    } else if place.y < 0.0 {
        1.0
    } else {
        0.62
    };
    [light, cover(outside)]
}

fn marked(place: Vec2, kind: Kind) -> Pixel {
    let [light, alpha] = block(place);
    let dark = cover(outside_mark(place, kind));
    [light + (0.25 - light) * dark, alpha]
}

/// How far a place is outside of a piece's mark: a bar, a ring, a cross, two diagonals, a dot, a frame.
fn outside_mark(place: Vec2, kind: Kind) -> f32 {
    const WIDTH: f32 = 0.12;
    let bar = |place: Vec2| (place.abs() - Vec2::new(WIDTH, 0.46)).max_element();
    let diagonal = Vec2::from_angle(std::f32::consts::FRAC_PI_4);
    match kind {
        Kind::I => bar(place),
        Kind::O => (place.length() - 0.34).abs() - WIDTH,
        Kind::T => bar(place).min(bar(place.yx())),
        Kind::S => bar(place.rotate(diagonal.perp())),
        Kind::Z => bar(place.rotate(diagonal)),
        Kind::J => place.length() - 0.24,
        Kind::L => (place.abs().max_element() - 0.34).abs() - WIDTH,
    }
}

fn ghost(place: Vec2) -> Pixel {
    let outside = outside_box(place, HALF - 0.04, 0.24);
    let frame = cover((outside + 0.07).abs() - 0.07);
    [1.0, frame.max(0.16 * cover(outside))]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_mark_differs_from_each_other_in_much_of_what_it_covers() {
        let marks = Kind::ALL.map(|kind| {
            (0..32 * 32)
                .map(|index| {
                    let place = Vec2::new((index % 32) as f32, (index / 32) as f32) / 16.0 - 0.97;
                    outside_mark(place, kind) < 0.0
                })
                .collect::<Vec<_>>()
        });
        for (index, mark) in marks.iter().enumerate() {
            let covered = mark.iter().filter(|&&covers| covers).count();
            assert!(covered > 32, "{:?} covers {covered}", Kind::ALL[index]);
            for (other, against) in marks.iter().enumerate().take(index) {
                let differ = mark.iter().zip(against).filter(|(a, b)| a != b).count();
                assert!(differ > 32, "{:?} and {:?} differ in {differ}", Kind::ALL[index], Kind::ALL[other]);
            }
        }
    }
}
