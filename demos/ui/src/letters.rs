//! Lettering on screen: the letters drawn once into a texture, and texts set from it, in menus and in the world.

use crate::lettering::{self, CAP_HEIGHT, Glyph};
use crate::palette::{Role, Tint};
use crate::texture::from_alpha;
use bevy::app::SpawnScene;
use bevy::prelude::*;

/// Pixels of the texture to a unit of the letters' grid.
const SCALE: usize = 16;
/// Room for light around a letter, in units of the grid.
const MARGIN: usize = 2;
/// A cell of the texture, in units of the grid. Letters are at most 4 wide; a comma hangs below.
const CELL: (usize, usize) = (4 + 2 * MARGIN, 7 + 2 * MARGIN);
const COLUMNS: usize = 8;
/// Half the width of a stroke, in units of the grid.
const STROKE: f32 = 0.52;
/// Between two letters, in units of the grid.
const SPACING: f32 = 1.9;
/// The texture of lights is smaller by this: lights have no edges.
const BLUR: usize = 4;

/// A text in the demos' own letters, for menus. It is as high as its capitals.
#[derive(Component, Clone, Debug, PartialEq)]
#[require(Node)]
pub struct Lettering {
    /// The text; capitals, digits and few marks.
    pub text: String,
    /// How high a capital is, in logical pixels.
    pub height: f32,
    /// Its colour.
    pub role: Role,
    /// How opaque.
    pub alpha: f32,
    /// How much it shines.
    pub glow: f32,
}

/// A text in the demos' own letters, for the world: centred on its place, a capital one unit high.
#[derive(Component, Clone, Debug, PartialEq)]
#[require(Transform, Visibility)]
pub struct WorldLettering {
    /// The text; capitals, digits and few marks.
    pub text: String,
    /// Its colour.
    pub role: Role,
    /// How opaque.
    pub alpha: f32,
    /// How much it shines.
    pub glow: f32,
}

impl Lettering {
    /// A text in ink.
    pub fn new(text: impl Into<String>, height: f32) -> Self {
        Self { text: text.into(), height, role: Role::Ink, alpha: 1.0, glow: 0.0 }
    }

    /// In another colour.
    #[must_use]
    pub fn colored(self, role: Role) -> Self {
        Self { role, ..self }
    }

    /// With a light around it.
    #[must_use]
    pub fn glowing(self, glow: f32) -> Self {
        Self { glow, ..self }
    }

    /// The room between two letters that are `height` high.
    pub fn spacing(height: f32) -> f32 {
        SPACING * height / CAP_HEIGHT
    }

    /// How wide `text` is when it is `height` high.
    pub fn width(text: &str, height: f32) -> f32 {
        set(text).1 * height / CAP_HEIGHT
    }
}

/// The textures of the letters.
#[derive(Resource)]
struct Letters {
    solid: Handle<Image>,
    light: Handle<Image>,
    glyphs: Vec<Glyph>,
}

pub(crate) fn plugin(app: &mut App) {
    // Before PostUpdate: the letters of a text that changed are placed and drawn in the same frame, so that it doesn't
    // flicker, and nothing is done with the old ones any more.
    app.add_systems(PreStartup, draw).add_systems(SpawnScene, (set_in_menus, set_in_world));
}

fn draw(mut commands: Commands, mut images: ResMut<Assets<Image>>) {
    let glyphs: Vec<Glyph> = (0..lettering::alphabet().count()).map(lettering::glyph).collect();
    let rows = glyphs.len().div_ceil(COLUMNS);
    let (width, height) = (COLUMNS * CELL.0 * SCALE, rows * CELL.1 * SCALE);
    let mut distances = vec![f32::INFINITY; width * height];
    for (index, glyph) in glyphs.iter().enumerate() {
        let corner = (index % COLUMNS * CELL.0 * SCALE, index / COLUMNS * CELL.1 * SCALE);
        for y in 0..CELL.1 * SCALE {
            for x in 0..CELL.0 * SCALE {
                let on_grid = |pixel: usize| (pixel as f32 + 0.5) / SCALE as f32 - MARGIN as f32;
                distances[(corner.1 + y) * width + corner.0 + x] =
                    lettering::distance(glyph, [on_grid(x), on_grid(y)]);
            }
        }
    }
    let solid = distances.iter().map(|distance| (STROKE - distance) * SCALE as f32 + 0.5).collect();
    let small = (width / BLUR, height / BLUR);
    let light = (0..small.0 * small.1).map(|index| {
        let (x, y) = (index % small.0 * BLUR, index / small.0 * BLUR);
        let fading =
            (1.0 - (distances[y * width + x] - STROKE * 0.5).max(0.0) / (MARGIN as f32 - 0.3)).max(0.0);
        0.7 * fading * fading * fading
    });
    let light = light.collect();
    commands.insert_resource(Letters {
        solid: images.add(from_alpha(width, height, solid)),
        light: images.add(from_alpha(small.0, small.1, light)),
        glyphs,
    });
}

