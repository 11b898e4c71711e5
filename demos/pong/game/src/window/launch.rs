//! Opens the window and runs the game in it; says what to do where there is none.

use super::play::Table;
use super::screens::Screen;
use super::{court, play, screens, settings};
use crate::cli::WindowOptions;
use crate::failure::Failure;
use bevy::prelude::*;
use bevy::window::{WindowPosition, WindowResolution};
use demo_ui::DemoUiPlugin;
use pong_rules::Skill;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// What the window shows first.
#[derive(Clone, Debug)]
pub(crate) enum Start {
    Title,
    Local { seed: u64 },
    Bot { seed: u64, skill: Skill },
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
        position: options.position.map_or(WindowPosition::Automatic, |(x, y)| WindowPosition::At(IVec2::new(x, y))),
        ..default()
    };
    app.add_plugins(
        DefaultPlugins
            .set(WindowPlugin { primary_window: Some(window), ..default() })
            // The program has one already.
            .disable::<bevy::log::LogPlugin>(),
    )
    .add_plugins((DemoUiPlugin, settings::plugin, play::plugin, court::plugin, screens::plugin));
    app.insert_resource(settings::Settings { fullscreen: options.fullscreen, ..default() });
    match start {
        Start::Title => {}
        Start::Local { seed } => open_match(app, Table::two_players(seed)),
        Start::Bot { seed, skill } => open_match(app, Table::against_bot(seed, skill)),
    }
}

fn open_match(app: &mut App, table: Table) {
    app.insert_resource(table).insert_state(Screen::Match);
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
        Err(_) => Err(Failure::NoWindow(said.lock().map(|said| said.clone()).unwrap_or_default())),
    }
}
