//! What outlasts the program: the settings and the highscores with their replays, in encrypted files.

use crate::highscores::Highscores;
use crate::saves;
use bevy::prelude::*;
use bevy_netcord::netcord::save::first_version;
use bevy_netcord::persist::{Persist, PersistApp as _, PersistPlugin, PersistPolicy, Recovered, SaveFailed};
use demo_ui::Preferences;
use serde::{Deserialize, Serialize};
use std::path::Path;
use tetris_rules::{Config, Handling, Mode};

/// What a player has set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Settings {
    /// What all games have.
    pub(crate) preferences: Preferences,
    /// How keys become moves.
    pub(crate) handling: Handling,
    /// Whether it is shown where a piece would land.
    pub(crate) ghost: bool,
    /// The level that a marathon begins at.
    pub(crate) start_level: u8,
    /// The name that was entered last.
    pub(crate) name: String,
}

impl Default for Settings {
    fn default() -> Self {
        let config = Config::default();
        Self {
            preferences: Preferences::default(),
            handling: config.handling,
            ghost: true,
            start_level: config.start_level,
            name: String::new(),
        }
    }
}

impl Settings {
    /// How a game of `mode` is played.
    pub(crate) fn config(&self, mode: Mode) -> Config {
        Config { mode, start_level: self.start_level, handling: self.handling }
    }
}

first_version!(Settings, "tetris.settings");
first_version!(Highscores, "tetris.highscores");

/// What the player should know of the files; empty when all is well.
#[derive(Resource, Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Trouble(pub(crate) String);

/// Keeps them in `folder`, or else where the platform has a game's saves.
pub(crate) fn add(app: &mut App, folder: Option<&Path>) {
    let key = saves::key();
    let [domain, studio, game] = saves::OF_GAME;
    let plugin = match folder {
        Some(folder) => PersistPlugin::at(folder),
        None => PersistPlugin::of_game(domain, studio, game),
    };
    app.add_plugins(plugin)
        .persist::<Settings>("settings", PersistPolicy::encrypted(key.clone()))
        .persist::<Highscores>("highscores", PersistPolicy::encrypted(key))
        .init_resource::<Trouble>()
        .add_systems(Startup, take_up)
        .add_systems(Update, hear)
        .add_systems(PostUpdate, note.run_if(resource_changed::<Preferences>));
}

/// The preferences are as they were set.
fn take_up(settings: Res<Persist<Settings>>, mut preferences: ResMut<Preferences>) {
    let fullscreen = preferences.fullscreen;
    *preferences = settings.preferences;
    preferences.fullscreen |= fullscreen;
}

fn note(preferences: Res<Preferences>, mut settings: ResMut<Persist<Settings>>) {
    if settings.preferences != *preferences {
        settings.preferences = *preferences;
    }
}

fn hear(
    mut failures: MessageReader<SaveFailed>,
    mut recovered: MessageReader<Recovered>,
    mut trouble: ResMut<Trouble>,
) {
    for failure in failures.read() {
        trouble.0 = format!("the {} are not saved: {}", failure.name, failure.error);
    }
    for recovered in recovered.read() {
        trouble.0 = format!(
            "the {} were damaged: an older state was taken, and the damaged file kept",
            recovered.name
        );
    }
}
