//! Resources that are saved by themselves.
#![cfg(feature = "save")]

use bevy_app::{App, AppExit, TaskPoolPlugin, Update};
use bevy_ecs::prelude::*;
use bevy_netcord::netcord::save::{Key, SaveFolder, SaveOptions, first_version};
use bevy_netcord::persist::{
    Persist, PersistApp as _, PersistCommands as _, PersistPlugin, PersistPolicy, PersistStatus, Recovered,
    SaveFailed, Saved, finish_saves,
};
use bevy_time::TimeUpdateStrategy;
use bevy_window::AppLifecycle;
use serde::{Deserialize, Serialize, Serializer};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;
use std::time::Duration;
use tempfile::TempDir;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Progress {
    level: u32,
}

first_version!(Progress, "maze.progress");

/// All that was told, in order.
#[derive(Resource, Default)]
struct Told {
    saved: Vec<Saved>,
    lost: Vec<usize>,
    failed: Vec<(String, Option<Duration>)>,
}

fn listen(
    mut saved: MessageReader<Saved>,
    mut recovered: MessageReader<Recovered>,
    mut failed: MessageReader<SaveFailed>,
    mut told: ResMut<Told>,
) {
    told.saved.extend(saved.read().cloned());
    told.lost.extend(recovered.read().map(|recovered| recovered.lost.len()));
    told.failed.extend(failed.read().map(|failed| (failed.error.to_string(), failed.retry_in)));
}

fn policy() -> PersistPolicy {
    PersistPolicy::encrypted(Key::from_bytes([7; 32]))
}

/// An app without saves, whose frames are a tenth of a second each.
fn app(folder: &Path) -> App {
    let mut app = App::new();
    app.add_plugins((TaskPoolPlugin::default(), PersistPlugin::at(folder)))
        .insert_resource(TimeUpdateStrategy::ManualDuration(Duration::from_millis(100)))
        .init_resource::<Told>()
        .add_systems(Update, listen);
    app
}

fn game(folder: &TempDir) -> App {
    let mut app = app(folder.path());
    app.persist::<Progress>("progress", policy());
    app.update();
    app
}

fn set_level(app: &mut App, level: u32) {
    app.world_mut().resource_mut::<Persist<Progress>>().level = level;
}

fn level(app: &App) -> u32 {
    app.world().resource::<Persist<Progress>>().level
}

fn status(app: &App) -> PersistStatus {
    app.world().resource::<Persist<Progress>>().status()
}

fn saves(app: &App) -> usize {
    app.world().resource::<Told>().saved.len()
}

fn frames(app: &mut App, count: usize) {
    (0..count).for_each(|_| app.update());
}

fn frames_until(app: &mut App, mut is_done: impl FnMut(&App) -> bool) {
    while !is_done(app) {
        app.update();
        thread::yield_now();
    }
}

fn exit(mut app: App) {
    app.world_mut().write_message(AppExit::Success);
    app.update();
}

