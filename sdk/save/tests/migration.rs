//! Saves of every version that the game ever had, as files that those versions wrote.
//!
//! `NETCORD_WRITE_FIXTURES=1 cargo test -p netcord-save --test migration` writes those that are missing, and never one that
//! is there: a fixture is what some version really wrote.

mod game;

use netcord_save::{Key, Loaded, NoneBefore, PassphraseCost, SaveData, SaveError, SaveFolder, SaveOptions};
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::PathBuf;

/// A table of names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct ScoresV1 {
    rows: Vec<(String, u32)>,
}

/// With the time of each, and points above 32 bits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct ScoresV2 {
    rows: Vec<RowV2>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct RowV2 {
    name: String,
    score: u64,
    time: Option<u64>,
}

/// With the name that was entered last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct ScoresV3 {
    rows: Vec<RowV2>,
    last_name: String,
}

/// Of a game that this one can't know.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct ScoresV4 {
    boards: Vec<ScoresV3>,
}

macro_rules! version {
    ($type:ty, $version:literal, $previous:ty, $migrate:expr) => {
        impl SaveData for $type {
            const KIND: &'static str = "maze.scores";
            const VERSION: u32 = $version;
            type Previous = $previous;

            fn migrate(previous: $previous) -> Self {
                let migrate: fn($previous) -> Self = $migrate;
                migrate(previous)
            }
        }
    };
}

version!(ScoresV1, 1, NoneBefore, NoneBefore::never);
version!(ScoresV2, 2, ScoresV1, |v1| {
    let row = |(name, score): (String, u32)| RowV2 { name, score: score.into(), time: None };
    ScoresV2 { rows: v1.rows.into_iter().map(row).collect() }
});
version!(ScoresV3, 3, ScoresV2, |v2| {
    let last_name = v2.rows.first().map_or_else(String::new, |row| row.name.clone());
    ScoresV3 { rows: v2.rows, last_name }
});
version!(ScoresV4, 4, ScoresV3, |v3| ScoresV4 { boards: vec![v3] });

fn v1() -> ScoresV1 {
    ScoresV1 { rows: vec![("Ann".into(), 70_000), ("Bö".into(), 250)] }
}

fn options() -> SaveOptions {
    SaveOptions::encrypted(Key::from_bytes(game::KEY))
}

fn passphrase() -> SaveOptions {
    let cost = PassphraseCost { memory_kib: 64, passes: 2, lanes: 2 };
    SaveOptions::encrypted(Key::from_passphrase_at("swordfish", cost).expect("inside of the caps"))
}

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

/// Writes a fixture, where that is asked for and there is none.
fn write<T: SaveData>(name: &str, options: SaveOptions, value: &T) {
    if std::env::var_os("NETCORD_WRITE_FIXTURES").is_none() || fixture(name).exists() {
        return;
    }
    let (_disk, folder) = game::folder();
    folder.open::<T>("scores", options).expect("it opens").save(value).expect("it saves");
    fs::copy(folder.path().join("scores.0.save"), fixture(name)).expect("it can be copied");
}

/// A folder with a fixture as its only save.
fn with(name: &str) -> (tempfile::TempDir, SaveFolder) {
    let (disk, folder) = game::folder();
    fs::copy(fixture(name), folder.path().join("scores.0.save")).expect("the fixture is there");
    (disk, folder)
}

#[test]
fn saves_of_every_version_load_in_the_newest_one() {
    let v2 = ScoresV2::migrate(v1());
    let v3 = ScoresV3::migrate(v2.clone());
    write("scores-v1.save", options(), &v1());
    write("scores-v1-passphrase.save", passphrase(), &v1());
    write("scores-v1-readable.save", SaveOptions::readable(), &v1());
    write("scores-v2.save", options(), &v2);
    write("scores-v3.save", options(), &v3);
    write("scores-v4.save", options(), &ScoresV4::migrate(v3.clone()));
    for (name, version, options) in [
        ("scores-v1.save", 1, options()),
        ("scores-v1-passphrase.save", 1, passphrase()),
        ("scores-v1-readable.save", 1, SaveOptions::readable()),
        ("scores-v2.save", 2, options()),
        ("scores-v3.save", 3, options()),
    ] {
        let (_disk, folder) = with(name);
        let mut file = folder.open::<ScoresV3>("scores", options).expect("it opens");
        let Ok(Loaded::Found { value, info }) = file.load() else { panic!("{name} does not load") };
        assert_eq!((value, info.version), (v3.clone(), version), "{name}");
        // The next save is of the newest version.
        assert_eq!(file.save(&v3).expect("it saves").version, 3);
    }
}

#[test]
fn a_save_of_a_newer_game_is_refused_in_words_and_left_untouched() {
    let (_disk, folder) = with("scores-v4.save");
    let before = fs::read(fixture("scores-v4.save")).expect("it is there");
    let path = folder.path().join("scores.0.save");
    let mut file = folder.open::<ScoresV3>("scores", options()).expect("it opens");
    let refused = file.load().expect_err("it is newer");
    assert_eq!(
        refused.to_string(),
        "this save was made by a newer version of the game: update the game to go on with it"
    );
    assert!(matches!(refused, SaveError::NewerGame { found: 4, known: 3, .. }));
    let scores = ScoresV3 { rows: Vec::new(), last_name: String::new() };
    assert!(matches!(file.save(&scores), Err(SaveError::NewerGame { .. })), "saving is refused, too");
    assert_eq!(fs::read(&path).expect("it is there"), before);
    // A player who wants to go on in the older game can: the newer save is kept beside.
    let kept = file.set_aside().expect("it is set aside");
    file.save(&scores).expect("it saves");
    assert_eq!(fs::read(&kept[0]).expect("it is kept"), before);
}

#[test]
fn a_container_of_a_newer_format_is_a_newer_games() {
    let (_disk, folder) = with("scores-v3.save");
    let path = folder.path().join("scores.0.save");
    let mut bytes = fs::read(&path).expect("it is there");
    let header = usize::from(bytes[10]) - 8;
    bytes[8] = 2;
    let checksum = xxhash_rust::xxh3::xxh3_64(&bytes[..header]);
    bytes[header..header + 8].copy_from_slice(&checksum.to_le_bytes());
    fs::write(&path, &bytes).expect("it can be written");
    let mut file = folder.open::<ScoresV3>("scores", options()).expect("it opens");
    assert!(matches!(file.load(), Err(SaveError::NewerGame { found: 2, known: 1, .. })));
    assert_eq!(fs::read(path).expect("it is there"), bytes);
}

#[test]
fn a_type_that_changed_without_its_version_is_the_games_mistake_and_costs_no_save() {
    #[derive(Debug, Serialize, Deserialize)]
    struct Changed(String, Vec<u64>);
    version!(Changed, 3, ScoresV2, |_| Changed(String::new(), Vec::new()));
    let (_disk, folder) = with("scores-v3.save");
    let mut file = folder.open::<Changed>("scores", options()).expect("it opens");
    assert!(matches!(file.load(), Err(SaveError::Undecodable { version: 3, .. })));
    assert!(matches!(file.save(&Changed(String::new(), Vec::new())), Err(SaveError::Undecodable { .. })));
    let mut file = {
        drop(file);
        folder.open::<ScoresV3>("scores", options()).expect("it opens")
    };
    assert!(matches!(file.load(), Ok(Loaded::Found { .. })));
}
