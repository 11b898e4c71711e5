//! Looks into a single file that a player sent, without the game's types.

use crate::container::{self, LONGEST_HEADER, OVERHEAD, Protection, SaveInfo};
use crate::environment::{Environment as _, System};
use crate::{Inspected, SaveError};
use std::path::Path;

/// What can be seen of a file without its key. Nobody has checked what it claims.
///
/// # Errors
/// What the file system says. That it is no save stands in [`Inspected::header`].
pub fn inspect(path: &Path) -> Result<Inspected, SaveError> {
    let read = System.read(path, LONGEST_HEADER);
    let (front, bytes) = read.map_err(|source| SaveError::Io { doing: "read", path: path.into(), source })?;
    Ok(Inspected { path: path.into(), bytes, header: container::inspect(&front) })
}

/// Checks a file of at most `limit` bytes of payload, and returns the payload as it was encoded: bincode of the value if it
/// was encrypted, and JSON if it is readable.
///
/// # Errors
/// [`SaveError::Damaged`], which names what is wrong; [`SaveError::WrongKey`]; what the file system says.
pub fn open(path: &Path, protection: &Protection, limit: usize) -> Result<(SaveInfo, Vec<u8>), SaveError> {
    let read = System.read(path, limit.saturating_add(OVERHEAD));
    let (bytes, _) = read.map_err(|source| SaveError::Io { doing: "read", path: path.into(), source })?;
    match container::read(bytes, protection, limit)? {
        Ok((info, payload)) => Ok((info, payload.bytes().to_vec())),
        Err(crate::Damage::WrongKey) => Err(SaveError::WrongKey { path: path.into() }),
        Err(damage) => Err(SaveError::Damaged { path: path.into(), damage }),
    }
}
