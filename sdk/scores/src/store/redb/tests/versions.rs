//! Files of older and newer versions.

use super::{boards, play, recorded};
use crate::model::{Player, ScoreId};
use crate::store::redb::file;
use crate::store::redb::migration::{MIGRATIONS, Migration, newest};
use crate::store::redb::rows::{META, PLAYERS, Stop, VERSION, decode};
use crate::store::{RedbStore, ScoreStore as _, StoreError};
use redb::{ReadableDatabase as _, ReadableTable as _, TableDefinition, WriteTransaction};
use std::fs;
use std::path::Path;

/// Of a made-up version: what players are called, aloud.
const ALOUD: TableDefinition<'_, &[u8; 32], &str> = TableDefinition::new("aloud");

fn call_aloud(transaction: &WriteTransaction) -> Result<(), Stop> {
    let mut aloud = transaction.open_table(ALOUD)?;
    for row in transaction.open_table(PLAYERS)?.iter()? {
        let player: Player = decode(row?.1.value())?;
        aloud.insert(&player.id.0, player.name.to_uppercase().as_str())?;
    }
    Ok(())
}

fn fail(_: &WriteTransaction) -> Result<(), Stop> {
    Err(Stop::Failed("a simulated fault".into()))
}

fn with(more: &[Migration]) -> Vec<Migration> {
    MIGRATIONS.iter().chain(more).copied().collect()
}

fn version(path: &Path) -> u64 {
    let file = redb::Database::open(path).unwrap();
    let meta = file.begin_read().unwrap().open_table(META).unwrap();
    meta.get(VERSION).unwrap().unwrap().value()
}

#[test]
fn an_older_file_is_migrated_once_and_as_a_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scores.redb");
    let store = RedbStore::open(&path, &boards()).unwrap();
    play(&store, 0, 4).1.unwrap();
    drop(store);
    let now = newest(MIGRATIONS);

    file::open(&path, &with(&[call_aloud, fail])).unwrap_err();
    assert_eq!(version(&path), now);
    let file = file::open(&path, &with(&[call_aloud])).unwrap();
    let aloud = file.begin_read().unwrap().open_table(ALOUD).unwrap();
    let names: Vec<_> = aloud.iter().unwrap().map(|row| row.unwrap().1.value().to_owned()).collect();
    assert_eq!(names, ["PLAYER 0", "PLAYER 1", "PLAYER 2"]);
    drop((aloud, file));
    assert_eq!(version(&path), now + 1);
    // Done is done: this one would fail.
    file::open(&path, &with(&[fail])).unwrap();
}

#[test]
fn a_newer_file_is_refused_and_goes_on_working_where_it_is_known() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scores.redb");
    drop(file::open(&path, &with(&[call_aloud])).unwrap());
    match RedbStore::open(&path, &boards()) {
        Err(StoreError::Newer { found, newest: known, .. }) => {
            assert_eq!((found, known), (known + 1, newest(MIGRATIONS)))
        }
        other => panic!("{other:?}"),
    }
    drop(file::open(&path, &with(&[call_aloud])).unwrap());
}

/// The file that version 1 wrote: 12 runs of [`play`](super::play).
#[test]
fn a_file_of_version_1_opens() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scores.redb");
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/version-1.redb");
    fs::copy(fixture, &path).unwrap();
    let store = RedbStore::open(&path, &boards()).unwrap();
    let points: Vec<i64> = (0..12).map(|number| number * 37 % 101 * 1_000 + number).collect();
    assert_eq!(recorded(&store), points);
    let score = store.score(ScoreId(8)).unwrap().unwrap();
    assert_eq!((score.season, score.details["presses"]), (2, 57_007));
    assert_eq!(play(&store, 100, 2).0.len(), 2);
}

/// With `NETCORD_WRITE_FIXTURE=1`, that of the newest version is written, if there is none.
#[test]
fn each_version_has_a_fixture() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let path = |version| folder.join(format!("version-{version}.redb"));
    if std::env::var_os("NETCORD_WRITE_FIXTURE").is_some() && !path(newest(MIGRATIONS)).exists() {
        write_fixture(&path(newest(MIGRATIONS)));
    }
    for version in 1..=newest(MIGRATIONS) {
        assert!(path(version).exists(), "version {version} has none");
    }
}

fn write_fixture(path: &Path) {
    let store = RedbStore::open(path, &boards()).unwrap();
    play(&store, 0, 12).1.unwrap();
    drop(store);
    let mut file = redb::Database::open(path).unwrap();
    file.compact().unwrap();
}
