//! The target of save files: headers, containers, and what is behind a checksum.

use super::script::Script;
use netcord::save::{Damage, Key, PassphraseCost, Protection, SaveInfo, fuzzing};
use netcord::wire::GameRng;
use std::sync::LazyLock;
use xxhash_rust::xxh3::xxh3_64;

const LIMIT: usize = 1 << 16;
const MAGIC: &[u8] = b"\x89NCS\r\n\x1a\n";

/// The same key for every input: to derive is most of the work.
static KEY: LazyLock<Protection> = LazyLock::new(|| Key::from_bytes([7; 32]).into());

/// A file as it is; and its parts under checksums that fit, as somebody makes who changes a save on purpose.
pub(super) fn file(bytes: &[u8]) {
    check(bytes);
    let mut script = Script(bytes);
    let header = script.chunk().to_vec();
    let mut forged =
        [MAGIC, &1_u16.to_le_bytes(), &(header.len() as u16 + 20).to_le_bytes(), &header].concat();
    forged.extend_from_slice(&xxh3_64(&forged).to_le_bytes());
    forged.extend_from_slice(script.0);
    forged.extend_from_slice(&xxh3_64(script.0).to_le_bytes());
    check(&forged);
    let line = String::from_utf8_lossy(&header);
    let line = format!("netcord-save {line}");
    let body = xxh3_64(script.0);
    let line = format!("{line} line={:016x} body={body:016x}\n", xxh3_64(line.as_bytes()));
    check(&[line.as_bytes(), script.0].concat());
}

fn check(bytes: &[u8]) {
    let claimed = fuzzing::inspect(bytes);
    for protection in [&Protection::Readable, &*KEY] {
        match (fuzzing::read(bytes, protection, LIMIT), &claimed) {
            (Ok((info, payload)), Ok(claimed)) => {
                assert!(payload.len() <= LIMIT);
                assert_eq!(info.payload_bytes, payload.len() as u64);
                assert_eq!((&info.kind, info.counter), (&claimed.kind, claimed.counter));
                rewrite(&info, &payload, protection);
            }
            (Ok(_), Err(damage)) => panic!("read, but its header is bad: {damage}"),
            (Err(_), _) => {}
        }
    }
}

/// What was read can be written, and read again; with one bit changed, it can't, or is another readable save.
fn rewrite(info: &SaveInfo, payload: &[u8], protection: &Protection) {
    let mut bytes = fuzzing::write(info, payload, protection, [1; 16], [2; 24]).expect("it was read");
    let (again, same) = fuzzing::read(&bytes, protection, LIMIT).expect("it was written");
    assert_eq!((&again, same.as_slice()), (info, payload));
    let bit = GameRng::new(xxh3_64(payload)).below(8 * bytes.len() as u32) as usize;
    bytes[bit / 8] ^= 1 << (bit % 8);
    match fuzzing::read(&bytes, protection, LIMIT) {
        Err(Damage::Tampered | Damage::WrongKey | Damage::Costly { .. }) => {
            panic!("an accident is no attack")
        }
        Err(_) => {}
        Ok(_) => panic!("bit {bit} changed, and nobody saw"),
    }
}

/// Genuine saves, and their parts as [`file`] takes them to forge others.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    let cost = PassphraseCost { memory_kib: 8, passes: 1, lanes: 1 };
    let passphrase = Key::from_passphrase_at("swordfish", cost).expect("inside of the caps").into();
    let mut seeds = Vec::new();
    for (protection, payload) in [
        (&*KEY, &b""[..]),
        (&*KEY, &b"some payload"[..]),
        (&passphrase, &b"some payload"[..]),
        (&Protection::Readable, &b"{\"level\": 7}"[..]),
    ] {
        let info = SaveInfo {
            kind: "maze.progress".into(),
            version: 3,
            counter: 70_000,
            time: 1_800_000_000,
            encrypted: !matches!(protection, Protection::Readable),
            payload_bytes: payload.len() as u64,
        };
        let bytes = fuzzing::write(&info, payload, protection, [5; 16], [6; 24]).expect("it can be written");
        let parts = match bytes.iter().position(|&byte| byte == b'\n') {
            Some(line) if !info.encrypted => {
                let end = bytes.windows(6).position(|part| part == b" line=").unwrap_or(line);
                (bytes[13..end].to_vec(), bytes[line + 1..].to_vec())
            }
            _ => {
                let header = usize::from(u16::from_le_bytes([bytes[10], bytes[11]]));
                (bytes[12..header - 8].to_vec(), bytes[header..bytes.len() - 8].to_vec())
            }
        };
        let mut script = Vec::new();
        super::script::write_chunk(&mut script, &parts.0);
        script.extend_from_slice(&parts.1);
        seeds.extend([bytes, script]);
    }
    seeds
}
