//! Files that were changed, by accident or on purpose: each is named for what it is, and none is decoded.

mod game;

use game::{KEY, Progress, options};
use netcord_save::{Damage, Key, Loaded, PassphraseCost, Protection, SaveError, SaveFolder, SaveOptions};
use std::cell::Cell;
use std::fs;
use std::path::PathBuf;
use xxhash_rust::xxh3::xxh3_64;

/// Where the parts of an encrypted save of `maze.progress` are.
const MAGIC: std::ops::Range<usize> = 0..8;
const HEADER: std::ops::Range<usize> = 8..131;

/// A save at level 2 with an older one at level 1 beside it; the newest's path and bytes.
fn two_generations(folder: &SaveFolder, options: SaveOptions) -> (PathBuf, Vec<u8>) {
    let mut file = folder.open::<Progress>("slot", options).expect("it opens");
    file.save(&Progress::at(1)).expect("it saves");
    file.save(&Progress::at(2)).expect("it saves");
    let newest = folder.inspect("slot").expect("it can be inspected").remove(0).path;
    let bytes = fs::read(&newest).expect("it can be read");
    (newest, bytes)
}

/// What is wrong with `bytes`, by itself and as the newest of two generations, of which the older one is then offered.
fn damage(folder: &SaveFolder, newest: &PathBuf, bytes: &[u8], options: SaveOptions) -> Option<Damage> {
    fs::write(newest, bytes).expect("it can be written");
    let mut file = folder.open::<Progress>("slot", options).expect("it opens");
    match file.load().expect("the older one is good") {
        Loaded::Recovered { value, mut lost, .. } => {
            assert_eq!((value.level, lost.len()), (1, 1));
            let lost = lost.remove(0);
            assert_eq!(lost.kept.is_some(), lost.damage.is_harm());
            if let Some(kept) = lost.kept {
                fs::remove_file(kept).expect("it can be removed");
            }
            Some(lost.damage)
        }
        Loaded::Found { value, .. } => {
            assert_eq!(value.level, 2);
            None
        }
        Loaded::Nothing => panic!("there are saves"),
    }
}

#[test]
fn every_flipped_bit_is_found_and_named() {
    let (_disk, folder) = game::folder();
    let (newest, bytes) = two_generations(&folder, options());
    assert_eq!(usize::from(bytes[10]), HEADER.end);
    for bit in 0..8 * bytes.len() {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let damage = damage(&folder, &newest, &flipped, options()).expect("it is found");
        let is_right = match bit / 8 {
            at if MAGIC.contains(&at) => matches!(damage, Damage::NotASave),
            // The length decides where the header ends: it is cut off, or its checksum is elsewhere.
            10 | 11 => matches!(damage, Damage::Header | Damage::Truncated),
            at if HEADER.contains(&at) => matches!(damage, Damage::Header),
            _ => matches!(damage, Damage::Payload),
        };
        assert!(is_right, "bit {bit}: {damage:?}");
    }
}

#[test]
fn every_flipped_bit_of_a_readable_save_is_found() {
    let (_disk, folder) = game::folder();
    let (newest, bytes) = two_generations(&folder, SaveOptions::readable());
    let line = bytes.iter().position(|&byte| byte == b'\n').expect("a line");
    for bit in 0..8 * bytes.len() {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let damage = damage(&folder, &newest, &flipped, SaveOptions::readable()).expect("it is found");
        let is_right = match bit / 8 {
            at if at < 13 => matches!(damage, Damage::NotASave),
            at if at > line => matches!(damage, Damage::Payload),
            _ => matches!(damage, Damage::Header | Damage::Payload | Damage::Truncated),
        };
        assert!(is_right, "bit {bit}: {damage:?}");
    }
}

#[test]
fn a_save_that_is_cut_off_anywhere_is_named_so() {
    for options in [options, SaveOptions::readable] {
        let (_disk, folder) = game::folder();
        let (newest, bytes) = two_generations(&folder, options());
        for length in 0..bytes.len() {
            let damage = damage(&folder, &newest, &bytes[..length], options());
            // A readable one that is cut inside of its magic could be any text.
            let is_text = length < 13 && bytes[0] == b'n' && matches!(damage, Some(Damage::NotASave));
            assert!(is_text || matches!(damage, Some(Damage::Truncated)), "{length}: {damage:?}");
        }
        let damage = damage(&folder, &newest, &[&bytes[..], b"x"].concat(), options());
        assert!(matches!(damage, Some(Damage::Trailing)), "{damage:?}");
    }
}

