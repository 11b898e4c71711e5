//! The header of an encrypted save. STANDARD.md, section 10.2.

use super::{Derivation, HIGHEST_COUNTER, Kdf, LONGEST_HEADER, SaveInfo, is_kind};
use crate::{Damage, PassphraseCost};
use xxhash_rust::xxh3::xxh3_64;

/// A byte that no text has, a name, and the line ends that transfers as text change: as PNG does it.
pub(super) const MAGIC: &[u8] = b"\x89NCS\r\n\x1a\n";

/// All of the header but its kind.
const FIXED: usize = PREFIX + 4 + 8 + 8 + 1 + 12 + 16 + 16 + 24 + 8 + 1 + CHECKSUM;

/// Magic, format, length: the same in every format, as is the checksum at the end.
const PREFIX: usize = 12;
const CHECKSUM: usize = 8;

/// The version of the container.
pub(crate) const FORMAT: u16 = 1;

/// The header as typed values.
pub(super) struct Header {
    pub(super) info: SaveInfo,
    pub(super) derivation: Derivation,
    pub(super) key_check: [u8; 16],
    pub(super) nonce: [u8; 24],
}

impl Header {
    /// The header's bytes, which are the associated data of what follows.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let length = FIXED.saturating_add(self.info.kind.len());
        let mut bytes = Vec::with_capacity(length);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&FORMAT.to_le_bytes());
        bytes.extend_from_slice(&(length as u16).to_le_bytes());
        bytes.extend_from_slice(&self.info.version.to_le_bytes());
        bytes.extend_from_slice(&self.info.counter.to_le_bytes());
        bytes.extend_from_slice(&self.info.time.to_le_bytes());
        let (kdf, cost) = match self.derivation.kdf {
            Kdf::Given => (0, PassphraseCost { memory_kib: 0, passes: 0, lanes: 0 }),
            Kdf::Argon2id(cost) => (1, cost),
        };
        bytes.push(kdf);
        for number in [cost.memory_kib, cost.passes, cost.lanes] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        bytes.extend_from_slice(&self.derivation.salt);
        bytes.extend_from_slice(&self.key_check);
        bytes.extend_from_slice(&self.nonce);
        bytes.extend_from_slice(&self.info.payload_bytes.to_le_bytes());
        bytes.push(self.info.kind.len() as u8);
        bytes.extend_from_slice(self.info.kind.as_bytes());
        let checksum = xxh3_64(&bytes);
        bytes.extend_from_slice(&checksum.to_le_bytes());
        bytes
    }
}

/// Reads the header that `bytes` begin with, and how long it is.
pub(super) fn read(bytes: &[u8]) -> Result<(Header, usize), Damage> {
    let mut prefix = Fields(bytes);
    if prefix.take::<8>().is_none_or(|magic| magic != MAGIC) {
        // Cut off inside of the magic, as after a power cut.
        return Err(if MAGIC.starts_with(bytes) { Damage::Truncated } else { Damage::NotASave });
    }
    let format = prefix.take().map(u16::from_le_bytes).ok_or(Damage::Truncated)?;
    let length = prefix.take().map(u16::from_le_bytes).map(usize::from).ok_or(Damage::Truncated)?;
    if length > LONGEST_HEADER {
        return Err(Damage::Header);
    }
    let checked = length.checked_sub(CHECKSUM).filter(|&length| length >= PREFIX).ok_or(Damage::Header)?;
    let (checked, rest) = bytes.split_at_checked(checked).ok_or(Damage::Truncated)?;
    let checksum = Fields(rest).take().map(u64::from_le_bytes).ok_or(Damage::Truncated)?;
    if xxh3_64(checked) != checksum {
        return Err(Damage::Header);
    }
    if format != FORMAT {
        return Err(Damage::NewerFormat { found: format });
    }
    // The checksum is right: what is wrong from here on was written so.
    let fields = checked.get(PREFIX..).unwrap_or_default();
    Ok((parse(Fields(fields))?.ok_or(Damage::Header)?, length))
}

fn parse(mut fields: Fields<'_>) -> Result<Option<Header>, Damage> {
    let Some(header) = fields.header() else { return Ok(None) };
    let Kdf::Argon2id(cost) = header.derivation.kdf else { return Ok(Some(header)) };
    if cost.is_payable() { Ok(Some(header)) } else { Err(Damage::Costly { cost }) }
}

/// Bytes that were not looked at yet.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    /// Everything after the length of the header and before its checksum, to the last byte.
    fn header(&mut self) -> Option<Header> {
        let version = self.take().map(u32::from_le_bytes)?;
        let counter = self.take().map(u64::from_le_bytes)?;
        let time = self.take().map(u64::from_le_bytes)?;
        let [kdf] = self.take()?;
        let memory_kib = self.take().map(u32::from_le_bytes)?;
        let passes = self.take().map(u32::from_le_bytes)?;
        let lanes = self.take().map(u32::from_le_bytes)?;
        let kdf = match (kdf, memory_kib, passes, lanes) {
            (0, 0, 0, 0) => Kdf::Given,
            (1, ..) => Kdf::Argon2id(PassphraseCost { memory_kib, passes, lanes }),
            _ => return None,
        };
        let (salt, key_check, nonce) = (self.take()?, self.take()?, self.take()?);
        let payload_bytes = self.take().map(u64::from_le_bytes)?;
        let [kind_length] = self.take()?;
        let kind = std::str::from_utf8(self.0).ok().filter(|kind| is_kind(kind))?.to_owned();
        if kind.len() != usize::from(kind_length) || counter > HIGHEST_COUNTER {
            return None;
        }
        let info = SaveInfo { kind, version, counter, time, encrypted: true, payload_bytes };
        Some(Header { info, derivation: Derivation { kdf, salt }, key_check, nonce })
    }
}
