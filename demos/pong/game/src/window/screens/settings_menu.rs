//! The settings, from the title and from a pause.

use super::{Panel, Screen};
use crate::window::settings::Settings;
use bevy::prelude::*;
use demo_ui::{
    Chosen, Focusable, Preferences, Veil, choice, column, go_to, heading, hint, menu_button, overlay_screen,
    preference_choices, screen,
};

pub(super) fn plugin(app: &mut App) {
    app.add_systems(OnEnter(Screen::Settings), from_title).add_systems(OnEnter(Panel::Settings), from_pause);
}

fn from_title(mut commands: Commands, preferences: Res<Preferences>, settings: Res<Settings>) {
    commands.spawn((screen(), DespawnOnExit(Screen::Settings))).with_children(|root| {
        root.spawn(Veil(0.78));
        fill(root, &preferences, &settings, 0);
        root.spawn(column(480.0)).with_children(|menu| {
            menu.spawn(menu_button("Back", 6)).observe(go_to(Screen::Title));
        });
        root.spawn(hint(&["left and right change what is between < and >"]));
    });
}

fn from_pause(mut commands: Commands, preferences: Res<Preferences>, settings: Res<Settings>) {
    commands.spawn((overlay_screen(), DespawnOnExit(Panel::Settings))).with_children(|root| {
        root.spawn(Veil(0.8));
        fill(root, &preferences, &settings, 1);
        root.spawn(column(480.0)).with_children(|menu| {
            menu.spawn((menu_button("Back", 6), Focusable { layer: 1 })).observe(go_to(Panel::Pause));
        });
    });
}

fn fill(root: &mut ChildSpawnerCommands, preferences: &Preferences, settings: &Settings, layer: u8) {
    let delays = (0..=Settings::MAX_INPUT_DELAY).map(|ticks| format!("{:.0} ms", f32::from(ticks) * 16.7));
    let delays = std::iter::once("automatic".to_owned()).chain(delays);
    let delay = settings.input_delay.map_or(0, |ticks| usize::from(ticks) + 1);
    let focusable = Focusable { layer };
    root.spawn(heading("SETTINGS"));
    root.spawn(column(480.0)).with_children(|menu| {
        preference_choices(menu, preferences, focusable);
        menu.spawn((choice("Input delay", delays.collect(), delay), focusable)).observe(
            |chosen: On<Chosen>, mut settings: ResMut<Settings>| {
                settings.input_delay = (chosen.at as u8).checked_sub(1)
            },
        );
    });
}
