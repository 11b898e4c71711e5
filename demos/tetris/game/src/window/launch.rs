//! Opens the window and runs the game in it.

use super::kept::{self, Settings};
use super::play::{self, Player, Touchscreen};
use super::ranking::{self, Begin};
use super::{field, report, screens};
use crate::cli::Cli;
use bevy::prelude::*;
use bevy_netcord::persist::Persist;
use demo_ui::{DemoUiPlugin, NoWindow, Preferences};
use std::hash::{BuildHasher as _, RandomState};
use tetris_rules::{Bot, Config, Mode, TICKS_PER_SECOND};

/// What the command line asks of every game.
#[derive(Resource, Clone, Debug, Default)]
pub(crate) struct Orders {
    /// What decides the pieces of each game.
    pub(crate) seed: Option<u64>,
    /// The name for highscores, without asking.
    pub(crate) name: Option<String>,
}

impl Orders {
    /// The seed of the next game.
    pub(crate) fn next_seed(&self) -> u64 {
        // Whatever the standard library seeds its hash maps with.
        self.seed.unwrap_or_else(|| RandomState::new().hash_one(()))
    }
}

/// Runs the game until its window is closed.
pub(crate) fn run(cli: &Cli) -> Result<(), NoWindow> {
    demo_ui::run(|app| {
        app.add_plugins(demo_ui::window_plugins("Tetris", &cli.window.place));
        build(app, cli);
    })
}

/// Adds the game to an app that has Bevy's plugins.
pub(crate) fn build(app: &mut App, cli: &Cli) {
    app.insert_resource(Time::<Fixed>::from_hz(TICKS_PER_SECOND.into()))
        .insert_resource(Orders { seed: cli.seed, name: cli.name.as_deref().map(crate::highscores::name) })
        .add_plugins((
            DemoUiPlugin,
            play::plugin,
            field::plugin,
            screens::plugin,
            ranking::plugin,
            report::plugin,
        ));
    kept::add(app, cli.saves.as_deref());
    if let Some(url) = &cli.scores {
        ranking::connect(app, url, cli.saves.as_deref());
    }
    #[cfg(feature = "sound")]
    app.add_plugins(super::sound::plugin);
    app.insert_resource(report::Reporter::new(cli));
    app.world_mut().resource_mut::<Preferences>().fullscreen |= cli.window.place.fullscreen;
    if cli.window.touch {
        app.insert_resource(Touchscreen(true));
    }
    if cli.bot || cli.mode.is_some() {
        let handling = app.world().resource::<Persist<Settings>>().handling;
        let config = Config { handling, ..cli.config(cli.mode.unwrap_or(Mode::Marathon)) };
        let player =
            if cli.bot { Player::Bot(Bot::new(cli.pace.unwrap_or(Bot::STEADY))) } else { Player::Person };
        let begin = Begin { config, player };
        app.add_systems(Startup, move |mut commands: Commands| commands.trigger(begin.clone()));
    }
}
