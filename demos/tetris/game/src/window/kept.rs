//! What outlasts a game: the settings and the highscores.

use crate::highscores::Highscores;
use bevy::prelude::*;
use demo_ui::Preferences;
use serde::{Deserialize, Serialize};
use tetris_rules::{Config, Handling, Mode};

/// What a player has set.
#[derive(Resource, Clone, Debug, PartialEq, Serialize, Deserialize)]
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

/// The highscores, kept.
#[derive(Resource, Clone, Debug, Default, Deref, DerefMut)]
pub(crate) struct Scores(Highscores);

pub(crate) fn plugin(app: &mut App) {
    app.init_resource::<Settings>()
        .init_resource::<Scores>()
        .add_systems(Startup, take_up)
        .add_systems(PostUpdate, note.run_if(resource_changed::<Preferences>));
}

/// The preferences are as they were set.
fn take_up(settings: Res<Settings>, mut preferences: ResMut<Preferences>) {
    let fullscreen = preferences.fullscreen;
    *preferences = settings.preferences;
    preferences.fullscreen |= fullscreen;
}

fn note(preferences: Res<Preferences>, mut settings: ResMut<Settings>) {
    if settings.preferences != *preferences {
        settings.preferences = *preferences;
    }
}
