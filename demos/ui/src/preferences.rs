//! What a player of any game can set, and the part of a settings menu that does it.

use crate::focus::{FocusFirst, Focusable};
use crate::palette::{Palette, Theme};
use crate::widgets::{Chosen, choice, toggle};
use bevy::prelude::*;
use bevy::window::{MonitorSelection, PrimaryWindow, WindowMode};
use serde::{Deserialize, Serialize};

/// What a player of any game can set. It takes effect as soon as it changes.
#[derive(Resource, Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preferences {
    /// In tenths, 0 to 10.
    pub volume: u8,
    /// Which of [`Palette::ALL`].
    pub palette: u8,
    /// Whether shaking, flashing and sliding are left out.
    pub reduced_motion: bool,
    /// Whether the window fills the screen.
    pub fullscreen: bool,
}

impl Default for Preferences {
    fn default() -> Self {
        Self { volume: 7, palette: 0, reduced_motion: false, fullscreen: false }
    }
}

pub(crate) fn plugin(app: &mut App) {
    app.init_resource::<Preferences>().add_systems(Update, apply);
}

fn apply(
    preferences: Res<Preferences>,
    mut theme: ResMut<Theme>,
    mut windows: Query<&mut Window, With<PrimaryWindow>>,
) {
    if !preferences.is_changed() {
        return;
    }
    theme.set_if_neq(Theme {
        palette: preferences.palette.into(),
        reduced_motion: preferences.reduced_motion,
    });
    let Ok(mut window) = windows.single_mut() else { return };
    let mode = match preferences.fullscreen {
        true => WindowMode::BorderlessFullscreen(MonitorSelection::Current),
        false => WindowMode::Windowed,
    };
    if window.mode != mode {
        window.mode = mode;
    }
}

/// Adds a choice for each preference to a settings menu; the first has the focus.
pub fn preference_choices(menu: &mut ChildSpawnerCommands, preferences: &Preferences, focusable: Focusable) {
    let palettes = Palette::ALL.iter().map(|palette| palette.name.to_owned()).collect();
    let volumes = (0..=10).map(|tenths| format!("{}%", tenths * 10)).collect();
    menu.spawn((choice("Palette", palettes, preferences.palette.into()), focusable, FocusFirst)).observe(
        |chosen: On<Chosen>, mut preferences: ResMut<Preferences>| preferences.palette = chosen.at as u8,
    );
    menu.spawn((toggle("Reduced motion", preferences.reduced_motion), focusable)).observe(
        |chosen: On<Chosen>, mut preferences: ResMut<Preferences>| {
            preferences.reduced_motion = chosen.at == 1;
        },
    );
    menu.spawn((choice("Volume", volumes, preferences.volume.into()), focusable)).observe(
        |chosen: On<Chosen>, mut preferences: ResMut<Preferences>| preferences.volume = chosen.at as u8,
    );
    menu.spawn((toggle("Fullscreen", preferences.fullscreen), focusable)).observe(
        |chosen: On<Chosen>, mut preferences: ResMut<Preferences>| preferences.fullscreen = chosen.at == 1,
    );
}
