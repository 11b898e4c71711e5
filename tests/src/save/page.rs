//! What is saved in tests of saves: a number, and bytes that follow from it, so that a mixture of two is seen.

use netcord::save::{Key, Protection, SaveOptions, first_version};
use netcord::wire::GameRng;
use netcord::wire::serde::{Deserialize, Serialize};

/// A save that knows which it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "netcord::wire::serde")]
pub struct Page {
    /// Which save it is: each is the one before and 1.
    pub number: u64,
    bytes: Vec<u8>,
}

impl Page {
    /// The page of that number, with so many bytes.
    pub fn new(number: u64, bytes: usize) -> Self {
        let mut rng = GameRng::new(number);
        Self { number, bytes: (0..bytes).map(|_| rng.next_u64() as u8).collect() }
    }

    /// Whether it is a page that somebody made, and not parts of several.
    pub fn is_whole(&self) -> bool {
        *self == Self::new(self.number, self.bytes.len())
    }
}

first_version!(Page, "torture");

/// Options with one of some protections: 0 is readable, the others are keys.
pub fn options(protection: u8) -> SaveOptions {
    match protection {
        0 => SaveOptions::readable(),
        key => SaveOptions::encrypted(Key::from_bytes([key; 32])),
    }
}

/// The protection of [`options`].
pub fn protection(number: u8) -> Protection {
    options(number).protection
}
