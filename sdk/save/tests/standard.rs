//! The test vectors of STANDARD.md, section 10, read from the page itself.

use netcord_save::{Key, PassphraseCost, Protection, SaveInfo, fuzzing};
use std::array;
use std::collections::BTreeMap;

const STANDARD: &str = include_str!("../../../STANDARD.md");

#[test]
fn every_vector_of_the_standard_holds() {
    let mut checked = BTreeMap::new();
    let section = STANDARD.split("\n## ").find(|section| section.starts_with("10. ")).expect("section 10");
    for (line, text) in section.lines().enumerate() {
        let Some((name, input, expected)) = vector(text) else { continue };
        assert_eq!(result(name, input), expected, "line {} of section 10: {text}", line + 1);
        *checked.entry(name).or_insert(0) += 1;
    }
    assert_eq!(checked.into_iter().collect::<Vec<_>>(), [("readable", 1), ("sealed", 2)]);
}

/// The parts of a line such as `    sealed(key) = 89 4e`.
fn vector(line: &str) -> Option<(&str, &str, &str)> {
    let (call, expected) = line.strip_prefix("    ")?.split_once(" = ")?;
    let (name, input) = call.strip_suffix(')')?.split_once('(')?;
    name.chars().all(|char| char.is_ascii_lowercase()).then_some((name, input, expected))
}

/// What the code makes of a vector's input.
fn result(name: &str, input: &str) -> String {
    let cost = PassphraseCost { memory_kib: 64, passes: 2, lanes: 2 };
    let (protection, payload) = match (name, input) {
        ("readable", json) => (Protection::Readable, json.as_bytes()),
        ("sealed", "key") => {
            (Key::from_bytes(array::from_fn(|at| 0x60 + at as u8)).into(), &[7, 2, 0x41, 0x42][..])
        }
        ("sealed", "passphrase") => {
            let key = Key::from_passphrase_at("swordfish", cost).expect("inside of the caps");
            (key.into(), &[7, 2, 0x41, 0x42][..])
        }
        _ => panic!("no vector {name}({input})"),
    };
    let info = SaveInfo {
        kind: "maze.progress".into(),
        version: 3,
        counter: 5,
        time: 1_800_000_000,
        encrypted: !matches!(protection, Protection::Readable),
        payload_bytes: payload.len() as u64,
    };
    let (salt, nonce) = (array::from_fn(|at| at as u8), array::from_fn(|at| 0x40 + at as u8));
    let bytes = fuzzing::write(&info, payload, &protection, salt, nonce).expect("it can be written");
    let read = fuzzing::read(&bytes, &protection, 100).expect("it can be read");
    assert_eq!(read, (info, payload.to_vec()));
    match protection {
        Protection::Readable => String::from_utf8(bytes).expect("text").replace('\n', "\\n"),
        Protection::Encrypted(_) => {
            bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
        }
    }
}