/// The files of the save, those that were set aside among them.
fn files(folder: &TempDir) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder.path()).expect("a folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths.filter(|path| path.extension().is_none_or(|extension| extension != "lock")).collect()
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

/// A folder in which level 1 was saved, and then level 2.
fn folder_with_saves() -> TempDir {
    let folder = folder();
    for level in 1..=2 {
        let mut app = game(&folder);
        set_level(&mut app, level);
        exit(app);
    }
    folder
}

#[test]
fn a_change_is_saved_when_it_has_rested_and_loaded_by_the_next_start() {
    let folder = folder();
    let mut app = game(&folder);
    assert_eq!((level(&app), status(&app)), (0, PersistStatus::Saved));
    set_level(&mut app, 3);
    frames(&mut app, 3);
    set_level(&mut app, 4);
    frames(&mut app, 5);
    assert_eq!((files(&folder).len(), status(&app)), (0, PersistStatus::Unsaved), "it has not rested");
    frames_until(&mut app, |app| saves(app) > 0);
    assert_eq!(status(&app), PersistStatus::Saved);
    frames(&mut app, 100);
    let told = app.world().resource::<Told>();
    assert_eq!((told.saved.len(), told.saved[0].name.as_str()), (1, "progress"));
    assert!(told.failed.is_empty() && told.lost.is_empty());
    drop(app);
    assert_eq!(level(&game(&folder)), 4);
}

#[test]
fn what_never_rests_is_saved_all_the_same() {
    let folder = folder();
    let mut app = game(&folder);
    app.add_systems(Update, |mut progress: ResMut<Persist<Progress>>| progress.level += 1);
    frames(&mut app, 50);
    assert_eq!(files(&folder).len(), 0);
    frames_until(&mut app, |app| saves(app) == 3);
    assert!(level(&app) >= 150, "once in five seconds, and not more often: {}", level(&app));
}

#[test]
fn what_has_changed_is_saved_at_exit_and_before_the_app_is_suspended() {
    let folder = folder();
    let mut app = game(&folder);
    // In the last frame, by a system.
    app.add_systems(Update, |mut progress: ResMut<Persist<Progress>>| progress.level = 5);
    exit(app);
    let mut app = game(&folder);
    assert_eq!(level(&app), 5);
    set_level(&mut app, 6);
    app.world_mut().write_message(AppLifecycle::WillSuspend);
    app.update();
    assert_eq!(status(&app), PersistStatus::Saved);
    // Killed in the background: nothing more is done.
    std::mem::forget(app);
    let saves = SaveFolder::at(folder.path()).expect("a folder");
    let newest = &saves.inspect("progress").expect("a save")[0];
    assert_eq!(newest.header.as_ref().expect("a header").counter, 2);
}

#[test]
fn nothing_is_written_where_nothing_has_changed() {
    let folder = folder_with_saves();
    let before = files(&folder).len();
    let mut app = game(&folder);
    frames(&mut app, 100);
    assert_eq!((level(&app), saves(&app)), (2, 0));
    exit(app);
    assert_eq!(files(&folder).len(), before);
}

#[test]
fn the_game_may_save_at_once_and_wait() {
    let folder = folder();
    let mut app = game(&folder);
    set_level(&mut app, 7);
    app.world_mut().commands().save_now::<Progress>();
    app.update();
    assert_eq!(status(&app), PersistStatus::Unsaved, "it is under way");
    assert!(finish_saves(app.world_mut(), Duration::from_secs(60)));
    assert_eq!((status(&app), files(&folder).len()), (PersistStatus::Saved, 1));
}

#[test]
fn damaged_files_are_set_aside_and_the_newest_good_one_is_loaded() {
    let folder = folder_with_saves();
    let saves_folder = SaveFolder::at(folder.path()).expect("a folder");
    let newest = saves_folder.inspect("progress").expect("a save").remove(0).path;
    let mut bytes = fs::read(&newest).expect("a file");
    *bytes.last_mut().expect("bytes") ^= 1;
    fs::write(&newest, bytes).expect("written");

    let app = game(&folder);
    assert_eq!((level(&app), status(&app)), (1, PersistStatus::Saved));
    assert_eq!(app.world().resource::<Told>().lost, [1]);
    drop(app);

    // And where there is no good one, it begins anew.
    for generation in saves_folder.inspect("progress").expect("a save") {
        fs::write(generation.path, "not a save at all").expect("written");
    }
    let mut app = game(&folder);
    assert_eq!((level(&app), status(&app)), (0, PersistStatus::Saved));
    assert_eq!(app.world().resource::<Told>().lost, [1]);
    set_level(&mut app, 9);
    exit(app);
    assert_eq!(level(&game(&folder)), 9);
}

#[test]
fn a_save_that_cant_be_loaded_is_left_alone_until_the_game_decides() {
    let folder = folder_with_saves();
    let contents = |folder: &TempDir| -> Vec<_> {
        let mut files = files(folder);
        files.sort();
        files.into_iter().map(|path| (fs::read(&path).expect("a file"), path)).collect()
    };
    let before = contents(&folder);
    let mut app = app(folder.path());
    app.persist::<Progress>("progress", PersistPolicy::encrypted(Key::from_bytes([8; 32])));
    app.update();
    assert_eq!((level(&app), status(&app)), (0, PersistStatus::Off));
    let (error, retry_in) = &app.world().resource::<Told>().failed[0];
    assert!(error.contains("does not fit") && retry_in.is_none(), "{error}");
    set_level(&mut app, 1_000);
    frames(&mut app, 300);
    assert!(finish_saves(app.world_mut(), Duration::from_secs(60)), "nothing is waited for");
    assert_eq!(contents(&folder), before);

    app.world_mut().commands().start_over::<Progress>();
    frames_until(&mut app, |app| saves(app) > 0);
    assert_eq!(status(&app), PersistStatus::Saved);
    assert_eq!(files(&folder).len(), before.len() + 1, "the old ones are there under other names");
    assert_eq!(level(&app), 1_000);
}

#[test]
fn what_another_copy_of_the_game_has_open_is_loaded_when_that_is_closed() {
    let folder = folder_with_saves();
    let other = game(&folder);
    let mut app = app(folder.path());
    let mut options = SaveOptions::encrypted(Key::from_bytes([7; 32]));
    options.lock_wait = Duration::ZERO;
    app.persist::<Progress>("progress", PersistPolicy::new(options));
    frames(&mut app, 2);
    assert_eq!((level(&app), status(&app)), (0, PersistStatus::Off));
    assert!(app.world().resource::<Told>().failed[0].0.contains("in use"));
    drop(other);
    app.world_mut().commands().reload::<Progress>();
    frames_until(&mut app, |app| status(app) != PersistStatus::Off);
    assert_eq!((level(&app), status(&app)), (2, PersistStatus::Saved));
}

#[test]
fn a_failed_save_is_tried_again_and_told_each_time() {
    let folder = folder();
    let inner = folder.path().join("saves");
    let mut app = app(&inner);
    app.persist::<Progress>("progress", policy());
    app.update();
    // The folder is gone, and a file is in its place.
    fs::remove_dir_all(&inner).expect("removed");
    fs::write(&inner, "").expect("written");
    set_level(&mut app, 11);
    frames_until(&mut app, |app| app.world().resource::<Told>().failed.len() == 2);
    assert_eq!(app.world().resource::<Told>().failed[0].1, Some(Duration::from_secs(10)));
    assert_eq!(status(&app), PersistStatus::Unsaved);
    assert!(!finish_saves(app.world_mut(), Duration::from_secs(60)));
    fs::remove_file(&inner).expect("removed");
    frames_until(&mut app, |app| saves(app) > 0);
    drop(app);
    let mut next = self::app(&inner);
    next.persist::<Progress>("progress", policy());
    assert_eq!(level(&next), 11);
}

/// Held while no value of [`Slow`] can be encoded.
static GATE: Mutex<()> = Mutex::new(());

#[derive(Clone, Default, Deserialize)]
struct Slow(u32);

impl Serialize for Slow {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let _open = GATE.lock().expect("the gate");
        self.0.serialize(serializer)
    }
}

