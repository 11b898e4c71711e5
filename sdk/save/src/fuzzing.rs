//! The container as bytes in and bytes out, for fuzzing and for the vectors of STANDARD.md.

use crate::container::{self, Fresh, Payload};
use crate::{Damage, Protection, SaveError, SaveInfo};
use zeroize::Zeroizing;

/// What a header claims.
pub fn inspect(bytes: &[u8]) -> Result<SaveInfo, Damage> {
    container::inspect(bytes)
}

/// A whole save: its header and its payload.
pub fn read(bytes: &[u8], protection: &Protection, limit: usize) -> Result<(SaveInfo, Vec<u8>), Damage> {
    let read = container::read(bytes.to_vec(), protection, limit).map_err(|_| Damage::WrongKey)?;
    read.map(|(info, payload)| (info, payload.bytes().to_vec()))
}

/// The bytes of a save with this payload, salt and nonce.
pub fn write(
    info: &SaveInfo,
    payload: &[u8],
    protection: &Protection,
    salt: [u8; 16],
    nonce: [u8; 24],
) -> Result<Vec<u8>, SaveError> {
    let payload = match protection {
        Protection::Readable => Payload::Json(payload.to_vec()),
        Protection::Encrypted(_) => Payload::Bincode(Zeroizing::new(payload.to_vec())),
    };
    container::write(info, payload, protection, Fresh { salt, nonce })
}
