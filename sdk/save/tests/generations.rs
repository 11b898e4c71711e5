//! Saving and loading on a real disk, and which generation is offered.

mod game;

use game::{Progress, options};
use netcord_save::{Damage, Loaded, SaveError, SaveFolder};
use std::fs;

#[test]
fn what_was_saved_is_loaded_by_the_next_run_of_the_game() {
    let (_disk, folder) = game::folder();
    let mut file = folder.open::<Progress>("slot", options()).expect("it opens");
    assert!(matches!(file.load(), Ok(Loaded::Nothing)));
    let info = file.save(&Progress::at(3)).expect("it saves");
    assert_eq!((info.kind.as_str(), info.version, info.counter), ("maze.progress", 1, 1));
    drop(file);
    let mut file = folder.open::<Progress>("slot", options()).expect("it opens");
    match file.load() {
        Ok(Loaded::Found { value, info: found }) => assert_eq!((value, found), (Progress::at(3), info)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_newest_save_wins_and_as_many_older_ones_stay_as_were_asked_for() {
    let (_disk, folder) = game::folder();
    let mut file = folder.open::<Progress>("slot", options()).expect("it opens");
    for level in 1..=7 {
        file.save(&Progress::at(level)).expect("it saves");
    }
    let inspected = folder.inspect("slot").expect("it can be inspected");
    let counters: Vec<_> =
        inspected.iter().map(|it| it.header.as_ref().expect("a good header").counter).collect();
    assert_eq!(counters, [7, 6, 5]);
    assert_eq!(file.load().expect("it loads").value(), Some(Progress::at(7)));
}

#[test]
fn a_damaged_newest_generation_is_set_aside_and_the_one_before_it_offered() {
    let (_disk, folder) = game::folder();
    let mut file = folder.open::<Progress>("slot", options()).expect("it opens");
    file.save(&Progress::at(1)).expect("it saves");
    file.save(&Progress::at(2)).expect("it saves");
    let newest = folder.inspect("slot").expect("it can be inspected").remove(0).path;
    let mut bytes = fs::read(&newest).expect("it is there");
    let middle = bytes.len() - 30;
    bytes[middle] ^= 1;
    fs::write(&newest, &bytes).expect("it can be damaged");
    let Ok(Loaded::Recovered { value, lost, .. }) = file.load() else { panic!("the older one is good") };
    assert_eq!(value, Progress::at(1));
    assert!(matches!(lost[0].damage, Damage::Payload), "{:?}", lost[0].damage);
    let kept = lost[0].kept.as_ref().expect("it was moved");
    assert_eq!(fs::read(kept).expect("it is kept"), bytes, "as it was");
    assert!(!newest.exists());
    // And the game goes on from there.
    file.save(&Progress::at(3)).expect("it saves");
    assert!(matches!(file.load(), Ok(Loaded::Found { value, .. }) if value == Progress::at(3)));
}

#[test]
fn with_no_good_generation_everything_is_kept_and_the_next_save_begins_anew() {
    let (_disk, folder) = game::folder();
    let mut file = folder.open::<Progress>("slot", options()).expect("it opens");
    file.save(&Progress::at(1)).expect("it saves");
    let only = folder.inspect("slot").expect("it can be inspected").remove(0).path;
    fs::write(&only, "").expect("it can be emptied");
    match file.load() {
        Err(SaveError::NoneGood { lost }) => assert!(lost[0].kept.is_some()),
        other => panic!("{other:?}"),
    }
    file.save(&Progress::at(2)).expect("it saves");
    assert_eq!(file.load().expect("it loads").value(), Some(Progress::at(2)));
}

#[test]
fn no_more_than_eight_damaged_files_are_kept() {
    let (_disk, folder) = game::folder();
    let mut file = folder.open::<Progress>("slot", options()).expect("it opens");
    for round in 0..12 {
        file.save(&Progress::at(round)).expect("it saves");
        let only = folder.inspect("slot").expect("it can be inspected").remove(0).path;
        fs::write(&only, [round]).expect("it can be damaged");
        assert!(matches!(file.load(), Err(SaveError::NoneGood { .. })));
    }
    let damaged =
        game::files(&folder).into_iter().filter(|name| name.contains("damaged")).collect::<Vec<_>>();
    assert_eq!(damaged.len(), 8);
    assert!(damaged.contains(&"slot.damaged-12".into()) && !damaged.contains(&"slot.damaged-4".into()));
}

#[test]
fn a_readable_save_is_a_line_and_json_and_may_be_edited_by_hand() {
    let (_disk, folder) = game::folder();
    let mut file =
        folder.open::<Progress>("settings", netcord_save::SaveOptions::readable()).expect("it opens");
    file.save(&Progress::at(5)).expect("it saves");
    let path = folder.inspect("settings").expect("it can be inspected").remove(0).path;
    let text = fs::read_to_string(&path).expect("it is text");
    let (line, json) = text.split_once('\n').expect("two parts");
    assert!(line.starts_with("netcord-save format=1 kind=maze.progress version=1 counter=1 "), "{line}");
    assert!(json.starts_with("{\n  \"level\": 5"), "{json}");
    let edited = |line: &str| format!("{line}\n{}", json.replace('5', "77"));
    fs::write(&path, edited(line)).expect("it can be written");
    assert!(matches!(file.load(), Err(SaveError::NoneGood { .. })), "the checksum does not fit");
    let (front, _) = line.rsplit_once('=').expect("a checksum");
    fs::write(&path, edited(&format!("{front}=edited"))).expect("it can be written");
    assert_eq!(file.load().expect("it loads").value().expect("a value").level, 77);
}

#[test]
fn a_folder_put_back_to_an_older_day_is_seen_against_a_counter() {
    let (_disk, folder) = game::folder();
    let mut file = folder.open::<Progress>("slot", options()).expect("it opens");
    file.save(&Progress::at(1)).expect("it saves");
    let copy = folder.inspect("slot").expect("it can be inspected").remove(0).path;
    let copied = fs::read(&copy).expect("it can be read");
    let seen = (2..6).map(|level| file.save(&Progress::at(level)).expect("it saves").counter).last();
    let seen = seen.expect("it was saved");
    drop(file);
    for generation in folder.inspect("slot").expect("it can be inspected") {
        fs::remove_file(generation.path).expect("it can be removed");
    }
    fs::write(&copy, copied).expect("it can be put back");
    let mut file = folder.open::<Progress>("slot", options()).expect("it opens");
    assert!(matches!(file.load_since(seen), Err(SaveError::PutBack { found: 1, known: 5 })));
    // Without the counter nobody can tell. The next save is newer than all that the game knows of.
    assert_eq!(file.load().expect("it loads").value(), Some(Progress::at(1)));
    assert_eq!(file.save(&Progress::at(9)).expect("it saves").counter, 6);
}

#[test]
fn after_a_change_of_key_every_generation_is_under_the_new_one() {
    let (_disk, folder) = game::folder();
    let mut file = folder.open::<Progress>("slot", options()).expect("it opens");
    for level in 1..=4 {
        file.save(&Progress::at(level)).expect("it saves");
    }
    let new = netcord_save::Key::from_bytes([9; 32]);
    file.change_protection(new.clone()).expect("it changes");
    file.save(&Progress::at(5)).expect("it saves");
    drop(file);
    let mut file = folder.open::<Progress>("slot", options()).expect("it opens");
    assert!(matches!(file.load(), Err(SaveError::WrongKey { .. })));
    assert!(
        matches!(file.save(&Progress::at(0)), Err(SaveError::WrongKey { .. })),
        "nothing is written over"
    );
    drop(file);
    let newest = SaveFolder::inspect(&folder, "slot").expect("it can be inspected").remove(0).path;
    fs::write(newest, "damage").expect("it can be damaged");
    let options = netcord_save::SaveOptions::encrypted(new);
    let mut file = folder.open::<Progress>("slot", options).expect("it opens");
    assert_eq!(file.load().expect("an older one is good").value(), Some(Progress::at(4)));
}

#[test]
fn a_game_saves_on_another_thread_and_takes_the_file_back() {
    let (_disk, folder) = game::folder();
    let mut file = folder.open::<Progress>("slot", options()).expect("it opens");
    let saving = std::thread::spawn(move || file.save(&Progress::at(4)).map(|info| (file, info)));
    let (mut file, info) = saving.join().expect("no panic").expect("it saves");
    assert_eq!((info.counter, file.load().expect("it loads").value()), (1, Some(Progress::at(4))));
}
