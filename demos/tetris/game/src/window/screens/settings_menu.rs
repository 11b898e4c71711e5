//! The settings, from the title and from a pause.

use super::{Panel, Screen};
use crate::window::kept::Settings;
use bevy::prelude::*;
use bevy_netcord::persist::Persist;
use demo_ui::{
    Chosen, Focusable, Preferences, Veil, choice, column, go_to, heading, hint, menu_button, overlay_screen,
    preference_choices, row, screen, toggle,
};

/// The longest delays to choose, in ticks.
const MAX_AUTO_SHIFT_DELAY: u8 = 20;
const MAX_AUTO_REPEAT: u8 = 8;
/// How wide each of the two columns is; in a high window one stands below the other.
const COLUMN: f32 = 420.0;
/// How many times as fast as gravity a soft drop may be.
const SOFT_DROPS: [u8; 5] = [5, 10, 20, 40, 255];

pub(super) fn plugin(app: &mut App) {
    app.add_systems(OnEnter(Screen::Settings), from_title).add_systems(OnEnter(Panel::Settings), from_pause);
}

fn from_title(mut commands: Commands, preferences: Res<Preferences>, settings: Res<Persist<Settings>>) {
    commands.spawn((screen(), DespawnOnExit(Screen::Settings))).with_children(|root| {
        root.spawn(Veil(0.82));
        fill(root, &preferences, &settings, 0);
        root.spawn(column(COLUMN)).with_children(|menu| {
            menu.spawn(menu_button("Your name", 8)).observe(go_to(Panel::Name));
            menu.spawn(menu_button("Back", 9)).observe(go_to(Screen::Title));
        });
    });
}

fn from_pause(mut commands: Commands, preferences: Res<Preferences>, settings: Res<Persist<Settings>>) {
    commands.spawn((overlay_screen(), DespawnOnExit(Panel::Settings))).with_children(|root| {
        root.spawn(Veil(0.86));
        fill(root, &preferences, &settings, 1);
        root.spawn(hint(&["how keys repeat holds from the next game on"]));
        root.spawn(column(COLUMN)).with_children(|menu| {
            menu.spawn((menu_button("Back", 8), Focusable { layer: 1 })).observe(go_to(Panel::Pause));
        });
    });
}

/// Ticks of a sixtieth of a second, in milliseconds.
fn milliseconds(ticks: u8) -> String {
    format!("{:.0} ms", f32::from(ticks) * 1_000.0 / 60.0)
}

fn fill(root: &mut ChildSpawnerCommands, preferences: &Preferences, settings: &Settings, layer: u8) {
    let focusable = Focusable { layer };
    let handling = settings.handling;
    let delays = (1..=MAX_AUTO_SHIFT_DELAY).map(milliseconds).collect();
    let repeats = (0..=MAX_AUTO_REPEAT).map(|ticks| match ticks {
        0 => "at once".to_owned(),
        ticks => milliseconds(ticks),
    });
    let soft_drops = SOFT_DROPS.map(|times| match times {
        255 => "at once".to_owned(),
        times => format!("{times} x gravity"),
    });
    let soft_drop = SOFT_DROPS.iter().position(|&times| times >= handling.soft_drop).unwrap_or_default();
    root.spawn(heading("SETTINGS"));
    root.spawn(Node { width: Val::Percent(100.0), ..row(12.0) }).with_children(|columns| {
        columns.spawn(column(COLUMN)).with_children(|menu| preference_choices(menu, preferences, focusable));
        let mut menu = columns.spawn(column(COLUMN));
        menu.with_children(|menu| {
            menu.spawn((toggle("Ghost", settings.ghost), focusable)).observe(
                |chosen: On<Chosen>, mut settings: ResMut<Persist<Settings>>| settings.ghost = chosen.at == 1,
            );
            let at = usize::from(handling.auto_shift_delay.clamp(1, MAX_AUTO_SHIFT_DELAY)) - 1;
            menu.spawn((choice("Auto shift after", delays, at), focusable)).observe(
                |chosen: On<Chosen>, mut settings: ResMut<Persist<Settings>>| {
                    settings.handling.auto_shift_delay = chosen.at as u8 + 1;
                },
            );
            let at = usize::from(handling.auto_repeat.min(MAX_AUTO_REPEAT));
            menu.spawn((choice("Auto repeat", repeats.collect(), at), focusable)).observe(
                |chosen: On<Chosen>, mut settings: ResMut<Persist<Settings>>| {
                    settings.handling.auto_repeat = chosen.at as u8;
                },
            );
            menu.spawn((choice("Soft drop", soft_drops.into(), soft_drop), focusable)).observe(
                |chosen: On<Chosen>, mut settings: ResMut<Persist<Settings>>| {
                    settings.handling.soft_drop = SOFT_DROPS[chosen.at % SOFT_DROPS.len()];
                },
            );
        });
    });
}