/// The header's checksum and that of what follows, made to fit.
fn forge(bytes: &mut [u8]) {
    let end = HEADER.end - 8;
    let checksum = xxh3_64(&bytes[..end]);
    bytes[end..HEADER.end].copy_from_slice(&checksum.to_le_bytes());
    let end = bytes.len() - 8;
    let checksum = xxh3_64(&bytes[HEADER.end..end]);
    bytes[end..].copy_from_slice(&checksum.to_le_bytes());
}

#[test]
fn a_change_whose_checksums_fit_is_tampering() {
    let (_disk, folder) = game::folder();
    let (newest, bytes) = two_generations(&folder, options());
    // Version, counter, time, nonce, payload, tag.
    for at in [12, 20, 24, 85, HEADER.end, bytes.len() - 9] {
        let mut forged = bytes.clone();
        forged[at] ^= 1;
        forge(&mut forged);
        let damage = damage(&folder, &newest, &forged, options());
        assert!(matches!(damage, Some(Damage::Tampered)), "byte {at}: {damage:?}");
    }
}

#[test]
fn the_header_of_one_save_does_not_fit_another() {
    let (_disk, folder) = game::folder();
    let (newest, bytes) = two_generations(&folder, options());
    let older = folder.inspect("slot").expect("it can be inspected").remove(1).path;
    let header = fs::read(&older).expect("it can be read")[..HEADER.end].to_vec();
    fs::remove_file(older).expect("it can be removed");
    let older_payload = usize::from(header[101]);
    let mut same_length = [&header[..], &bytes[HEADER.end..][..older_payload + 24]].concat();
    let alone = |bytes: &[u8]| {
        fs::write(&newest, bytes).expect("it can be written");
        let mut file = folder.open::<Progress>("slot", options()).expect("it opens");
        match file.load() {
            Err(SaveError::NoneGood { mut lost }) => lost.remove(0).damage,
            other => panic!("{other:?}"),
        }
    };
    assert!(matches!(alone(&[&header[..], &bytes[HEADER.end..]].concat()), Damage::Trailing));
    assert!(matches!(alone(&same_length), Damage::Payload));
    forge(&mut same_length);
    assert!(matches!(alone(&same_length), Damage::Tampered));
}

#[test]
fn a_cost_above_the_caps_is_refused_before_it_is_paid() {
    let (_disk, folder) = game::folder();
    let cheap = PassphraseCost { memory_kib: 8, passes: 1, lanes: 1 };
    let options =
        || SaveOptions::encrypted(Key::from_passphrase_at("swordfish", cheap).expect("inside of the caps"));
    let (newest, bytes) = two_generations(&folder, options());
    for (at, number) in [(33, u32::MAX), (33, 262_145), (33, 7), (37, 17), (37, 0), (41, 9), (41, 0)] {
        let mut costly = bytes.clone();
        costly[at..at + 4].copy_from_slice(&u32::to_le_bytes(number));
        forge(&mut costly);
        let damage = damage(&folder, &newest, &costly, options());
        assert!(matches!(damage, Some(Damage::Costly { .. })), "{number} at {at}: {damage:?}");
    }
    let above = PassphraseCost { memory_kib: 262_145, passes: 1, lanes: 1 };
    assert!(matches!(Key::from_passphrase_at("x", above), Err(SaveError::Options(_))));
}

