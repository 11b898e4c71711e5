//! What a player can set. It lasts as long as the program.

use bevy::prelude::*;
use bevy::window::{MonitorSelection, PrimaryWindow, WindowMode};
use bevy_netcord::NetCommands as _;
use bevy_netcord::netcord::session::InputDelay;
use demo_ui::{Palette, Theme};

/// The settings.
#[derive(Resource, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    /// Ticks by which own keys wait, so that others' have time to arrive; none: as the connection demands.
    pub(crate) input_delay: Option<u8>,
    /// In tenths.
    pub(crate) volume: u8,
    /// Which of [`Palette::ALL`].
    pub(crate) palette: usize,
    pub(crate) reduced_motion: bool,
    pub(crate) fullscreen: bool,
}

impl Settings {
    /// The longest input delay to choose, in ticks.
    pub(crate) const MAX_INPUT_DELAY: u8 = 8;
    /// The palettes' names.
    pub(crate) fn palettes() -> Vec<String> {
        Palette::ALL.iter().map(|palette| palette.name.to_owned()).collect()
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self { input_delay: None, volume: 7, palette: 0, reduced_motion: false, fullscreen: false }
    }
}

pub(crate) fn plugin(app: &mut App) {
    app.init_resource::<Settings>().add_systems(Update, apply);
}

fn apply(
    settings: Res<Settings>,
    mut theme: ResMut<Theme>,
    mut windows: Query<&mut Window, With<PrimaryWindow>>,
    mut commands: Commands,
) {
    if !settings.is_changed() {
        return;
    }
    let wanted = Theme { palette: settings.palette, reduced_motion: settings.reduced_motion };
    theme.set_if_neq(wanted);
    commands.set_input_delay(settings.input_delay.map_or(InputDelay::Auto { max: 3 }, InputDelay::Fixed));
    let Ok(mut window) = windows.single_mut() else { return };
    let mode = match settings.fullscreen {
        true => WindowMode::BorderlessFullscreen(MonitorSelection::Current),
        false => WindowMode::Windowed,
    };
    if window.mode != mode {
        window.mode = mode;
    }
}
