//! What netcord's demos look like and how their menus work: palettes, lettering, buttons, particles, sounds.
//!
//! Everything is made in code: no font, picture or sound comes from elsewhere, but for the text font that Bevy brings.
//! Nothing here knows a network or a game.
//!
//! A game opens its window with [`run`] and [`window_plugins`], adds [`DemoUiPlugin`], and puts its screens together from
//! what is here.

// A system's arguments are what it uses of the world, each by its type.
#![allow(clippy::too_many_arguments)]

mod camera;
mod closing;
mod fireworks;
mod focus;
mod launch;
mod lettering;
mod letters;
pub mod motion;
mod palette;
mod particles;
mod plate;
mod pointer;
mod preferences;
mod scale;
mod screens;
mod shake;
#[cfg(feature = "sound")]
pub mod sound;
pub mod synth;
mod texture;
mod veil;
mod widgets;

pub use camera::WorldCamera;
pub use closing::{Closing, Quit};
pub use fireworks::Fireworks;
pub use focus::{
    Activated, Adjustable, Adjusted, Back, Focus, FocusFirst, FocusSound, FocusSystems, Focusable, Highlight,
    PointerOnly, TakesLetters,
};
pub use launch::{NoWindow, WindowPlace, run, window_plugins};
pub use letters::{Lettering, WorldLettering};
pub use motion::SlideIn;
pub use palette::{Fill, Frame, Palette, Role, Theme, Tint};
pub use particles::{Burst, burst, ring};
pub use plate::{PLATE_CORNER, plate};
pub use pointer::Pointer;
pub use preferences::{Preferences, preference_choices};
pub use scale::Viewport;
pub use screens::{game_name, go_to, heading, hint, pause_button};
pub use shake::Shake;
pub use texture::{Pixel, Shapes, box_slices, from_pixels};
pub use veil::Veil;
pub use widgets::{
    Button, Choice, Chosen, button, choice, column, entry, label, menu_button, overlay_screen, panel,
    quiet_entry, row, screen, small_button, table_row, toggle,
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
        app.init_resource::<Shapes>()
            .add_plugins((
                camera::plugin,
                closing::plugin,
                fireworks::plugin,
                focus::plugin,
                letters::plugin,
                motion::plugin,
                palette::plugin,
                particles::plugin,
                pointer::plugin,
                preferences::plugin,
                scale::plugin,
                screens::plugin,
            ))
            .add_plugins((shake::plugin, veil::plugin, widgets::plugin));
        #[cfg(feature = "sound")]
        app.add_plugins(sound::menus);
    }
}