#[test]
fn a_wrong_key_is_told_from_damage_and_nothing_is_touched() {
    let (_disk, folder) = game::folder();
    let (newest, bytes) = two_generations(&folder, options());
    let files = game::files(&folder);
    for wrong in [Key::from_bytes([1; 32]), Key::from_passphrase("wrong")] {
        let mut file = folder.open::<Progress>("slot", SaveOptions::encrypted(wrong)).expect("it opens");
        assert!(matches!(file.load(), Err(SaveError::WrongKey { path }) if path == newest));
        assert!(matches!(file.save(&Progress::at(9)), Err(SaveError::WrongKey { .. })));
    }
    assert_eq!((game::files(&folder), fs::read(&newest).expect("it is there")), (files, bytes.clone()));
    // A newer one under another key is passed over, and kept.
    let (_other_disk, other) = game::folder();
    let mut file =
        other.open::<Progress>("slot", SaveOptions::encrypted(Key::from_bytes([1; 32]))).expect("it opens");
    (0..9).for_each(|level| drop(file.save(&Progress::at(level)).expect("it saves")));
    let foreign =
        fs::read(&other.inspect("slot").expect("it can be inspected")[0].path).expect("it is there");
    let damage = damage(&folder, &newest, &foreign, options());
    assert!(matches!(damage, Some(Damage::WrongKey)));
    // Also when it is not the newest any more.
    for level in 3..20 {
        let mut file = folder.open::<Progress>("slot", options()).expect("it opens");
        file.save(&Progress::at(level)).expect("it saves");
        assert_eq!(file.load().expect("it loads").value(), Some(Progress::at(level)));
    }
    assert_eq!(fs::read(newest).expect("it is there still"), foreign);
    assert_eq!(folder.inspect("slot").expect("it can be inspected").len(), 4);
}

#[test]
fn a_counter_at_its_end_costs_no_save() {
    let (_disk, folder) = game::folder();
    let mut file = folder.open::<Progress>("slot", options()).expect("it opens");
    assert!(matches!(file.load_since(u64::MAX), Err(SaveError::PutBack { .. })));
    assert!(matches!(file.save(&Progress::at(1)), Err(SaveError::Encode(_))), "nobody could read it");
    assert!(!folder.exists("slot").expect("it can be looked for"));
}

#[test]
fn a_readable_save_in_place_of_an_encrypted_one_is_not_believed() {
    let (_disk, folder) = game::folder();
    let (newest, _) = two_generations(&folder, options());
    let forged = b"netcord-save format=1 kind=maze.progress version=1 counter=99 time=0 bytes=2 line=";
    let line = xxh3_64(&forged[..forged.len() - 6]);
    let forged =
        [&forged[..], format!("{line:016x} body=edited\n{{\"level\":99,\"names\":[]}}").as_bytes()].concat();
    let damage = damage(&folder, &newest, &forged, options());
    assert!(matches!(damage, Some(Damage::NotEncrypted)), "{damage:?}");
}

#[test]
fn a_save_of_something_else_is_named_so() {
    thread_local!(static DECODED: Cell<bool> = const { Cell::new(false) });
    #[derive(serde::Serialize)]
    struct Settings {
        volume: u8,
    }
    impl<'de> serde::Deserialize<'de> for Settings {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            DECODED.set(true);
            u8::deserialize(deserializer).map(|volume| Self { volume })
        }
    }
    netcord_save::first_version!(Settings, "maze.settings");
    let (_disk, folder) = game::folder();
    two_generations(&folder, options());
    let mut file = folder.open::<Settings>("slot", options()).expect("it opens");
    match file.load() {
        Err(SaveError::NoneGood { lost }) => {
            assert!(matches!(&lost[0].damage, Damage::OtherKind { found } if found == "maze.progress"));
            assert!(lost.iter().all(|lost| lost.kept.is_none()), "they are good saves");
        }
        other => panic!("{:?}", other.map(|_| ())),
    }
    assert!(file.save(&Settings { volume: 7 }).is_err(), "they are not written over");
    assert!(!DECODED.get(), "nothing was decoded");
}

#[test]
fn a_key_shows_in_no_debug_output() {
    let shown = format!(
        "{:?} {:?} {:?} {:?}",
        Key::from_bytes(KEY),
        Protection::from(Key::from_passphrase("swordfish")),
        options(),
        game::folder().1.open::<Progress>("slot", options()).expect("it opens"),
    );
    assert!(!shown.contains("swordfish") && !shown.contains("97, 32"), "{shown}");
}
