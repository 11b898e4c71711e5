//! Encrypted saves: header, payload under XChaCha20-Poly1305, checksum. STANDARD.md, section 10.2.

use super::header::{self, Header};
use super::{Fresh, Payload, SaveInfo};
use crate::key::Key;
use crate::{Damage, SaveError};
use chacha20poly1305::{AeadInOut as _, KeyInit as _, XChaCha20Poly1305};
use xxhash_rust::xxh3::xxh3_64;
use zeroize::Zeroizing;

/// Bytes after the encrypted payload: its tag and the checksum of both.
const TAG: usize = 16;
const CHECKSUM: usize = 8;

pub(super) fn write(
    info: &SaveInfo,
    mut payload: Zeroizing<Vec<u8>>,
    key: &Key,
    fresh: Fresh,
) -> Result<Vec<u8>, SaveError> {
    let derivation = key.derivation(fresh.salt);
    let derived =
        key.derive(&derivation)?.ok_or(SaveError::Options("a derivation for another kind of key"))?;
    let info = SaveInfo { encrypted: true, payload_bytes: payload.len() as u64, ..info.clone() };
    let header = Header { info, derivation, key_check: derived.check, nonce: fresh.nonce };
    let mut bytes = header.to_bytes();
    let tag = XChaCha20Poly1305::new((&*derived.seal).into())
        .encrypt_inout_detached(&header.nonce.into(), &bytes, payload.as_mut_slice().into())
        .map_err(|_| SaveError::Encode("it takes more than 256 GiB".into()))?;
    let start = bytes.len();
    bytes.reserve_exact(payload.len().saturating_add(TAG + CHECKSUM));
    bytes.extend_from_slice(&payload);
    bytes.extend_from_slice(&tag);
    let checksum = xxh3_64(bytes.get(start..).unwrap_or_default());
    bytes.extend_from_slice(&checksum.to_le_bytes());
    Ok(bytes)
}

/// Takes the save apart, cheapest check first: no passphrase is tried on a file that is cut off.
pub(super) fn read(
    bytes: Vec<u8>,
    key: &Key,
    limit: usize,
) -> Result<Result<(SaveInfo, Payload), Damage>, SaveError> {
    let (header, start, length) = match parts(&bytes, limit) {
        Ok(parts) => parts,
        Err(damage) => return Ok(Err(damage)),
    };
    let Some(derived) = key.derive(&header.derivation)? else { return Ok(Err(Damage::WrongKey)) };
    // Both are public: there is nothing to be learnt of the time that this takes.
    if derived.check != header.key_check {
        return Ok(Err(Damage::WrongKey));
    }
    let mut rest = Zeroizing::new(bytes);
    let Some((associated, sealed)) = rest.split_at_mut_checked(start) else {
        return Ok(Err(Damage::Truncated));
    };
    let Some((payload, tag)) = sealed.split_at_mut_checked(length) else { return Ok(Err(Damage::Truncated)) };
    let Some(tag) = tag.first_chunk::<TAG>() else { return Ok(Err(Damage::Truncated)) };
    let opened = XChaCha20Poly1305::new((&*derived.seal).into()).decrypt_inout_detached(
        &header.nonce.into(),
        associated,
        payload.into(),
        tag.into(),
    );
    if opened.is_err() {
        return Ok(Err(Damage::Tampered));
    }
    rest.drain(..start);
    rest.truncate(length);
    Ok(Ok((header.info, Payload::Bincode(rest))))
}

/// The header, where the payload starts, and how long it is. All of it is there, and the checksums are right.
fn parts(bytes: &[u8], limit: usize) -> Result<(Header, usize, usize), Damage> {
    let (header, start) = header::read(bytes)?;
    let length = usize::try_from(header.info.payload_bytes).ok().filter(|&length| length <= limit);
    let length = length.ok_or(Damage::TooLarge { limit })?;
    let rest = bytes.get(start..).ok_or(Damage::Truncated)?;
    let sealed = rest.get(..length.saturating_add(TAG)).ok_or(Damage::Truncated)?;
    let checksum: [u8; CHECKSUM] = match rest.get(sealed.len()..) {
        Some(end) if end.len() < CHECKSUM => return Err(Damage::Truncated),
        Some(end) => end.try_into().map_err(|_| Damage::Trailing)?,
        None => return Err(Damage::Truncated),
    };
    if xxh3_64(sealed) != u64::from_le_bytes(checksum) {
        return Err(Damage::Payload);
    }
    Ok((header, start, length))
}
