//! The bytes of a save: a header that anybody can read, and a payload. STANDARD.md, section 10. Knows keys, no files and
//! no types of games.
//!
//! Nothing of a payload is looked at before it is authenticated, or, in a readable save, before its checksum is compared.

#![deny(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod header;
mod plain;
mod sealed;

pub(crate) use header::FORMAT;

use crate::data::Decode;
use crate::key::{Derivation, Kdf, Key};
use crate::{Damage, SaveError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

/// The header of either container fits in so many bytes.
pub(crate) const LONGEST_HEADER: usize = 320;

/// What containers add to a payload, at most.
pub(crate) const OVERHEAD: usize = LONGEST_HEADER + 24;

/// What a header says. Until the payload is authenticated, it is a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaveInfo {
    /// Which game, and what of it: [`SaveData::KIND`](crate::SaveData::KIND).
    pub kind: String,
    /// The version of the type: [`SaveData::VERSION`](crate::SaveData::VERSION).
    pub version: u32,
    /// How many times it was saved: rises by 1 or more with each save, through every generation.
    pub counter: u64,
    /// When, in seconds since 1970 by the clock of the machine that saved it.
    pub time: u64,
    /// Whether it is encrypted.
    pub encrypted: bool,
    /// Bytes of the payload: of the value as it is encoded.
    pub payload_bytes: u64,
}

/// A counter above this is nobody's: no game saves so often.
const HIGHEST_COUNTER: u64 = 1 << 62;

/// What protects a save.
#[derive(Clone, Debug)]
pub enum Protection {
    /// Nothing: it is JSON below a line of text. Its checksum finds damage; whoever wants to change it can.
    Readable,
    /// The key: it can't be read or changed without.
    Encrypted(Key),
}

impl From<Key> for Protection {
    fn from(key: Key) -> Self {
        Self::Encrypted(key)
    }
}

/// A payload that is authentic, or of a readable save whose checksum is right.
pub(crate) enum Payload {
    Bincode(Zeroizing<Vec<u8>>),
    Json(Vec<u8>),
}

impl Payload {
    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Self::Bincode(bytes) => bytes,
            Self::Json(bytes) => bytes,
        }
    }

    /// `value`, as `protection` has it.
    pub(crate) fn encode<T: Serialize>(
        value: &T,
        protection: &Protection,
        limit: usize,
    ) -> Result<Self, SaveError> {
        match protection {
            Protection::Encrypted(_) => {
                Ok(Self::Bincode(Zeroizing::new(netcord_wire::codec::file::encode(value, limit)?)))
            }
            Protection::Readable => {
                let mut json =
                    serde_json::to_vec_pretty(value).map_err(|error| SaveError::Encode(error.to_string()))?;
                json.push(b'\n');
                if json.len() > limit {
                    return Err(SaveError::Encode(format!("it takes more than {limit} bytes")));
                }
                Ok(Self::Json(json))
            }
        }
    }
}

/// A payload with its version, for an error that names it.
pub(crate) struct Versioned<'a> {
    pub(crate) payload: &'a Payload,
    pub(crate) version: u32,
}

impl Decode for Versioned<'_> {
    fn decode<T: DeserializeOwned>(&self) -> Result<T, SaveError> {
        let undecodable = |why: String| SaveError::Undecodable { version: self.version, why };
        match self.payload {
            Payload::Bincode(bytes) => netcord_wire::codec::file::decode(bytes, bytes.len())
                .map_err(|error| undecodable(error.to_string())),
            Payload::Json(bytes) => {
                serde_json::from_slice(bytes).map_err(|error| undecodable(error.to_string()))
            }
        }
    }
}

/// Reads the header of a save of which `bytes` are the beginning: of either kind, without a key.
pub(crate) fn inspect(bytes: &[u8]) -> Result<SaveInfo, Damage> {
    if bytes.starts_with(plain::MAGIC) {
        Ok(plain::read_header(bytes)?.info)
    } else {
        Ok(header::read(bytes)?.0.info)
    }
}

/// The whole save as bytes.
///
/// # Errors
/// [`SaveError::Memory`].
pub(crate) fn write(
    info: &SaveInfo,
    payload: Payload,
    protection: &Protection,
    fresh: Fresh,
) -> Result<Vec<u8>, SaveError> {
    match (payload, protection) {
        (Payload::Bincode(payload), Protection::Encrypted(key)) => sealed::write(info, payload, key, fresh),
        (Payload::Json(json), Protection::Readable) => Ok(plain::write(info, &json)),
        _ => Err(SaveError::Options("a payload of the other kind")),
    }
}

/// Randomness for one save.
pub(crate) struct Fresh {
    pub(crate) salt: [u8; 16],
    pub(crate) nonce: [u8; 24],
}

/// Reads a whole save: its header and its payload, once that is authenticated.
///
/// # Errors
/// [`SaveError::Memory`]; [`Damage`] inside of the `Ok`, as a damaged save is a result.
pub(crate) fn read(
    bytes: Vec<u8>,
    protection: &Protection,
    limit: usize,
) -> Result<Result<(SaveInfo, Payload), Damage>, SaveError> {
    match (protection, bytes.starts_with(plain::MAGIC)) {
        (Protection::Readable, true) => Ok(plain::read(&bytes, limit)),
        (Protection::Encrypted(key), false) => sealed::read(bytes, key, limit),
        (Protection::Encrypted(_), true) => Ok(Err(Damage::NotEncrypted)),
        (Protection::Readable, false) => Ok(header::read(&bytes).and(Err(Damage::Encrypted))),
    }
}

/// Whether `text` is what a kind has to be.
pub(crate) const fn is_kind(text: &str) -> bool {
    let mut rest = text.as_bytes();
    while let [first, others @ ..] = rest {
        if !matches!(first, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.') {
            return false;
        }
        rest = others;
    }
    !text.is_empty() && text.len() <= 64
}
