//! The lock of a save.

use crate::SaveError;
use crate::generations::Place;
use std::any::Any;
use std::fmt;
use std::io;
use std::time::Duration;

/// Keeps other copies of the game, and other tools, from opening a save, until it is dropped or the process ends.
///
/// The lock file stays where it is: to remove it would let two processes hold two locks of one name.
pub struct SaveLock(#[expect(dead_code, reason = "held, not used")] Box<dyn Any + Send + Sync>);

impl SaveLock {
    pub(crate) fn take(place: &Place, wait: Duration) -> Result<Self, SaveError> {
        let path = place.path(place.name.lock());
        match place.environment.lock(&path, wait) {
            Ok(lock) => Ok(Self(lock)),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                // It has the number of the process on Unix; Windows does not let us read a locked file.
                let holder = place.environment.read(&path, 16).ok();
                let holder = holder.and_then(|(text, _)| String::from_utf8(text).ok()?.trim().parse().ok());
                Err(SaveError::Locked { path, holder })
            }
            Err(error) => Err(SaveError::io("lock", path, error)),
        }
    }
}

impl fmt::Debug for SaveLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SaveLock")
    }
}
