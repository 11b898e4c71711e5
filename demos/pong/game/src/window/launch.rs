//! Opens the window and runs the game in it.

use super::play::lobby::Lobby;
use super::play::online::{AbsenceLimits, LanName, Orders};
use super::play::{Table, begin, rules};
use super::report::Teller;
use super::screens::Screen;
use super::{court, overlay, play, report, screens, settings};
use crate::cli::{HostOptions, JoinOptions, PlayOptions, WindowOptions};
use crate::failure::Failure;
use crate::simulation::Keys;
use bevy::prelude::*;
use bevy_netcord::{NetCommands as _, NetcordPlugins};
use demo_ui::{Closing, DemoUiPlugin, Preferences};
use std::time::Duration;

/// What the window shows first.
#[derive(Clone, Debug)]
pub(crate) enum Start {
    Title,
    Host(HostOptions),
    Join(JoinOptions),
    Local(PlayOptions),
    Bot(PlayOptions),
}

/// Runs the game until its window is closed.
pub(crate) fn run(start: Start, options: &WindowOptions) -> Result<(), Failure> {
    Ok(demo_ui::run(|app| build(app, start, options))?)
}

fn build(app: &mut App, start: Start, options: &WindowOptions) {
    let mut config = rules::config();
    if let Start::Host(options) = &start {
        config = config.with_forfeit_after(Duration::from_secs(options.forfeit_after.into()));
    }
    app.insert_resource(LanName::new(options.name.as_deref()));
    app.insert_resource(AbsenceLimits { in_duel: config.forfeit_after, in_square: config.drop_after });
    app.add_plugins(demo_ui::window_plugins("Pong", &options.place))
        .add_plugins(NetcordPlugins::p2p::<Keys>(config))
        .add_plugins((
            DemoUiPlugin,
            settings::plugin,
            play::plugin,
            court::plugin,
            screens::plugin,
            report::plugin,
        ))
        .add_observer(say_farewell);
    overlay::plugin(app, options.overlay);
    #[cfg(feature = "sound")]
    app.add_plugins(super::sound::plugin);
    app.insert_resource(Preferences { fullscreen: options.place.fullscreen, ..default() });
    let stay = options.stay;
    match start {
        Start::Title => {}
        Start::Local(play) => open_match(app, Table::two_players(play.seed)),
        Start::Bot(play) if play.bot => open_match(app, Table::demonstration(play.seed, play.skill)),
        Start::Bot(play) => open_match(app, Table::against_bot(play.seed, play.skill)),
        Start::Host(options) => {
            app.insert_resource(Teller::new(&options.play, stay));
            app.insert_resource(Lobby::new(options.players.into()));
            let play = Some(options.play.clone());
            app.insert_resource(Orders { play, host: Some(options), join: None }).insert_state(Screen::Host);
        }
        Start::Join(JoinOptions { code, play }) => {
            app.insert_resource(Teller::new(&play, stay));
            let join = Some(code.to_string());
            app.insert_resource(Orders { play: Some(play), host: None, join }).insert_state(Screen::Join);
        }
    }
}

fn open_match(app: &mut App, table: Table) {
    begin(table, &mut app.world_mut().commands());
    app.world_mut().flush();
    app.insert_state(Screen::Match);
}

/// The others are told before the program ends.
fn say_farewell(_: On<Closing>, mut commands: Commands) {
    commands.leave_match();
}
