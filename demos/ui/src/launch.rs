//! Opens the window of a game and runs the game in it; says what to do where there is none.

use bevy::app::PluginGroupBuilder;
use bevy::prelude::*;
use bevy::window::{ExitCondition, WindowPosition, WindowResizeConstraints, WindowResolution};
use clap::Args;
use std::panic::{self, AssertUnwindSafe};
use std::str::FromStr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// Where the window is, and how large.
#[derive(Clone, Debug, Args)]
pub struct WindowPlace {
    /// The window's place, in pixels from the upper left corner of the screen
    #[arg(long, global = true, value_name = "X,Y", value_parser = pair::<i32>, allow_hyphen_values = true)]
    pub position: Option<(i32, i32)>,
    /// The window's size, in pixels
    #[arg(long, global = true, value_name = "WIDTHxHEIGHT", default_value = "1280x720", value_parser = pair::<u32>)]
    pub size: (u32, u32),
    /// Fill the screen
    #[arg(long, global = true)]
    pub fullscreen: bool,
}

/// Two numbers with a comma or an x between them.
fn pair<N: FromStr>(text: &str) -> Result<(N, N), String> {
    text.split_once([',', 'x'])
        .and_then(|(first, second)| Some((first.trim().parse().ok()?, second.trim().parse().ok()?)))
        .ok_or_else(|| format!("'{text}' is not two numbers, as in 640x360 or 0,0"))
}

/// No window could be opened, for this reason. Tell the player: it says what to do.
#[derive(Clone, Debug, thiserror::Error)]
#[error(
    "no window could be opened: {0}\n  Is there a display (DISPLAY or WAYLAND_DISPLAY on Linux), and a graphics driver \
     (Vulkan or OpenGL; without a graphics card, Mesa's software one: mesa-vulkan-drivers)?\n  To play without a \
     window, add --headless --bot, and a bot plays"
)]
pub struct NoWindow(String);

/// Bevy with a window at `place`, called `title`. Whoever wants it closed writes [`Quit`](crate::Quit).
pub fn window_plugins(title: &str, place: &WindowPlace) -> PluginGroupBuilder {
    let window = Window {
        title: title.into(),
        name: Some(format!("netcord.{}", title.to_lowercase())),
        resolution: WindowResolution::new(place.size.0, place.size.1),
        resize_constraints: WindowResizeConstraints { min_width: 320.0, min_height: 200.0, ..default() },
        position: place
            .position
            .map_or(WindowPosition::Automatic, |(x, y)| WindowPosition::At(IVec2::new(x, y))),
        ..default()
    };
    DefaultPlugins
        .set(WindowPlugin {
            primary_window: Some(window),
            // There are farewells to say first.
            close_when_requested: false,
            exit_condition: ExitCondition::DontExit,
            ..default()
        })
        // The program has one already.
        .disable::<bevy::log::LogPlugin>()
}

/// Runs the game that `build` makes until its window is closed.
///
/// # Errors
/// [`NoWindow`] when there is no display or nothing to draw with.
pub fn run(build: impl FnOnce(&mut App)) -> Result<(), NoWindow> {
    let mut app = App::new();
    let opened = Arc::new(AtomicBool::new(false));
    let first_frame = opened.clone();
    let exit = guarded(opened, || {
        build(&mut app);
        app.add_systems(Last, (move || first_frame.store(true, Ordering::Relaxed), tell_frame_rate));
        app.run()
    })?;
    match exit {
        AppExit::Success => Ok(()),
        AppExit::Error(_) => Err(NoWindow("the window was lost".into())),
    }
}

/// RUST_LOG=demo_ui=debug shows how smooth it runs.
fn tell_frame_rate(time: Res<Time<Real>>, mut counted: Local<(u32, f32)>) {
    counted.0 += 1;
    if time.elapsed_secs() - counted.1 >= 2.0 {
        debug!("{:.0} frames/s", counted.0 as f32 / (time.elapsed_secs() - counted.1));
        *counted = (0, time.elapsed_secs());
    }
}

/// Runs `run`; a panic before `opened` is a window that can't be opened, and told as such.
fn guarded<T>(opened: Arc<AtomicBool>, run: impl FnOnce() -> T) -> Result<T, NoWindow> {
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
        Err(_) => Err(NoWindow(said.lock().map(|said| plain(&said)).unwrap_or_default())),
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
