//! What the game is told of its saves.

use bevy_ecs::prelude::*;
use core::time::Duration;
use netcord::save::{Lost, SaveError, SaveInfo};

/// A change is on the disk, and outlives a power cut.
#[derive(Message, Clone, Debug)]
pub struct Saved {
    /// The name of the save.
    pub name: String,
    /// What its header says.
    pub info: SaveInfo,
}

/// Files of a save were damaged, and were set aside. The newest good one was loaded; if there was none, the resource has its
/// default. The player may want to know what is missing.
#[derive(Message, Debug)]
pub struct Recovered {
    /// The name of the save.
    pub name: String,
    /// What could not be read, and where it is now.
    pub lost: Vec<Lost>,
}

/// A save could not be loaded, or not be saved. The text of the error is for the player.
#[derive(Message, Debug)]
pub struct SaveFailed {
    /// The name of the save.
    pub name: String,
    /// What failed.
    pub error: SaveError,
    /// When it is tried again by itself. `None`: not before the game asks for it.
    pub retry_in: Option<Duration>,
}
