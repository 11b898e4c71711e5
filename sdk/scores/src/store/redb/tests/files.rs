//! Files that are in use, foreign or damaged, and copies.

use super::{boards, play, recorded};
use crate::store::{RedbStore, ScoreStore as _, StoreError};
use netcord_wire::GameRng;
use redb::{Database, TableDefinition};
use std::fs;
use std::path::Path;

fn open(path: &Path) -> Result<RedbStore, StoreError> {
    RedbStore::open(path, &boards())
}

/// Opening it is refused, and changes no byte.
fn assert_refused(path: &Path, bytes: &[u8], what: &str) {
    fs::write(path, bytes).unwrap();
    match open(path) {
        Err(StoreError::NoStore { .. }) => {}
        other => panic!("{what}: {other:?}"),
    }
    assert!(fs::read(path).unwrap() == bytes, "{what}: the file was changed");
}

#[test]
fn a_file_that_is_open_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scores.redb");
    let store = open(&path).unwrap();
    assert!(matches!(open(&path), Err(StoreError::InUse(of)) if of == path));
    drop(store);
    open(&path).unwrap();
}

#[test]
fn a_foreign_file_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scores.redb");
    for foreign in [b"".as_slice(), b"x", b"SQLite format 3\0", &[0; 100_000]] {
        assert_refused(&path, foreign, "a foreign file");
    }
    fs::remove_file(&path).unwrap();
    let other = Database::create(&path).unwrap();
    let transaction = other.begin_write().unwrap();
    transaction.open_table(TableDefinition::<u8, u8>::new("other")).unwrap().insert(1, 2).unwrap();
    transaction.commit().unwrap();
    drop(other);
    let error = open(&path).unwrap_err();
    assert!(error.to_string().contains("other tables"), "{error}");
}

#[test]
fn a_damaged_file_is_refused_and_left_as_it_is_or_reads_as_before() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scores.redb");
    let store = open(&path).unwrap();
    play(&store, 0, 20).1.unwrap();
    // As a killed process leaves it, and as one that ends in peace does.
    let killed = fs::read(&path).unwrap();
    let expected = recorded(&store);
    drop(store);
    let closed = fs::read(&path).unwrap();
    let mut rng = GameRng::new(1);
    for (file, whole) in [("killed", &killed), ("closed", &closed)] {
        let length = whole.len() as u32;
        for _ in 0..10 {
            let cut = 1 + rng.below(length - 1) as usize;
            assert_refused(&path, &whole[..cut], &format!("{file}, cut to {cut} bytes"));
        }
        for _ in 0..40 {
            let mut bytes = whole.clone();
            let at = rng.below(length) as usize;
            match rng.below(2) {
                0 => bytes[at..].fill(0),
                _ => bytes[at] ^= 1 << rng.below(8),
            }
            fs::write(&path, &bytes).unwrap();
            match open(&path) {
                Ok(store) => assert!(expected.starts_with(&recorded(&store)), "{file}, damaged at {at}"),
                Err(StoreError::NoStore { .. }) => {
                    assert!(fs::read(&path).unwrap() == bytes, "{file}, damaged at {at}: it was changed");
                }
                Err(error) => panic!("{file}, damaged at {at}: {error:?}"),
            }
        }
    }
}

#[test]
fn a_store_whose_making_was_cut_off_is_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scores.redb");
    for rest in [&[0; 50_000][..], b"", b"redb"] {
        fs::write(folder.path().join("scores.redb.partial"), rest).unwrap();
        let store = open(&path).unwrap();
        play(&store, 0, 3).1.unwrap();
        drop(store);
        assert_eq!(recorded(&open(&path).unwrap()).len(), 3);
        fs::remove_file(&path).unwrap();
    }
}

#[test]
fn a_backup_is_of_one_moment_while_scores_come_in() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("scores.redb")).unwrap();
    let copy = folder.path().join("backup.redb");
    let (mut acknowledged, end) = play(&store, 0, 10);
    end.unwrap();
    std::thread::scope(|scope| {
        let player = scope.spawn(|| play(&store, 10, 60));
        for _ in 0..5 {
            let before = recorded(&store);
            store.backup(&copy).unwrap();
            let copied = recorded(&open(&copy).unwrap());
            assert!(copied.starts_with(&before));
            assert!(recorded(&store).starts_with(&copied));
        }
        let (points, end) = player.join().unwrap();
        end.unwrap();
        acknowledged.extend(points);
    });
    store.backup(&copy).unwrap();
    let copy = open(&copy).unwrap();
    assert_eq!(recorded(&copy), acknowledged);
    play(&copy, 1_000, 1).1.unwrap();
    assert_eq!(recorded(&store), acknowledged);
}

#[test]
fn a_backup_that_fails_leaves_the_last_one_and_the_store() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scores.redb");
    let store = open(&path).unwrap();
    play(&store, 0, 5).1.unwrap();
    assert!(matches!(store.backup(&path), Err(StoreError::Conflict(_))));
    assert!(matches!(store.backup(folder.path().join("no/backup.redb")), Err(StoreError::Failed { .. })));
    let copy = folder.path().join("backup.redb");
    store.backup(&copy).unwrap();
    // Nobody can write what has this name.
    fs::create_dir(folder.path().join("backup.redb.partial")).unwrap();
    assert!(matches!(store.backup(&copy), Err(StoreError::Failed { .. })));
    assert_eq!(recorded(&open(&copy).unwrap()).len(), 5);
    assert_eq!(recorded(&store).len(), 5);
    assert_eq!(
        store.count(&crate::model::Listing { board: boards()[0].id.clone(), season: None }).unwrap(),
        3
    );
}
