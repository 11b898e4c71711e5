//! A folder of saves.

use crate::container::SaveInfo;
use crate::environment::{Environment, System};
use crate::generations::Place;
use crate::lock::SaveLock;
use crate::name::SaveName;
use crate::{Damage, SaveData, SaveError, SaveFile, SaveOptions};
use etcetera::app_strategy::{AppStrategy as _, AppStrategyArgs, choose_native_strategy};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// A folder with saves in it, each under a name.
#[derive(Clone, Debug)]
pub struct SaveFolder {
    environment: Arc<dyn Environment>,
    path: PathBuf,
}

/// One generation of a save, as it looks from outside.
#[derive(Debug)]
pub struct Inspected {
    /// The file.
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// What its header claims. Nobody has checked that; it takes the key.
    pub header: Result<SaveInfo, Damage>,
}

impl SaveFolder {
    /// The folder at `path`, made if it is not there.
    ///
    /// # Errors
    /// What the file system says.
    pub fn at(path: impl Into<PathBuf>) -> Result<Self, SaveError> {
        Self::in_environment(Arc::new(System), path)
    }

    /// The folder in which the platform wants a game's saves:
    ///
    /// | | |
    /// |---|---|
    /// | Linux | `$XDG_DATA_HOME/game/saves`, or `~/.local/share/game/saves` |
    /// | macOS, iOS | `~/Library/Application Support/com.studio.Game/saves`; on iOS in the app's container |
    /// | Windows | `%APPDATA%\Studio\Game\data\saves` |
    ///
    /// `domain` is `"com"` or the like, `studio` who makes the game, `game` its name. Keep them: with another name, it is
    /// another folder.
    ///
    /// # Errors
    /// [`SaveError::NoHome`]; what the file system says.
    pub fn of_game(domain: &str, studio: &str, game: &str) -> Result<Self, SaveError> {
        let strategy = choose_native_strategy(AppStrategyArgs {
            top_level_domain: domain.into(),
            author: studio.into(),
            app_name: game.into(),
        });
        Self::at(strategy.map_err(|_| SaveError::NoHome)?.in_data_dir("saves"))
    }

    /// A folder on another machine than ours.
    #[doc(hidden)]
    pub fn in_environment(
        environment: Arc<dyn Environment>,
        path: impl Into<PathBuf>,
    ) -> Result<Self, SaveError> {
        let path = path.into();
        environment.create_folder(&path).map_err(|error| SaveError::io("make the folder", &path, error))?;
        Ok(Self { environment, path })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Opens a save, which need not be there yet, and locks it.
    ///
    /// # Errors
    /// [`SaveError::Name`], [`SaveError::Locked`], [`SaveError::Options`]; what the file system says.
    pub fn open<T: SaveData>(&self, name: &str, options: SaveOptions) -> Result<SaveFile<T>, SaveError> {
        SaveFile::open(self.place(name)?, options)
    }

    /// The names of all saves, in order.
    ///
    /// # Errors
    /// What the file system says.
    pub fn names(&self) -> Result<Vec<String>, SaveError> {
        let files = self.environment.names(&self.path);
        let files = files.map_err(|error| SaveError::io("list", &self.path, error))?;
        let names: BTreeSet<_> = files.iter().filter_map(|file| SaveName::of_generation(file)).collect();
        Ok(names.iter().map(SaveName::to_string).collect())
    }

    /// Whether there is a save of this name, good or not.
    ///
    /// # Errors
    /// [`SaveError::Name`]; what the file system says.
    pub fn exists(&self, name: &str) -> Result<bool, SaveError> {
        Ok(!self.place(name)?.survey()?.is_empty())
    }

    /// What can be seen of a save without its key: every generation, the newest first.
    ///
    /// # Errors
    /// [`SaveError::Name`]; what the file system says.
    pub fn inspect(&self, name: &str) -> Result<Vec<Inspected>, SaveError> {
        let generations = self.place(name)?.survey()?.into_iter();
        Ok(generations.map(|it| Inspected { path: it.path, bytes: it.bytes, header: it.header }).collect())
    }

    /// Locks a save without opening it, such as while it is uploaded.
    ///
    /// # Errors
    /// [`SaveError::Name`], [`SaveError::Locked`]; what the file system says.
    pub fn lock(&self, name: &str, wait: Duration) -> Result<SaveLock, SaveError> {
        SaveLock::take(&self.place(name)?, wait)
    }

    /// Deletes a save, with all its generations, but not those that were set aside. The newest one goes last: should the
    /// machine die meanwhile, the save is there as it was, or gone.
    ///
    /// # Errors
    /// [`SaveError::Name`], [`SaveError::Locked`]; what the file system says.
    pub fn delete(&self, name: &str) -> Result<(), SaveError> {
        let place = self.place(name)?;
        let _lock = SaveLock::take(&place, LOCK_WAIT)?;
        let mut generations = place.survey()?;
        if generations.is_empty() {
            return Ok(());
        }
        let newest = newest(&generations);
        let newest = generations.remove(newest);
        let remove = |path: &Path| {
            place.environment.remove(path).map_err(|error| SaveError::io("delete", path, error))
        };
        for older in &generations {
            remove(&older.path)?;
        }
        self.sync()?;
        remove(&newest.path)?;
        self.sync()
    }

    /// Gives a save another name, with all its generations. The newest one goes first: should the machine die meanwhile,
    /// it has one of the two names.
    ///
    /// # Errors
    /// [`SaveError::Name`], [`SaveError::Locked`] for either name; [`SaveError::Exists`]; what the file system says.
    pub fn rename(&self, from: &str, to: &str) -> Result<(), SaveError> {
        let (from, to) = (self.place(from)?, self.place(to)?);
        let _locks = [SaveLock::take(&from, LOCK_WAIT)?, SaveLock::take(&to, LOCK_WAIT)?];
        if !to.survey()?.is_empty() {
            return Err(SaveError::Exists { name: to.name.to_string() });
        }
        let mut generations = from.survey()?;
        if generations.is_empty() {
            return Ok(());
        }
        let newest = newest(&generations);
        generations.swap(0, newest);
        for generation in &generations {
            let target = to.path(to.name.generation(generation.slot));
            let renamed = self.environment.rename(&generation.path, &target);
            renamed.map_err(|error| SaveError::io("rename", &generation.path, error))?;
            self.sync()?;
        }
        Ok(())
    }

    fn place(&self, name: &str) -> Result<Place, SaveError> {
        let (environment, folder) = (Arc::clone(&self.environment), self.path.clone());
        Ok(Place { environment, folder, name: SaveName::new(name)? })
    }

    fn sync(&self) -> Result<(), SaveError> {
        let synced = self.environment.sync_folder(&self.path);
        synced.map_err(|error| SaveError::io("flush", &self.path, error))
    }
}

/// How long deleting and renaming wait for a save that is open.
const LOCK_WAIT: Duration = Duration::from_secs(1);

/// The first generation whose header can be read; the first of all if there is none.
fn newest(generations: &[crate::generations::Generation]) -> usize {
    generations.iter().position(|generation| generation.header.is_ok()).unwrap_or(0)
}
