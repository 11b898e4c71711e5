//! Resources that are saved by themselves: loaded before the first frame, saved when they change, and before the app ends
//! or is suspended. Knows no network.
//!
//! ```
//! use bevy_app::prelude::*;
//! use bevy_ecs::prelude::*;
//! use bevy_netcord::netcord::save::{Key, first_version};
//! use bevy_netcord::persist::{Persist, PersistApp as _, PersistPlugin, PersistPolicy, SaveFailed};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Clone, Default, Serialize, Deserialize)]
//! struct Progress {
//!     level: u32,
//! }
//!
//! // Which game's; `SaveData` says what to do when it changes.
//! first_version!(Progress, "maze.progress");
//!
//! fn next_level(mut progress: ResMut<Persist<Progress>>) {
//!     progress.level += 1; // That is all: it will be saved.
//! }
//!
//! fn tell(mut failures: MessageReader<SaveFailed>) {
//!     for failure in failures.read() {
//!         println!("your progress is not saved: {}", failure.error);
//!     }
//! }
//!
//! # let folder = tempfile::tempdir()?;
//! let mut app = App::new();
//! # app.add_plugins(PersistPlugin::at(folder.path()))
//! # /*
//! app.add_plugins(PersistPlugin::of_game("com", "Studio", "Maze"))
//! # */
//!     .persist::<Progress>("progress", PersistPolicy::encrypted(Key::from_bytes([7; 32])))
//!     .add_systems(Update, (next_level, tell));
//! # app.update();
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What is encrypted with a key that is in the game keeps players from editing it by hand, not from reading the key out of
//! the game: see [`netcord::save`] for what a key on the player's own machine can and can't stop.
//!
//! # When
//!
//! - *Loading* is done by [`persist`](PersistApp::persist) itself, before the first frame, so all systems see what was
//!   saved. Where there is no save yet, it is the type's default.
//! - A *change* is what Bevy takes for one: a system that dereferenced it mutably. It is saved once it has
//!   [rested](PersistPolicy::with_quiet) for half a second, or [five seconds](PersistPolicy::with_at_most) after the first
//!   change if it never rests. The value is cloned; encoding it, encrypting it and waiting for the disk is done on a thread
//!   of its own. No frame waits.
//! - At *exit* ([`AppExit`]) and before the app is *suspended*, as phones do when another app comes to the front, all
//!   that is not saved yet is saved, and waited for, [three seconds](PersistPlugin::with_exit_wait) at most. An app that is
//!   dropped without [`AppExit`] finishes only what is under way.
//! - At any other moment: [`PersistCommands::save_now`], and [`finish_saves`] to wait for it.
//!
//! # What comes of it
//!
//! [`Saved`], [`Recovered`] and [`SaveFailed`] are messages. A save that failed is tried again every ten seconds, and at
//! exit.
//!
//! What could not be *loaded*, as another copy of the game has it open, or it is of a newer version, or the passphrase is
//! wrong, is left as it is: the resource has its default, its [`status`](Persist::status) is [`PersistStatus::Off`], and it
//! is not saved, as that would put the default in place of what the player has. The game decides: [`PersistCommands::reload`]
//! tries again, [`PersistCommands::start_over`] sets the old files aside.

mod messages;
mod policy;
mod slot;
mod watch;
mod worker;

pub use messages::{Recovered, SaveFailed, Saved};
pub use policy::PersistPolicy;

use bevy_app::{App, AppExit, Last, Plugin};
use bevy_ecs::prelude::*;
use bevy_ecs::schedule::ScheduleLabel;
use bevy_time::TimePlugin;
use bevy_window::AppLifecycle;
use core::any::type_name;
use core::ops::{Deref, DerefMut};
use core::time::Duration;
use netcord::save::{SaveData, SaveError, SaveFolder};
use slot::Slot;
use std::path::PathBuf;
use std::time::Instant;
use watch::{Watch, Wish};
use worker::Worker;

/// A value that can be kept by [`persist`](PersistApp::persist); every type that is all of these is one.
pub trait Persistent: SaveData + Clone + Default + Send + Sync + 'static {}

