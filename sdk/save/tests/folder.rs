//! What a folder does with saves that nobody has open.

mod game;

use game::{Progress, options};
use netcord_save::{Key, SaveError, SaveOptions};
use std::time::Duration;

#[test]
fn saves_are_listed_renamed_and_deleted_with_all_their_generations() {
    let (_disk, folder) = game::folder();
    for name in ["b", "a"] {
        let mut file = folder.open::<Progress>(name, options()).expect("it opens");
        (1..=3).for_each(|level| drop(file.save(&Progress::at(level)).expect("it saves")));
    }
    assert_eq!(folder.names().expect("they are listed"), ["a", "b"]);
    assert!(matches!(folder.rename("a", "b"), Err(SaveError::Exists { .. })));
    folder.rename("a", "c").expect("it is renamed");
    assert_eq!(folder.names().expect("they are listed"), ["b", "c"]);
    assert_eq!(folder.inspect("c").expect("it can be inspected").len(), 3);
    let mut file = folder.open::<Progress>("c", options()).expect("it opens");
    assert_eq!(file.load().expect("it loads").value(), Some(Progress::at(3)));
    assert!(matches!(folder.delete("c"), Err(SaveError::Locked { .. })), "it is open");
    drop(file);
    folder.delete("c").expect("it is deleted");
    assert!(
        !folder.exists("c").expect("it can be looked for")
            && folder.exists("b").expect("it can be looked for")
    );
}

#[test]
fn what_is_open_is_locked_and_the_lock_names_its_holder() {
    let (_disk, folder) = game::folder();
    let file = folder.open::<Progress>("slot", options()).expect("it opens");
    let impatient = SaveOptions { lock_wait: Duration::ZERO, ..options() };
    match folder.open::<Progress>("slot", impatient) {
        Err(SaveError::Locked { holder, .. }) => assert_eq!(holder, cfg!(unix).then(std::process::id)),
        other => panic!("{other:?}"),
    }
    assert!(folder.lock("slot", Duration::ZERO).is_err());
    assert!(folder.lock("another", Duration::ZERO).is_ok());
    drop(file);
    assert!(folder.lock("slot", Duration::ZERO).is_ok());
}

#[test]
fn anybody_can_see_what_a_save_is_and_how_old_without_its_key() {
    let (_disk, folder) = game::folder();
    let key = Key::from_passphrase_at(
        "swordfish",
        netcord_save::PassphraseCost { memory_kib: 8, passes: 1, lanes: 1 },
    );
    let options = SaveOptions::encrypted(key.expect("inside of the caps"));
    let mut file = folder.open::<Progress>("slot", options).expect("it opens");
    let saved = file.save(&Progress::at(2)).expect("it saves");
    let inspected = folder.inspect("slot").expect("it can be inspected").remove(0);
    let info = inspected.header.expect("a good header");
    assert_eq!(info, saved);
    assert!(info.encrypted && info.time > 1_600_000_000 && inspected.bytes > info.payload_bytes);
}

#[test]
fn drafts_of_a_game_that_died_are_swept_up() {
    let (_disk, folder) = game::folder();
    for name in ["slot.Xq8mPz.draft", "other.Xq8mPz.draft"] {
        std::fs::write(folder.path().join(name), "half a sa").expect("it can be written");
    }
    drop(folder.open::<Progress>("slot", options()).expect("it opens"));
    let files = game::files(&folder);
    assert!(
        !files.contains(&"slot.Xq8mPz.draft".into()) && files.contains(&"other.Xq8mPz.draft".into()),
        "{files:?}"
    );
}
