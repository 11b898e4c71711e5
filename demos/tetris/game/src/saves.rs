//! Where the program keeps its files, and the key that they are encrypted with.

use netcord_save::Key;
#[cfg(feature = "window")]
use netcord_save::{SaveError, SaveFolder};
#[cfg(feature = "window")]
use std::path::Path;

/// It stands in the program for all to read: it keeps a highscore from being made with an editor, not from being made.
/// What nobody may forge is judged by a server, from the replay.
const KEY: [u8; 32] = *b"seven pieces fall on ten columns";

/// The key of all files.
pub(crate) fn key() -> Key {
    Key::from_bytes(KEY)
}

/// Where the platform has a game's saves: domain, studio and game.
#[cfg(feature = "window")]
pub(crate) const OF_GAME: [&str; 3] = ["com", "netcord", "Tetris"];

/// The folder at `path`, or else where the platform has a game's saves.
#[cfg(feature = "window")]
pub(crate) fn folder(path: Option<&Path>) -> Result<SaveFolder, SaveError> {
    let [domain, studio, game] = OF_GAME;
    path.map_or_else(|| SaveFolder::of_game(domain, studio, game), SaveFolder::at)
}
