//! How and when a resource is saved.

use core::time::Duration;
use netcord::save::{Key, SaveOptions};

/// How and when a resource is saved.
#[derive(Clone, Debug)]
pub struct PersistPolicy {
    pub(super) options: SaveOptions,
    pub(super) quiet: Duration,
    pub(super) at_most: Duration,
    pub(super) retry: Duration,
}

impl PersistPolicy {
    /// With these options of [`netcord::save`], and the defaults.
    pub fn new(options: SaveOptions) -> Self {
        Self {
            options,
            quiet: Duration::from_millis(500),
            at_most: Duration::from_secs(5),
            retry: Duration::from_secs(10),
        }
    }

    /// Encrypted, and the defaults.
    pub fn encrypted(key: Key) -> Self {
        Self::new(SaveOptions::encrypted(key))
    }

    /// Readable by eyes and editors, and the defaults.
    pub fn readable() -> Self {
        Self::new(SaveOptions::readable())
    }

    /// How long it must not have changed to be saved: 0.5 s by default. With none, every change is saved at the end of its
    /// frame.
    #[must_use]
    pub fn with_quiet(mut self, quiet: Duration) -> Self {
        self.quiet = quiet;
        self
    }

    /// How long after a change it is saved even if it changes all the time: 5 s by default. It is what a crash of the game
    /// can cost.
    #[must_use]
    pub fn with_at_most(mut self, at_most: Duration) -> Self {
        self.at_most = at_most;
        self
    }

    /// How long after a failure it is tried again: 10 s by default.
    #[must_use]
    pub fn with_retry(mut self, retry: Duration) -> Self {
        self.retry = retry;
        self
    }
}
