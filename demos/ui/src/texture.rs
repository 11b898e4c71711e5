//! Textures drawn in code: shades of white, with coverage as alpha, so that a tint gives them any colour.

use bevy::asset::RenderAssetUsages;
use bevy::image::{ImageFilterMode, ImageSampler, ImageSamplerDescriptor};
use bevy::prelude::*;
use bevy::render::render_resource::{Extent3d, TextureDimension, TextureFormat};

/// A pixel: how light, of white, and how opaque; 0 to 1.
pub type Pixel = [f32; 2];

/// A white image whose alpha is `alpha`, row by row from the top.
pub(crate) fn from_alpha(width: usize, height: usize, alpha: Vec<f32>) -> Image {
    from_pixels(width, height, alpha.into_iter().map(|alpha| [1.0, alpha]).collect())
}

/// An image of `pixels`, row by row from the top, with all its smaller versions, so that it stays smooth when drawn
/// small.
///
/// # Panics
/// When there are more or less pixels than the image has.
pub fn from_pixels(width: usize, height: usize, pixels: Vec<Pixel>) -> Image {
    assert_eq!(pixels.len(), width * height);
    let mut data = Vec::with_capacity(width * height * 16 / 3);
    let mut level = (width, height, pixels);
    let mut levels = 1;
    loop {
        let (width, height, pixels) = &level;
        data.extend(pixels.iter().flat_map(|pixel| {
            let [light, alpha] = pixel.map(|part| (part.clamp(0.0, 1.0) * 255.0).round() as u8);
            [light, light, light, alpha]
        }));
        if *width == 1 && *height == 1 {
            break;
        }
        level = halved(*width, *height, pixels);
        levels += 1;
    }
    let size = Extent3d { width: width as u32, height: height as u32, depth_or_array_layers: 1 };
    let mut image = Image::new_uninit(
        size,
        TextureDimension::D2,
        TextureFormat::Rgba8UnormSrgb,
        RenderAssetUsages::RENDER_WORLD,
    );
    image.texture_descriptor.mip_level_count = levels;
    image.data = Some(data);
    image.sampler = ImageSampler::Descriptor(ImageSamplerDescriptor {
        // Between two of them is not worth what it costs without a graphics card.
        mipmap_filter: ImageFilterMode::Nearest,
        ..ImageSamplerDescriptor::linear()
    });
    image
}

/// Half as large, as textures' smaller versions are: rounded down, but at least 1.
fn halved(width: usize, height: usize, pixels: &[Pixel]) -> (usize, usize, Vec<Pixel>) {
    let (half_width, half_height) = ((width / 2).max(1), (height / 2).max(1));
    let at = |x: usize, y: usize| pixels[y.min(height - 1) * width + x.min(width - 1)];
    let halves = (0..half_height).flat_map(|y| {
        (0..half_width).map(move |x| {
            let four =
                [at(2 * x, 2 * y), at(2 * x + 1, 2 * y), at(2 * x, 2 * y + 1), at(2 * x + 1, 2 * y + 1)];
            [0, 1].map(|part| four.iter().map(|pixel| pixel[part]).sum::<f32>() / 4.0)
        })
    });
    (half_width, half_height, halves.collect())
}

/// An image of `size` by `size` whose alpha depends on the place, from -1 to 1 both ways.
fn square(size: usize, alpha: impl Fn(Vec2) -> f32) -> Image {
    let pixels = (0..size * size).map(|index| {
        let at = Vec2::new((index % size) as f32, (index / size) as f32);
        alpha((at + 0.5) / size as f32 * 2.0 - 1.0)
    });
    from_alpha(size, size, pixels.collect())
}

/// The shapes that games draw with.
#[derive(Resource, Clone, Debug)]
pub struct Shapes {
    /// Nothing but white: for boxes with plain edges, and the cheapest to draw.
    pub plain: Handle<Image>,
    /// A disc that fills its square.
    pub disc: Handle<Image>,
    /// A ring, a tenth of its square thick.
    pub ring: Handle<Image>,
    /// A light that fades from the centre to nothing at the rim.
    pub glow: Handle<Image>,
    /// A disc as a texture to be cut in nine, for boxes with round corners: see [`box_slices`].
    pub pill: Handle<Image>,
    /// Clear above, opaque below.
    pub fade: Handle<Image>,
}

const SMOOTH: usize = 128;

impl Shapes {
    /// How wide and high the shapes' textures are, in pixels.
    pub const PIXELS: f32 = SMOOTH as f32;
}

/// How a [`Shapes::pill`] is stretched into a box with corners of `radius`.
pub fn box_slices(radius: f32) -> SpriteImageMode {
    SpriteImageMode::Sliced(TextureSlicer {
        border: BorderRect::all(SMOOTH as f32 / 2.0 - 1.0),
        max_corner_scale: radius / (SMOOTH as f32 / 2.0 - 1.0),
        ..default()
    })
}

impl FromWorld for Shapes {
    fn from_world(world: &mut World) -> Self {
        let mut images = world.resource_mut::<Assets<Image>>();
        let pixel = 2.0 / SMOOTH as f32;
        let disc = square(SMOOTH, |at| (1.0 - pixel - at.length()) / pixel + 0.5);
        let ring = square(SMOOTH, |at| (0.09 - (at.length() - 0.88).abs()) / pixel + 0.5);
        let glow = square(SMOOTH, |at| {
            let falling = (1.0 - at.length()).max(0.0);
            falling * falling * falling
        });
        let fade = from_alpha(1, 64, (0..64).map(|row| row as f32 / 63.0).collect());
        let disc = images.add(disc);
        let mut plain = from_alpha(1, 1, vec![1.0]);
        plain.sampler = ImageSampler::nearest();
        Self {
            plain: images.add(plain),
            pill: disc.clone(),
            disc,
            ring: images.add(ring),
            glow: images.add(glow),
            fade: images.add(fade),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_carries_all_its_smaller_versions() {
        let image = from_alpha(8, 2, vec![1.0; 16]);
        assert_eq!(image.texture_descriptor.mip_level_count, 4);
        assert_eq!(image.data.map(|data| data.len()), Some((16 + 4 + 2 + 1) * 4));
    }
}