first_version!(Slow, "maze.slow");

#[test]
fn no_frame_waits_for_the_disk() {
    let folder = folder();
    let mut app = app(folder.path());
    app.persist::<Slow>("slow", policy());
    app.update();
    let closed = GATE.lock().expect("the gate");
    app.world_mut().resource_mut::<Persist<Slow>>().0 = 1;
    frames(&mut app, 100);
    app.world_mut().resource_mut::<Persist<Slow>>().0 = 2;
    frames(&mut app, 100);
    assert_eq!(saves(&app), 0, "it is under way all the time");
    drop(closed);
    frames_until(&mut app, |app| saves(app) == 2);
}

#[derive(Clone, Default, Deserialize)]
struct Faulty;

impl Serialize for Faulty {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        panic!("a fault in the game")
    }
}

first_version!(Faulty, "maze.faulty");

#[test]
fn a_type_that_panics_is_told_and_the_others_are_saved() {
    let folder = folder();
    let mut app = app(folder.path());
    app.persist::<Faulty>("faulty", policy()).persist::<Progress>("progress", policy());
    app.update();
    app.world_mut().resource_mut::<Persist<Faulty>>().set_changed();
    set_level(&mut app, 1);
    frames_until(&mut app, |app| saves(app) > 0 && !app.world().resource::<Told>().failed.is_empty());
}

#[test]
fn a_folder_that_cant_be_made_does_not_stop_the_game() {
    let folder = folder();
    let file = folder.path().join("file");
    fs::write(&file, "").expect("written");
    let mut app = app(&file.join("saves"));
    app.persist::<Progress>("progress", policy());
    set_level(&mut app, 1);
    frames(&mut app, 2);
    assert_eq!((level(&app), status(&app)), (1, PersistStatus::Off));
    assert_eq!(app.world().resource::<Told>().failed.len(), 1);
}

#[test]
#[should_panic(expected = "add PersistPlugin to the app first")]
fn without_the_plugin_it_says_what_to_add() {
    App::new().persist::<Progress>("progress", policy());
}

#[test]
#[should_panic(expected = "is kept as \"progress\" already")]
fn a_type_is_kept_once() {
    let folder = folder();
    app(folder.path()).persist::<Progress>("progress", policy()).persist::<Progress>("again", policy());
}

#[test]
#[should_panic(expected = "is no name for a save")]
fn a_name_that_not_all_file_systems_have_is_refused() {
    let folder = folder();
    app(folder.path()).persist::<Progress>("Pro/gress", policy());
}