/// Where each letter of `text` stands, and how wide all are, in units of the grid.
fn set(text: &str) -> (Vec<(usize, f32)>, f32) {
    let (mut letters, mut x) = (Vec::new(), 0.0);
    for letter in text.chars() {
        let index = lettering::index(letter);
        letters.push((index, x));
        x += lettering::glyph(index).width + SPACING;
    }
    (letters, (x - SPACING).max(0.0))
}

/// The part of a texture that shows a letter with its margin; `shrunk` says how much smaller the texture is.
fn part(index: usize, glyph: &Glyph, shrunk: usize) -> Rect {
    let scale = (SCALE / shrunk) as f32;
    let corner = Vec2::new((index % COLUMNS * CELL.0) as f32, (index / COLUMNS * CELL.1) as f32) * scale;
    Rect::from_corners(corner, corner + letter_size(glyph) * scale)
}

/// A letter with its margin, in units of the grid.
fn letter_size(glyph: &Glyph) -> Vec2 {
    Vec2::new(glyph.width + 2.0 * MARGIN as f32, CELL.1 as f32)
}

fn set_in_menus(
    mut commands: Commands,
    letters: Res<Letters>,
    mut texts: Query<(Entity, &Lettering, &mut Node), Changed<Lettering>>,
) {
    for (entity, lettering, mut node) in &mut texts {
        let unit = lettering.height / CAP_HEIGHT;
        let (placed, width) = set(&lettering.text);
        node.width = Val::Px(width * unit);
        node.height = Val::Px(lettering.height);
        node.flex_shrink = 0.0;
        commands.entity(entity).despawn_children();
        let layers = [(&letters.light, BLUR, lettering.glow), (&letters.solid, 1, lettering.alpha)];
        for (image, shrunk, alpha) in layers.into_iter().filter(|&(_, _, alpha)| alpha > 0.0) {
            for &(index, x) in &placed {
                let glyph = &letters.glyphs[index];
                let size = letter_size(glyph) * unit;
                commands.spawn((
                    ChildOf(entity),
                    Node {
                        position_type: PositionType::Absolute,
                        left: Val::Px((x - MARGIN as f32) * unit),
                        top: Val::Px(-(MARGIN as f32) * unit),
                        width: Val::Px(size.x),
                        height: Val::Px(size.y),
                        ..default()
                    },
                    ImageNode { image: image.clone(), rect: Some(part(index, glyph, shrunk)), ..default() },
                    Tint(lettering.role, alpha),
                ));
            }
        }
    }
}

fn set_in_world(
    mut commands: Commands,
    letters: Res<Letters>,
    texts: Query<(Entity, &WorldLettering), Changed<WorldLettering>>,
) {
    for (entity, lettering) in &texts {
        let unit = 1.0 / CAP_HEIGHT;
        let (placed, width) = set(&lettering.text);
        commands.entity(entity).despawn_children();
        let layers = [(&letters.light, BLUR, lettering.glow), (&letters.solid, 1, lettering.alpha)];
        for (depth, (image, shrunk, alpha)) in
            layers.into_iter().enumerate().filter(|(_, layer)| layer.2 > 0.0)
        {
            for &(index, x) in &placed {
                let glyph = &letters.glyphs[index];
                let size = letter_size(glyph);
                let centre = Vec2::new(
                    x + glyph.width / 2.0 - width / 2.0,
                    CAP_HEIGHT / 2.0 - (size.y / 2.0 - MARGIN as f32),
                );
                commands.spawn((
                    ChildOf(entity),
                    Sprite {
                        image: image.clone(),
                        rect: Some(part(index, glyph, shrunk)),
                        custom_size: Some(size * unit),
                        ..default()
                    },
                    Transform::from_translation((centre * unit).extend(0.001 * depth as f32)),
                    Tint(lettering.role, alpha),
                ));
            }
        }
    }
}
