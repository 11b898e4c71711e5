//! The test vectors of STANDARD.md, section 11, read from the page itself. They were made by another implementation of
//! ed25519 and SHA-256, from the rules of the RFCs.

use netcord_scores::identity::PlayerKey;
use netcord_scores::model::UnixTime;
use netcord_scores::signing::{Target, sign, verify};
use std::array;
use std::collections::BTreeMap;

const STANDARD: &str = include_str!("../../../STANDARD.md");

#[test]
fn every_vector_of_the_standard_holds() {
    let mut checked = BTreeMap::new();
    let section = STANDARD.split("\n## ").find(|section| section.starts_with("11. ")).expect("section 11");
    for (line, text) in section.lines().enumerate() {
        let Some((name, input, expected)) = vector(text) else { continue };
        assert_eq!(result(name, input), expected, "line {} of section 11: {text}", line + 1);
        *checked.entry(name).or_insert(0) += 1;
    }
    assert_eq!(checked.into_iter().collect::<Vec<_>>(), [("digest", 2), ("input", 1), ("signature", 2)]);
}

/// The parts of a line such as `    digest(GET host /path ? ) = sha-256=:…:`.
fn vector(line: &str) -> Option<(&str, &str, &str)> {
    let (call, expected) = line.strip_prefix("    ")?.split_once(") = ")?;
    let (name, input) = call.split_once('(')?;
    name.chars().all(|char| char.is_ascii_lowercase()).then_some((name, input, expected))
}

/// What the code makes of a vector's input.
fn result(name: &str, input: &str) -> String {
    let parts: Vec<_> = input.splitn(5, ' ').collect();
    let [method, authority, path, query, body] = parts[..] else { panic!("{input} has no five parts") };
    let query = query.strip_prefix('?').filter(|query| !query.is_empty());
    let target = Target { method, authority, path, query, body: body.as_bytes() };
    let key = PlayerKey::from_bytes(&array::from_fn(|at| 0x60 + at as u8));
    let nonce = array::from_fn(|at| at as u8);
    let headers = sign(&key, &target, UnixTime::from_millis(1_800_000_000_999), nonce);
    let signed = verify(&headers.as_deref(), &target).expect("signed");
    assert_eq!((signed.player, signed.nonce), (key.id(), nonce));
    match name {
        "digest" => headers.content_digest,
        "input" => headers.signature_input,
        "signature" => headers.signature,
        _ => panic!("no vector {name}"),
    }
}
