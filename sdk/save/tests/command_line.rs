//! The program behind `cargo xtask save`.

mod game;

use game::{KEY, Progress, options};
use netcord_save::{Key, PassphraseCost, SaveOptions};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn run(arguments: &[&str], file: &Path, environment: &[(&str, &str)]) -> (bool, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_netcord-save"));
    command.args(arguments).arg(file).envs(environment.iter().copied());
    let Output { status, stdout, stderr } = command.output().expect("it starts");
    (status.success(), String::from_utf8_lossy(&[stdout, stderr].concat()).into_owned())
}

#[test]
fn a_save_is_inspected_without_its_key_and_verified_and_exported_with_it() {
    let (disk, folder) = game::folder();
    let mut file = folder.open::<Progress>("slot", options()).expect("it opens");
    file.save(&Progress::at(2)).expect("it saves");
    let path = disk.path().join("slot.0.save");
    let (is_good, said) = run(&["inspect"], &path, &[]);
    assert!(
        is_good && said.contains("maze.progress version 1, encrypted, 10 bytes of payload, save number 1"),
        "{said}"
    );
    let (is_good, said) = run(&["verify"], &path, &[]);
    assert!(!is_good && said.contains("it is encrypted"), "{said}");
    let key: String = KEY.iter().map(|byte| format!("{byte:02x}")).collect();
    let (is_good, said) = run(&["verify"], &path, &[("NETCORD_SAVE_KEY", &key)]);
    assert!(is_good && said.contains("whole and genuine"), "{said}");
    let key_file = disk.path().join("key");
    fs::write(&key_file, KEY).expect("it can be written");
    let (is_good, said) = run(&["export", "--key-file", key_file.to_str().expect("text")], &path, &[]);
    assert!(is_good && said == "\u{2}\u{2}\u{3}Ann\u{3}Ann", "{said:?}");
    fs::write(&key_file, [0; 32]).expect("it can be written");
    let (is_good, said) = run(&["export", "--key-file", key_file.to_str().expect("text")], &path, &[]);
    assert!(!is_good && said.contains("the passphrase or key does not fit"), "{said}");
    let mut bytes = fs::read(&path).expect("it is there");
    bytes.pop();
    fs::write(&path, bytes).expect("it can be cut off");
    let (is_good, said) = run(&["verify"], &path, &[("NETCORD_SAVE_KEY", &key)]);
    assert!(!is_good && said.contains("it is cut off"), "{said}");
}

#[test]
fn a_passphrase_comes_from_a_file_and_a_readable_save_needs_none() {
    let (disk, folder) = game::folder();
    let cheap = PassphraseCost { memory_kib: 8, passes: 1, lanes: 1 };
    let key = Key::from_passphrase_at("swordfish", cheap).expect("inside of the caps");
    let mut file = folder.open::<Progress>("slot", SaveOptions::encrypted(key)).expect("it opens");
    file.save(&Progress::at(2)).expect("it saves");
    let passphrase = disk.path().join("passphrase");
    fs::write(&passphrase, "swordfish\n").expect("it can be written");
    let arguments = ["verify", "--passphrase-file", passphrase.to_str().expect("text")];
    let (is_good, said) = run(&arguments, &disk.path().join("slot.0.save"), &[]);
    assert!(is_good, "{said}");
    let mut file = folder.open::<Progress>("settings", SaveOptions::readable()).expect("it opens");
    file.save(&Progress::at(1)).expect("it saves");
    let (is_good, said) = run(&["export"], &disk.path().join("settings.0.save"), &[]);
    assert!(is_good && said.starts_with("{\n  \"level\": 1,"), "{said}");
}
