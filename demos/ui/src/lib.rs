//! What netcord's demos look like and how their menus work: palettes, lettering, buttons, particles, sounds.
//!
//! Everything is made in code: no font, picture or sound comes from elsewhere, but for the text font that Bevy brings.
//! Nothing here knows a network or a game.

mod focus;
mod lettering;
mod letters;
pub mod motion;
mod palette;
mod particles;
mod pointer;
mod scale;
mod shake;
pub mod synth;
mod texture;
mod veil;
mod widgets;

pub use focus::{
    Activated, Adjusted, Back, Focus, FocusFirst, FocusSound, FocusSystems, Focusable, Highlight,
    TakesLetters,
};
pub use letters::{Lettering, WorldLettering};
pub use motion::SlideIn;
pub use palette::{Fill, Frame, Palette, Role, Theme, Tint};
pub use particles::{Burst, burst, ring};
pub use pointer::Pointer;
pub use scale::Viewport;
pub use shake::Shake;
pub use texture::{Shapes, box_slices};
pub use veil::Veil;
pub use widgets::{
    Button, Choice, Chosen, button, choice, column, entry, label, menu_button, panel, quiet_entry, row,
    screen,
};

use bevy::prelude::*;

/// Everything in this crate.
#[derive(Clone, Copy, Debug, Default)]
pub struct DemoUiPlugin;

/// Gives things their colours, in [`PostUpdate`].
#[derive(SystemSet, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Painting;

impl Plugin for DemoUiPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Shapes>().add_plugins((
            focus::plugin,
            letters::plugin,
            motion::plugin,
            palette::plugin,
            particles::plugin,
            pointer::plugin,
            scale::plugin,
            shake::plugin,
            veil::plugin,
            widgets::plugin,
        ));
    }
}
