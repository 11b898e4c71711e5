//! The settings, from the title and from a pause.

use super::{Panel, Screen, heading, hint, to_panel, to_screen};
use crate::window::settings::Settings;
use bevy::prelude::*;
use demo_ui::{Chosen, FocusFirst, Focusable, Veil, choice, column, menu_button, screen};

pub(super) fn plugin(app: &mut App) {
    app.add_systems(OnEnter(Screen::Settings), from_title).add_systems(OnEnter(Panel::Settings), from_pause);
}

fn from_title(mut commands: Commands, settings: Res<Settings>) {
    commands.spawn((screen(), DespawnOnExit(Screen::Settings))).with_children(|root| {
        root.spawn(Veil(0.78));
        fill(root, &settings, 0);
        root.spawn(column(480.0)).with_children(|menu| {
            menu.spawn(menu_button("Back", 6)).observe(to_screen(Screen::Title));
        });
        root.spawn(hint(&["left and right change what is between < and >"]));
    });
}

fn from_pause(mut commands: Commands, settings: Res<Settings>) {
    let scope = (DespawnOnExit(Panel::Settings), GlobalZIndex(20));
    commands.spawn((screen(), scope.0)).insert(scope.1).with_children(|root| {
        root.spawn(Veil(0.8));
        fill(root, &settings, 1);
        root.spawn(column(480.0)).with_children(|menu| {
            menu.spawn((menu_button("Back", 6), Focusable { layer: 1 })).observe(to_panel(Panel::Pause));
        });
    });
}

fn fill(root: &mut ChildSpawnerCommands, settings: &Settings, layer: u8) {
    let on_off = || ["off", "on"].map(str::to_owned).to_vec();
    let delays = (0..=Settings::MAX_INPUT_DELAY).map(|ticks| format!("{:.0} ms", f32::from(ticks) * 16.7));
    let delays = std::iter::once("automatic".to_owned()).chain(delays);
    let delay = settings.input_delay.map_or(0, |ticks| usize::from(ticks) + 1);
    let volumes = (0..=10).map(|tenths| format!("{}%", tenths * 10));
    let focusable = Focusable { layer };
    root.spawn(heading("SETTINGS"));
    root.spawn(column(480.0)).with_children(|menu| {
        menu.spawn((choice("Palette", Settings::palettes(), settings.palette), focusable, FocusFirst))
            .observe(|chosen: On<Chosen>, mut settings: ResMut<Settings>| settings.palette = chosen.at);
        menu.spawn((choice("Reduced motion", on_off(), usize::from(settings.reduced_motion)), focusable))
            .observe(|chosen: On<Chosen>, mut settings: ResMut<Settings>| {
                settings.reduced_motion = chosen.at == 1
            });
        menu.spawn((choice("Volume", volumes.collect(), settings.volume.into()), focusable))
            .observe(|chosen: On<Chosen>, mut settings: ResMut<Settings>| settings.volume = chosen.at as u8);
        menu.spawn((choice("Input delay", delays.collect(), delay), focusable)).observe(
            |chosen: On<Chosen>, mut settings: ResMut<Settings>| {
                settings.input_delay = (chosen.at as u8).checked_sub(1)
            },
        );
        menu.spawn((choice("Fullscreen", on_off(), usize::from(settings.fullscreen)), focusable)).observe(
            |chosen: On<Chosen>, mut settings: ResMut<Settings>| settings.fullscreen = chosen.at == 1,
        );
    });
}
