//! A save that is opened when it is needed. It waits for the disk: apart from the first load, only the worker calls it.

use super::{Location, Persistent};
use netcord::save::{Loaded, SaveError, SaveFile, SaveInfo, SaveOptions};

/// A save, open or not.
pub(super) struct Slot<T> {
    location: Location,
    name: String,
    options: SaveOptions,
    file: Option<SaveFile<T>>,
}

impl<T: Persistent> Slot<T> {
    pub(super) fn new(location: Location, name: &str, options: SaveOptions) -> Self {
        Self { location, name: name.into(), options, file: None }
    }

    pub(super) fn load(&mut self) -> Result<Loaded<T>, SaveError> {
        self.with_file(SaveFile::load)
    }

    pub(super) fn save(&mut self, value: &T) -> Result<SaveInfo, SaveError> {
        self.with_file(|file| file.save(value))
    }

    pub(super) fn start_over(&mut self, value: &T) -> Result<SaveInfo, SaveError> {
        self.with_file(|file| {
            file.set_aside()?;
            file.save(value)
        })
    }

    fn with_file<O>(
        &mut self,
        act: impl FnOnce(&mut SaveFile<T>) -> Result<O, SaveError>,
    ) -> Result<O, SaveError> {
        let file = match &mut self.file {
            Some(file) => file,
            closed => closed.insert(self.location.open()?.open(&self.name, self.options.clone())?),
        };
        let done = act(file);
        if matches!(done, Err(SaveError::FolderGone { .. })) {
            // It may come back, or be made anew.
            self.file = None;
        }
        done
    }
}