impl<T: SaveData + Clone + Default + Send + Sync + 'static> Persistent for T {}

/// A `T` that is saved when it changes.
#[derive(Resource, Debug)]
pub struct Persist<T: Persistent> {
    value: T,
    status: PersistStatus,
}

/// How the value stands to its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PersistStatus {
    /// The file has the same, or the value is the default and was never changed.
    Saved,
    /// It has changed, and will be saved.
    Unsaved,
    /// It could not be loaded, and is not saved, whatever it becomes. [`SaveFailed`] said why.
    Off,
}

impl<T: Persistent> Persist<T> {
    /// How the value stands to its file, as of the end of the last frame.
    pub fn status(&self) -> PersistStatus {
        self.status
    }
}

impl<T: Persistent> Deref for Persist<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: Persistent> DerefMut for Persist<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

/// Where the saves are. Add it before the first [`persist`](PersistApp::persist).
#[derive(Clone, Debug)]
pub struct PersistPlugin {
    location: Location,
    exit_wait: Duration,
}

impl PersistPlugin {
    /// In the folder that the platform has for a game's saves: see [`SaveFolder::of_game`].
    pub fn of_game(domain: &str, studio: &str, game: &str) -> Self {
        Self::new(Location::OfGame([domain, studio, game].map(Into::into)))
    }

    /// In the folder at `path`, which is made if it is not there.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self::new(Location::At(path.into()))
    }

    fn new(location: Location) -> Self {
        Self { location, exit_wait: Duration::from_secs(3) }
    }

    /// How long the app waits for the disk when it ends or is suspended: 3 s by default. A phone ends apps that take more
    /// than about 5.
    #[must_use]
    pub fn with_exit_wait(mut self, wait: Duration) -> Self {
        self.exit_wait = wait;
        self
    }
}

impl Plugin for PersistPlugin {
    fn build(&self, app: &mut App) {
        if !app.is_plugin_added::<TimePlugin>() {
            app.add_plugins(TimePlugin);
        }
        app.insert_resource(Saves { location: self.location.clone(), names: Vec::new() })
            .insert_resource(Urgency { until: None, unsaved: 0, exit_wait: self.exit_wait })
            .init_resource::<Worker>()
            .add_message::<Saved>()
            .add_message::<Recovered>()
            .add_message::<SaveFailed>()
            .add_message::<AppLifecycle>()
            .init_schedule(PersistFrame)
            .add_systems(Last, frame);
    }
}

/// Where a folder is.
#[derive(Clone, Debug)]
enum Location {
    OfGame([String; 3]),
    At(PathBuf),
}

impl Location {
    fn open(&self) -> Result<SaveFolder, SaveError> {
        match self {
            Self::OfGame([domain, studio, game]) => SaveFolder::of_game(domain, studio, game),
            Self::At(path) => SaveFolder::at(path),
        }
    }
}

