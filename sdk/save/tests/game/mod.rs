//! A game with a save, and a folder for it.
#![allow(dead_code, reason = "each test uses some of it")]

use netcord_save::{Key, SaveFolder, SaveOptions, first_version};
use serde::{Deserialize, Serialize};
use std::fs;
use tempfile::TempDir;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Progress {
    pub(crate) level: u8,
    pub(crate) names: Vec<String>,
}

impl Progress {
    pub(crate) fn at(level: u8) -> Self {
        Self { level, names: vec!["Ann".into(); level.into()] }
    }
}

first_version!(Progress, "maze.progress");

pub(crate) const KEY: [u8; 32] = *b"a key for tests, known to us all";

pub(crate) fn options() -> SaveOptions {
    SaveOptions::encrypted(Key::from_bytes(KEY))
}

/// A folder that is gone when the first value is dropped.
pub(crate) fn folder() -> (TempDir, SaveFolder) {
    let disk = tempfile::tempdir().expect("there is a disk");
    let folder = SaveFolder::at(disk.path()).expect("a folder");
    (disk, folder)
}

pub(crate) fn files(folder: &SaveFolder) -> Vec<String> {
    let entries = fs::read_dir(folder.path()).expect("the folder is there");
    entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("text")).collect()
}
