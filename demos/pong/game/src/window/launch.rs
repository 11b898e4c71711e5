//! Opens the window and runs the game in it; says what to do where there is none.

use super::play::lobby::Lobby;
use super::play::online::{AbsenceLimits, LanName, Orders};
use super::play::{Table, begin, rules};
use super::report::Teller;
use super::screens::Screen;
use super::{closing, court, overlay, play, report, screens, settings};
use crate::cli::{HostOptions, JoinOptions, PlayOptions, WindowOptions};
use crate::failure::Failure;
use crate::simulation::Keys;
use bevy::prelude::*;
use bevy::window::{ExitCondition, WindowPosition, WindowResolution};
use bevy_netcord::NetcordPlugins;
use demo_ui::DemoUiPlugin;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
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
    let mut app = App::new();
    let opened = Arc::new(AtomicBool::new(false));
    let first_frame = opened.clone();
    let exit = guarded(opened, || {
        build(&mut app, start, options);
        app.add_systems(Last, move || first_frame.store(true, Ordering::Relaxed));
        app.run()
    })?;
    match exit {
        AppExit::Success => Ok(()),
        AppExit::Error(_) => Err(Failure::NoWindow("the window was lost".into())),
    }
}

fn build(app: &mut App, start: Start, options: &WindowOptions) {
    let window = Window {
        title: "Pong".into(),
        name: Some("netcord.pong".into()),
        resolution: WindowResolution::new(options.size.0, options.size.1),
        position: options
            .position
            .map_or(WindowPosition::Automatic, |(x, y)| WindowPosition::At(IVec2::new(x, y))),
        ..default()
    };
    let mut config = rules::config();
    if let Start::Host(options) = &start {
        config = config.with_forfeit_after(Duration::from_secs(options.forfeit_after.into()));
    }
    app.insert_resource(LanName::new(options.name.as_deref()));
    app.insert_resource(AbsenceLimits { in_duel: config.forfeit_after, in_square: config.drop_after });
    app.add_plugins(
        DefaultPlugins
            .set(WindowPlugin {
                primary_window: Some(window),
                // The others are told first.
                close_when_requested: false,
                exit_condition: ExitCondition::DontExit,
                ..default()
            })
            // The program has one already.
            .disable::<bevy::log::LogPlugin>(),
    )
    .add_plugins(NetcordPlugins::p2p::<Keys>(config))
    .add_plugins((
        DemoUiPlugin,
        settings::plugin,
        play::plugin,
        court::plugin,
        screens::plugin,
        report::plugin,
        closing::plugin,
    ))
    .add_systems(Last, tell_frame_rate);
    overlay::plugin(app, options.overlay);
    #[cfg(feature = "sound")]
    app.add_plugins(super::sound::plugin);
    app.insert_resource(settings::Settings { fullscreen: options.fullscreen, ..default() });
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

/// RUST_LOG=pong=debug shows how smooth it runs.
fn tell_frame_rate(time: Res<Time<Real>>, mut counted: Local<(u32, f32)>) {
    counted.0 += 1;
    if time.elapsed_secs() - counted.1 >= 2.0 {
        debug!("{:.0} frames/s", counted.0 as f32 / (time.elapsed_secs() - counted.1));
        *counted = (0, time.elapsed_secs());
    }
}

/// Runs `run`; a panic before `opened` is a window that can't be opened, and told as such.
fn guarded<T>(opened: Arc<AtomicBool>, run: impl FnOnce() -> T) -> Result<T, Failure> {
    let said = Arc::new(Mutex::new(String::new()));
    let (before, hears, is_open) = (Arc::new(panic::take_hook()), said.clone(), opened.clone());
    let usual = before.clone();
    panic::set_hook(Box::new(move |info| {
        if is_open.load(Ordering::Relaxed) {
            usual(info);
        } else if let Ok(mut said) = hears.lock()
            && said.is_empty()
        {
            *said = info.payload_as_str().unwrap_or("no reason given").to_owned();
        }
    }));
    let ran = panic::catch_unwind(AssertUnwindSafe(run));
    panic::set_hook(Box::new(move |info| before(info)));
    match ran {
        Ok(value) => Ok(value),
        Err(panic) if opened.load(Ordering::Relaxed) => panic::resume_unwind(panic),
        Err(_) => Err(Failure::NoWindow(said.lock().map(|said| plain(&said)).unwrap_or_default())),
    }
}

/// What a panic said, without what only a programmer can use.
fn plain(said: &str) -> String {
    if said.contains("event loop") {
        "there is no display".into()
    } else if said.contains("GPU") {
        "no graphics card and no software renderer was found".into()
    } else {
        said.into()
    }
}