/// What is saved by this app.
#[derive(Resource)]
struct Saves {
    location: Location,
    /// Each save's name, and its type's.
    names: Vec<(String, &'static str)>,
}

/// Whether to wait for the disk.
#[derive(Resource)]
struct Urgency {
    /// Until then, while all is to be saved at once.
    until: Option<Instant>,
    /// How many could not be saved by then.
    unsaved: usize,
    exit_wait: Duration,
}

/// What looks after each type, once a frame.
#[derive(ScheduleLabel, Clone, Debug, PartialEq, Eq, Hash)]
struct PersistFrame;

/// Adds resources that are saved.
pub trait PersistApp {
    /// Keeps a `T` in the save of this name, and loads it now, as the resource [`Persist<T>`].
    ///
    /// Names are of `a` to `z`, `0` to `9`, `-`, `_` and `.`, so that they fit every file system and cloud.
    ///
    /// # Panics
    /// If the app has no [`PersistPlugin`], if the name is none, or if the name or the type is taken.
    fn persist<T: Persistent>(&mut self, name: &str, policy: PersistPolicy) -> &mut Self;
}

impl PersistApp for App {
    fn persist<T: Persistent>(&mut self, name: &str, policy: PersistPolicy) -> &mut Self {
        let kind = type_name::<T>();
        let Some(mut saves) = self.world_mut().get_resource_mut::<Saves>() else {
            panic!("there is no folder to keep `{kind}` in: add PersistPlugin to the app first");
        };
        if let Some((other, _)) = saves.names.iter().find(|&&(_, other)| other == kind) {
            panic!(
                "`{kind}` is kept as {other:?} already: an app has one of each type; wrap it in another type"
            );
        }
        if let Some((_, other)) = saves.names.iter().find(|(other, _)| other == name) {
            panic!("`{kind}` can't be kept as {name:?}: `{other}` is");
        }
        saves.names.push((name.into(), kind));
        let mut slot = Slot::new(saves.location.clone(), name, policy.options.clone());
        let loaded = slot.load();
        if let Err(error @ (SaveError::Name { .. } | SaveError::Options(_))) = loaded {
            panic!("`{kind}` can't be kept as {name:?}: {error}");
        }
        let mut watch = Watch::new(name, policy, slot);
        let mut persist = Persist { value: T::default(), status: PersistStatus::Saved };
        if let Some(value) = watch.take_loaded(loaded) {
            persist.value = value;
        }
        persist.status = watch.status();
        watch::tell(self.world_mut(), &mut watch);
        self.insert_resource(persist).insert_resource(watch).add_systems(PersistFrame, watch::frame::<T>)
    }
}

/// What a game may ask for beside what is done by itself.
pub trait PersistCommands {
    /// Saves at the end of this frame if it has changed, without waiting for it to rest.
    fn save_now<T: Persistent>(&mut self);

    /// Loads again: when another copy of the game was closed, or a cloud has brought another file. What was not saved is
    /// lost. Bevy sees [`Persist<T>`] change when it is there; if it fails, [`SaveFailed`] says why, and the value stays.
    fn reload<T: Persistent>(&mut self);

    /// Sets the files of this save aside, under another name, and saves the value as it is: when the player chooses to begin
    /// anew with a save that can't be loaded.
    fn start_over<T: Persistent>(&mut self);
}

impl PersistCommands for Commands<'_, '_> {
    fn save_now<T: Persistent>(&mut self) {
        self.queue(|world: &mut World| wish::<T>(world, Wish::Save));
    }

    fn reload<T: Persistent>(&mut self) {
        self.queue(|world: &mut World| wish::<T>(world, Wish::Load));
    }

    fn start_over<T: Persistent>(&mut self) {
        self.queue(|world: &mut World| wish::<T>(world, Wish::StartOver));
    }
}

fn wish<T: Persistent>(world: &mut World, wish: Wish) {
    match world.get_resource_mut::<Watch<T>>() {
        Some(mut watch) => watch.wish = Some(wish),
        None => {
            tracing::error!("`{0}` is not kept: call app.persist::<{0}>(..)", type_name::<T>());
        }
    }
}

/// Saves all that has changed, and waits until it is on the disk, for `limit` at most: before something that may end the
/// process. Returns whether all is saved; what failed is told by [`SaveFailed`].
pub fn finish_saves(world: &mut World, limit: Duration) -> bool {
    let Some(mut urgency) = world.get_resource_mut::<Urgency>() else { return true };
    urgency.until = Some(Instant::now() + limit);
    world.run_schedule(PersistFrame);
    let mut urgency = world.resource_mut::<Urgency>();
    urgency.until = None;
    core::mem::take(&mut urgency.unsaved) == 0
}

/// Looks after all saves, at the end of each frame.
fn frame(world: &mut World, mut seen: Local<'_, bevy_ecs::message::MessageCursor<AppLifecycle>>) {
    let suspends = seen
        .read(world.resource::<Messages<AppLifecycle>>())
        .any(|state| matches!(state, AppLifecycle::WillSuspend | AppLifecycle::Suspended));
    let ends = !world.resource::<Messages<AppExit>>().is_empty();
    if suspends || ends {
        let limit = world.resource::<Urgency>().exit_wait;
        finish_saves(world, limit);
    } else {
        world.run_schedule(PersistFrame);
    }
}
